"""What has become of one machine's run: by its results file, and else by its last words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.plan import Plan, Task

OK, FAILED = "ok", "failed"
_OURS = ("waitbench: ", "fleet: ")
_OF_CODES = {
    65: "the program cannot be started there",
    66: "the program there is another version",
    67: "the folder of --out is not there on that machine: it has to be shared",
    68: "the backend did not start on its node",
    130: "it was interrupted",
}


@dataclass(frozen=True)
class Row:
    """A run as it ended: `reason` is empty where all is well; `results` is the name of its file,
    which may be there all the same, with what was measured."""

    task: Task
    status: str
    reason: str = ""
    results: str | None = None


def judge(plan: Plan, task: Task, code: int | None = None, why: str = "") -> Row:
    """The row of a run that has ended with this exit code, if it is known. `why` is what stopped
    it, if anything but itself did."""
    context = context_of(plan.results(task))
    name = plan.results(task).name if context else None
    if context is not None and context.get("status") == "complete" and not why and not code:
        return Row(task, OK, "", name)
    reason = why or _own_words(plan.log(task), code)
    if context is not None and context.get("status") == "failed":
        reason = "some of its entries failed; the page of its results has the reasons"
    if context is not None and context.get("status") == "interrupted":
        reason += "; what it had measured is kept"
    return Row(task, FAILED, reason, name)


def is_complete(plan: Plan, task: Task) -> bool:
    """Whether there is nothing left to be done."""
    return judge(plan, task).status == OK


def context_of(results: Path) -> dict[str, Any] | None:
    """The `context` of a results file; None where there is none that can be read."""
    try:
        context = json.loads(results.read_bytes())["context"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return context if isinstance(context, dict) else None


def _own_words(log: Path, code: int | None) -> str:
    """Why a run ended as it did, by the last line that waitbench or the job wrote."""
    try:
        lines = log.read_text(encoding="utf-8", errors="backslashreplace").splitlines()
    except OSError:
        lines = []
    for line in reversed(lines):
        for prefix in _OURS:
            if line.startswith(prefix):
                return line.removeprefix(prefix)
    if code in _OF_CODES:
        return _OF_CODES[code]
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    ended = "it left no results" if code is None else _ending(code)
    return f"{ended}: {last}" if last else ended


def _ending(code: int) -> str:
    return f"it was ended by signal {-code}" if code < 0 else f"it ended with exit code {code}"

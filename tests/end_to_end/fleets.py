"""What the tests of `waitbench fleet` share: small runs, and what a fleet leaves in its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from waitbench_process import PATIENT

MODELS = "^(callback-epoll|coroutine-epoll)$"
# What follows -- for a run of a second. A test's build is not fit to measure with.
SMALL = ("--models", MODELS, "--delay-us", 200, "--in-flight", 4, "--turn-queries", 20,
         "--let-cpus-sleep", "--rounds", 2, "--invocations", 2, *PATIENT)  # fmt: skip
# The same with rounds without end, as far as a test is concerned.
ENDLESS = (*SMALL[:-6], "--rounds", 100_000, "--invocations", 2, *PATIENT)
UNFIT = "--allow-unfit"


def rows_of(folder: Path) -> dict[str, dict[str, Any]]:
    """What fleet.json says of each run, by host, and by profile behind a point if there is one."""
    record = json.loads((folder / "fleet.json").read_text())
    return {
        ".".join(filter(None, (row["host"], row["profile"]))): row for row in record["runs"]
    }


def statuses(folder: Path) -> dict[str, str]:
    """The status of each run."""
    return {name: row["status"] for name, row in rows_of(folder).items()}


def reason(folder: Path, name: str) -> str:
    """Why a run did not end well."""
    return rows_of(folder)[name]["reason"] or ""


def profile_of_file(folder: Path, name: str) -> str:
    """Which profile was asked for, by the command that a results file has."""
    words = json.loads((folder / f"{name}.json").read_text())["context"]["command"]
    return words[words.index("--profile") + 1]


def status_of_file(folder: Path, name: str) -> str:
    """What a results file says of its run."""
    return json.loads((folder / f"{name}.json").read_text())["context"]["status"]

"""SIGKILL at any moment: a valid results file or none, nothing left behind, and --resume."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from plots.data.load import load
from waitbench_process import (
    QUICK,
    WaitbenchRun,
    abstract_sockets_of,
    eventually,
    processes_with,
)

USAGE = 2
MOMENTS = 20
# Five entries in each of four invocations.
SHORT = ("run", "--models", "^(blocking|callback-epoll)$", *QUICK, "--invocations", 4)
ENTRIES = 20


def shared_memory() -> set[str]:
    return {name for name in os.listdir("/dev/shm") if "waitbench" in name}


def entries_in(out: Path) -> int:
    return len(json.loads(out.read_bytes())["benchmarks"]) if out.exists() else -1


def kill_at(moment: int, run: WaitbenchRun, out: Path) -> None:
    """At a moment that lies between two invocations, or before the first: each of five, in turn."""
    entries = (-1, 0, 3, 6, 9)[moment % 5]
    eventually(lambda: entries_in(out) >= entries or run.is_over())
    time.sleep(random.Random(moment).uniform(0, 0.2))
    run.signal(signal.SIGKILL)
    assert run.wait() in (-signal.SIGKILL, 0)  # it may have been over before


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_kill_at_any_moment_leaves_nothing_but_results_that_can_be_completed(
    waitbench, out, moment
):
    run = waitbench(*SHORT, "--out", out)
    kill_at(moment, run, out)
    eventually(lambda: not processes_with(run.mark))
    eventually(lambda: not abstract_sockets_of(run.pid))
    assert not shared_memory()
    kept = len(load([out]).entries) if out.exists() else None
    resumed = waitbench("run", "--resume", out)
    if kept is None:
        assert resumed.wait() == USAGE
        assert resumed.stderr.count("\n") == 1
        return
    assert resumed.wait() == 0, resumed.stderr
    results = load([out])
    assert results.files[0].context["status"] == "complete"
    assert len(results.entries) == ENTRIES >= kept
    assert list(out.parent.iterdir()) == [out], "a draft that the kill left is cleared away"


def test_a_draft_that_a_kill_left_is_cleared_away_by_the_next_run(waitbench, out):
    draft = out.with_name(out.name + ".partial")
    draft.write_text('{"schema_ver')
    assert waitbench(*SHORT, "--out", out).wait() == 0
    assert list(out.parent.iterdir()) == [out]


def test_resume_repeats_only_what_is_missing(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 20,
                    "--seed", 5, "--out", out)  # fmt: skip
    eventually(lambda: out.exists() and len(load([out]).entries) >= 8)
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    before = load([out])
    assert len(before.entries) == before.files[0].context["entries_planned"] == 80
    assert "skipped" in set(before.entries.status), "what is missing has its entry, and a reason"
    whole = before.entries[["interrupted" not in of for of in before.entries["flags"]]]
    assert 8 <= len(whole) < 80

    assert waitbench("run", "--resume", out).wait() == 0
    after = load([out])
    assert set(after.entries.status) == {"ok"}
    assert len(after.entries) == 80
    kept = after.entries.set_index(["invocation", "entry"]).client_cpu_us_per_query
    for entry in whole.itertuples():
        assert kept[(entry.invocation, entry.entry)] == entry.client_cpu_us_per_query
    context = after.files[0].context
    assert context["seed"] == 5
    assert context["status"] == "complete"
    assert context["command"] == before.files[0].context["command"]
    assert len(context["resumed"]) == 1


def test_resuming_what_is_complete_changes_no_entry(waitbench, out):
    assert waitbench(*SHORT, "--out", out).wait() == 0
    before = json.loads(out.read_bytes())["benchmarks"]
    assert waitbench("run", "--resume", out).wait() == 0
    assert json.loads(out.read_bytes())["benchmarks"] == before


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"kernel": "', '"kernel": "not-', "host/kernel"),
        ('"callback-epoll"', '"nosuch"', "start a new run"),
        ('"run"', '"walk"', "not written by a run"),
        ('"schema_version": 2', '"schema_version": 7', "schema_version"),
        ("{", "", "no results file"),
    ],
    ids=["another machine", "another plan", "another command", "another version", "no JSON"],
)
def test_what_does_not_belong_together_is_not_resumed(waitbench, out, old, new, complaint):
    assert waitbench(*SHORT, "--out", out).wait() == 0
    text = out.read_text().replace(old, new)
    out.write_text(text)
    run = waitbench("run", "--resume", out)
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1, run.stderr
    assert run.stderr.startswith(f"waitbench: --resume {out}: ")
    assert complaint in run.stderr
    assert out.read_text() == text


def test_resume_takes_no_other_option(waitbench, out):
    run = waitbench("run", "--resume", out, "--in-flight", 4)
    assert run.wait() == USAGE
    assert "--in-flight excludes --resume" in run.stderr

"""Brokers: processes that ask another process, which owns the connections."""

from __future__ import annotations

import signal

import pytest

from plots.data.load import load
from waitbench_process import (
    CELL,
    ENDLESS,
    PATIENT,
    QUICK,
    ProcessSeen,
    WaitbenchRun,
    children_of,
    eventually,
    processes_with,
)

FAILED = 1
BROKERS = ("--models", "^process-broker-(threads|coroutines)$")
IN_FLIGHT = 4  # as in CELL


def processes_of_trials(run: WaitbenchRun) -> list[list[ProcessSeen]]:
    """Of each trial the broker and then its front ends, once all of them are there."""

    def all_there() -> list[list[ProcessSeen]]:
        families = [children_of(trial.pid) for trial in run.children("trial", '"process-broker')]
        families = [family for family in families if len(family) == IN_FLIGHT + 1]
        return families if len(families) == 5 else []  # the first of the two is entered four times

    return eventually(all_there)


def test_brokers_take_their_turns(waitbench, out):
    run = waitbench("run", *BROKERS, *QUICK, "--transport", "unix,tcp", "--invocations", 1,
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries
    assert set(entries.status) == {"ok"}
    assert set(entries.max_in_flight) == {IN_FLIGHT}
    assert set(entries["style"]) == {"process"}


def test_a_dry_run_counts_them(waitbench, out):
    run = waitbench("run", *BROKERS, *CELL, "--invocations", 1, "--dry-run", "--out", out)
    assert run.wait() == 0, run.stderr
    assert run.stdout.startswith("5 entries of 1 cell"), run.stdout


@pytest.mark.parametrize(("place", "who"), [(0, "the broker"), (1, "a front end")])
def test_one_of_its_processes_that_is_killed_is_the_reason(waitbench, out, place, who):
    run = waitbench("run", *BROKERS, *ENDLESS, "--invocations", 1, "--out", out)
    for family in processes_of_trials(run):
        family[place].kill()
    assert run.wait() == FAILED
    assert set(load([out]).entries.reason) == {f"{who} was killed by signal 9"}


def test_a_kill_of_the_harness_leaves_no_process_behind(waitbench, out):
    run = waitbench("run", *BROKERS, *ENDLESS, "--invocations", 1, "--out", out)
    processes_of_trials(run)
    run.signal(signal.SIGKILL)
    run.wait()
    eventually(lambda: not processes_with(run.mark))


def test_no_descriptor_is_left_open_and_where_there_are_too_few_that_is_said(waitbench):
    """All cases of verification fit into a limit that has room for two descriptors of a query, and
    none into one that has not."""
    few = ["sh", "-c", 'ulimit -n 100 && exec "$@"', "sh"]
    words = ("verify", *BROKERS, "--backend", "delay", *PATIENT)
    runs = {number: waitbench(*words, "--in-flight", number, prefix=few) for number in (20, 40)}
    assert runs[20].wait() == 0, runs[20].stdout + runs[20].stderr
    assert " ok  " in runs[20].stdout
    assert runs[40].wait() == 0, runs[40].stdout + runs[40].stderr
    assert "one of its processes would have 112 descriptors, of which 100 are allowed" in (
        runs[40].stdout
    )

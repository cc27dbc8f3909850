"""Ctrl-C keeps what was measured; a kill leaves no process behind."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from plots.data.load import load
from waitbench_process import (
    CELL,
    ENDLESS,
    INTERRUPTS,
    PATIENT,
    QUICK,
    abstract_sockets_of,
    eventually,
    processes_with,
)

INTERRUPTED = 130


def start_endless(waitbench, out, *more):
    return waitbench(
        "run", "--models", "^(blocking|callback-epoll)$", *ENDLESS, *more, "--out", out
    )


@pytest.mark.parametrize("number", INTERRUPTS)
def test_an_interrupt_keeps_the_rounds_that_were_complete(waitbench, out, number):
    run = start_endless(waitbench, out, "--invocations", 1)
    eventually(lambda: len(run.children("trial")) == 5)
    time.sleep(0.5)  # for some rounds; how many is of no interest
    run.signal(number)
    assert run.wait() == INTERRUPTED
    results = load([out])
    assert results.files[0].context["status"] == "interrupted"
    assert len(results.entries) == 5
    for entry in results.entries.itertuples():
        assert "interrupted" in (entry.flags if entry.rounds else entry.reason)
        assert entry.status == ("ok" if entry.rounds else "skipped")
    # A round counts for all or for none.
    assert results.entries.rounds.nunique() == 1
    assert set(run.stderr.splitlines()[-1:]) == {f"5 entries in {out}"}


@pytest.mark.parametrize("number", INTERRUPTS)
def test_a_signal_that_is_ignored_from_the_start_stays_ignored(waitbench, out, number):
    name = signal.Signals(number).name
    run = waitbench("run", "--models", "callback-epoll", *CELL, *PATIENT, "--rounds", 100,
                    "--invocations", 1, "--out", out,
                    prefix=["env", f"--ignore-signal={name}"])  # fmt: skip
    run.await_child("trial")
    run.signal(number)
    assert run.wait() == 0, run.stderr
    results = load([out])
    assert results.files[0].context["status"] == "complete"
    assert set(results.entries.rounds) == {100}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_comes_twice_at_once_counts_once(waitbench, out, number):
    """timeout(1) sends its signal to its child and to its group; who loses a terminal gets SIGHUP
    from the shell and from the kernel."""
    run = start_endless(waitbench, out, "--invocations", 1)
    eventually(lambda: len(run.children("trial")) == 5)
    for _ in range(10):
        run.signal(number)
        time.sleep(0.001)  # for the first to be delivered
    assert run.wait() == INTERRUPTED, run.stderr
    assert load([out]).files[0].context["status"] == "interrupted"


def test_an_interrupt_keeps_the_invocations_that_were_complete(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 1000,
                    "--out", out)  # fmt: skip
    eventually(lambda: out.exists() and len(load([out]).entries) >= 8)
    run.signal(signal.SIGINT)
    assert run.wait() == INTERRUPTED
    entries = load([out]).entries
    assert len(entries) >= 8
    assert set(entries[entries.invocation < 2].status) == {"ok"}


def test_an_interrupt_at_any_moment_leaves_valid_results(waitbench, tmp_path):
    moments = random.Random(1)
    for attempt in range(8):
        out = tmp_path / f"results-{attempt}.json"
        run = start_endless(waitbench, out, "--invocations", 1)
        run.await_child("serve")  # from here on interrupts are caught
        time.sleep(moments.uniform(0, 0.15))
        run.signal(signal.SIGINT)
        assert run.wait() == INTERRUPTED, run.stderr
        entries = load([out]).entries
        assert len(entries) == 5
        assert "failed" not in set(entries.status), list(entries.reason)


def test_a_second_interrupt_ends_it_the_hard_way(waitbench, out):
    run = start_endless(waitbench, out, "--invocations", 1)
    trial = run.await_child("trial")
    os.kill(trial.pid, signal.SIGSTOP)
    run.signal(signal.SIGINT)
    time.sleep(0.6)  # sooner ones are taken for copies of the first
    if not run.is_over():
        run.signal(signal.SIGINT)
    assert run.wait() in (INTERRUPTED, -signal.SIGINT)
    eventually(lambda: not processes_with(run.mark))


def test_verification_can_be_interrupted(waitbench):
    run = waitbench("verify", "--models", "callback-epoll", *PATIENT)
    run.await_child("trial")
    run.signal(signal.SIGINT)
    assert run.wait() == INTERRUPTED
    assert "interrupted" in run.stderr


def test_a_kill_ends_even_a_trial_that_does_nothing_any_more(waitbench, out):
    """One that notices that its backend is gone would end by itself."""
    run = start_endless(waitbench, out, "--invocations", 1)
    os.kill(run.await_child("trial").pid, signal.SIGSTOP)
    run.signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    eventually(lambda: not processes_with(run.mark))


def test_the_sockets_that_are_looked_for_are_there_while_it_runs(waitbench, out):
    """Else the test above could not fail."""
    run = start_endless(waitbench, out, "--invocations", 1)
    eventually(lambda: abstract_sockets_of(run.pid))
    assert processes_with(run.mark)


def test_serve_ends_in_good_order(waitbench):
    run = waitbench("serve")
    assert run.first_line().startswith("serving on 127.0.0.1:")
    run.signal(signal.SIGINT)
    assert run.wait() == 0
    assert run.stderr == ""

"""A run that is stopped for a while (Ctrl-Z, SIGSTOP) and goes on: no model is blamed for the time
in which the harness did not look, and the results say that it was so."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator

import pytest

from plots.data.load import load
from waitbench_process import BOUND_S, ProcessSeen, processes_with

STOP_S = 9  # longer than the limit of a turn, which is 7.2 s
ROUNDS = 12


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal, on which a run shows each round: the test's, and the run's."""
    ends = os.openpty()
    yield ends
    for end in ends:
        os.close(end)


def start(waitbench, out, stderr):
    """Turns of 250 ms, nearly all of which is waiting."""
    return waitbench("run", "--models", "callback-epoll", "--delay-us", 5000, "--delay-shape",
                     "constant", "--in-flight", 4, "--turn-queries", 200, "--rounds", ROUNDS,
                     "--invocations", 1, "--deadline-ms", 20_000, "--out", out,
                     prefix=["/usr/bin/env", "TERM=xterm"], stderr=stderr)  # fmt: skip


def await_first_round(terminal: int) -> None:
    """Until the run shows medians, so that a round is complete. The turns before, to warm up, are
    not recorded."""
    shown = ""
    end = time.monotonic() + BOUND_S
    while "so far" not in shown:
        left = end - time.monotonic()
        assert left > 0 and select.select([terminal], [], [], left)[0], shown
        shown += os.read(terminal, 4096).decode()
    time.sleep(0.1)  # between two turns nothing could be disturbed: into the midst of the next one


def others(run) -> list[ProcessSeen]:
    """The processes of the run beside the harness."""
    return [seen for seen in processes_with(run.mark) if seen.pid != run.pid]


def signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


@pytest.mark.parametrize("stopped", ["all its processes", "the harness, and its trials longer"])
def test_a_run_that_was_stopped_longer_than_its_deadline_is_ok_and_flagged(
    waitbench, out, terminal, stopped
):
    ours, its = terminal
    run = start(waitbench, out, its)
    await_first_round(ours)
    if stopped == "all its processes":
        first, then = [run.pid, *(seen.pid for seen in others(run))], []
    else:
        first, then = [run.pid], [seen.pid for seen in run.children("trial")]
    signal_all([*first, *then], signal.SIGSTOP)
    time.sleep(STOP_S)
    signal_all(first, signal.SIGCONT)
    time.sleep(0.3 if then else 0)  # in which the harness finds its deadline past, and no report
    signal_all(then, signal.SIGCONT)
    assert run.wait() == 0
    entries = load([out]).entries
    assert set(entries.status) == {"ok"}, set(entries.reason)
    assert any("harness-stopped" in flags for flags in entries["flags"])
    assert set(entries.rounds) == {ROUNDS}

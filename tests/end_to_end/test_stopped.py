"""A run that is stopped for a while (Ctrl-Z, SIGSTOP) and goes on: nobody is blamed for the time in
which nobody looked, and the results say that it was so."""

from __future__ import annotations

import os
import signal
import time

import pytest

from plots.data.load import load
from waitbench_process import eventually, processes_with

STOP_S = 5  # longer than the limit of a turn, which is 4.2 s


def start(waitbench, out):
    """Turns of 250 ms, nearly all of which is waiting."""
    return waitbench("run", "--models", "callback-epoll", "--delay-us", 5000, "--delay-shape",
                     "constant", "--in-flight", 4, "--turn-queries", 200, "--rounds", 12,
                     "--invocations", 1, "--deadline-ms", 2000, "--out", out)  # fmt: skip


@pytest.mark.parametrize("stopped", ["the harness", "all processes"])
def test_a_run_that_was_stopped_longer_than_its_deadline_is_ok_and_flagged(
    waitbench, out, stopped
):
    run = start(waitbench, out)
    eventually(lambda: len(run.children("trial")) == 2)
    for _ in range(2):  # the first may fall into a turn to warm up, which is not recorded
        time.sleep(1)
        pids = [run.pid]
        if stopped == "all processes":
            pids += [seen.pid for seen in processes_with(run.mark) if seen.pid != run.pid]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(STOP_S)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries
    assert set(entries.status) == {"ok"}, set(entries.reason)
    assert any("harness-stopped" in flags for flags in entries["flags"])
    assert set(entries.rounds) == {12}

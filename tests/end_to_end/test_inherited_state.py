"""What a process inherits from the one that starts it: signals that are ignored or blocked,
descriptors that are closed, limits. A run does not depend on it."""

from __future__ import annotations

import signal

import pytest

from plots.data.load import load
from waitbench_process import ENDLESS, PATIENT, QUICK

INTERRUPTED = 130
USUAL = ("run", "--models", "^(callback-epoll|process-pool)$", *QUICK, "--invocations", 1)
STATES = {
    "SIGCHLD is ignored": ["env", "--ignore-signal=CHLD"],
    "SIGPIPE is ignored": ["env", "--ignore-signal=PIPE"],
    "all signals are ignored": ["env", "--ignore-signal"],
    "all signals are blocked": ["env", "--block-signal"],
    "standard input is closed": ["sh", "-c", 'exec "$@" <&-', "sh"],
    "all standard descriptors are closed": ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"],
}


@pytest.mark.parametrize("prefix", STATES.values(), ids=STATES.keys())
def test_a_run_is_as_good_as_any_where(waitbench, out, prefix):
    run = waitbench(*USUAL, "--out", out, prefix=prefix)
    assert run.wait() == 0, run.stderr
    results = load([out])
    assert results.files[0].context["status"] == "complete"
    assert set(results.entries.status) == {"ok"}, list(results.entries.reason)
    assert list(out.parent.iterdir()) == [out]


def test_children_are_waited_for_where_their_signal_is_ignored(waitbench, out):
    """By a switch benchmark whose process starts processes itself, and by verification."""
    ignored = ["env", "--ignore-signal=CHLD"]
    switch = waitbench("switch", "--benchmark_filter", "spawn/process$", "--rounds", 1,
                       "--benchmark_min_time", 0.001, "--out", out, prefix=ignored)  # fmt: skip
    assert switch.wait() == 0, switch.stderr
    assert set(load([out]).micro.status) == {"ok"}
    verify = waitbench("verify", "--models", "^process-pool$", "--in-flight", 7, *PATIENT,
                       prefix=ignored)  # fmt: skip
    assert verify.wait() == 0, verify.stdout


def test_a_signal_that_is_blocked_from_the_start_interrupts_all_the_same(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", *ENDLESS, "--invocations", 1,
                    "--out", out, prefix=["env", "--block-signal"])  # fmt: skip
    run.await_child("trial")
    run.signal(signal.SIGTERM)
    assert run.wait() == INTERRUPTED
    assert load([out]).files[0].context["status"] == "interrupted"


def test_a_results_file_beyond_the_size_limit_of_files_is_one_clear_line(waitbench, out):
    """By default the kernel kills who writes beyond it (SIGXFSZ)."""
    run = waitbench("switch", "--benchmark_filter", "delegate", "--rounds", 1,
                    "--benchmark_min_time", 0.0001, "--out", out,
                    prefix=["prlimit", "--fsize=20000"])  # fmt: skip
    assert run.wait() == 1
    last = run.stderr.splitlines()[-1]
    assert last.startswith("waitbench: cannot write") and "File too large" in last

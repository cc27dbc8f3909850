"""Every model waits as its name says: its system calls, and the threads and processes that it
starts, are those of its style and engine, and no others."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from mechanism import Mechanism, expectation_of, strace_command, trials_in
from plots.data.load import load
from waitbench_process import PATIENT, built_program

# More connections than a pool has workers (4, unless told otherwise), so that pools and
# one-per-connection models differ.
CELL = ("--in-flight", 7, "--delay-us", 200)
SMALL = ("--turn-queries", 50, "--rounds", 1, "--invocations", 1, *PATIENT)


def _catalog() -> list[dict]:
    words = [built_program(), "list", "--json"]
    return json.loads(subprocess.run(words, capture_output=True, check=True, timeout=60).stdout)


def pytest_generate_tests(metafunc):
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", _catalog(), ids=lambda model: model["name"])


@pytest.fixture(scope="module")
def can_trace() -> None:
    """Skips what needs strace where there is none, or where it is not allowed to trace."""
    if shutil.which("strace") is None:
        pytest.skip("no strace here, so no model's system calls can be looked at")
    attempt = ["strace", "-f", "-o", "/dev/null", "true"]
    probe = subprocess.run(attempt, capture_output=True, text=True, timeout=60)
    if probe.returncode != 0:
        pytest.skip(f"no process may be traced here: {probe.stderr.strip()}")


@pytest.fixture
def trace(can_trace, waitbench, out, tmp_path):
    """Runs a model in a small cell over each transport, and gives what is known of its trials:
    their mechanisms, and how many queries it can have in flight."""

    def trials_of(name: str) -> tuple[list[Mechanism], int]:
        log = tmp_path / "strace.log"
        run = waitbench("run", "--models", f"^{name}$", *CELL, *SMALL, "--transport", "tcp,unix",
                        "--out", out, prefix=strace_command(log))  # fmt: skip
        assert run.wait() == 0, run.stderr
        entries = load([out]).entries
        assert set(entries.status) == {"ok"}
        trials = trials_in(log.read_text())
        assert len(trials) == len(entries)
        return trials, int(entries.max_in_flight.iloc[0])

    return trials_of


def test_a_model_waits_as_its_name_says(model, trace):
    if not model["available"]:
        pytest.skip(model["reason"])
    trials, max_in_flight = trace(model["name"])
    expectation = expectation_of(model["style"], model["engine"], max_in_flight, model["name"])
    assert [expectation.complaints(trial) for trial in trials] == [[]] * len(trials)


def test_a_model_that_waits_in_another_way_than_it_says_is_found_out(trace):
    trials, max_in_flight = trace("callback-epoll")
    for engine in ("select", "poll", "libuv", "io_uring"):
        claimed = expectation_of("callback", engine, max_in_flight)
        assert all(claimed.complaints(trial) for trial in trials), engine
    claimed_select = expectation_of("callback", "select", max_in_flight)
    assert claimed_select.complaints(trials[0]) == [
        "it never waited by pselect6, select",
        "it called epoll_pwait2",
    ]


def test_a_model_with_other_threads_than_it_says_is_found_out(trace):
    trials, max_in_flight = trace("thread-pool")
    workers = max_in_flight  # fewer than the cell has in flight
    assert 1 < workers < 7
    complaints = {
        claim: expectation_of(claim, None, in_flight).complaints(trials[0])
        for claim, in_flight in (("blocking", 1), ("thread", 7), ("process", workers))
    }
    threads = f"it started {workers} threads"
    assert complaints == {
        "blocking": [f"{threads}, not 0"],
        "thread": [f"{threads}, not 7"],
        "process": [f"{threads}, not 0", f"it started 0 processes, not {workers}"],
    }


def test_a_broker_that_passes_on_no_pipes_is_found_out(trace):
    trials, max_in_flight = trace("process-per-connection")
    claimed = expectation_of("process", None, max_in_flight, "process-broker-threads")
    assert [claimed.complaints(trial) for trial in trials] == [
        [
            "it never called pipe2, recvmsg, sendmsg",
            "it started 0 threads, not 7",
            "it started 7 processes, not 8",
        ]
    ] * len(trials)


def test_a_new_style_or_engine_must_say_what_is_expected_of_it():
    for style, engine in (("callback", "kqueue"), ("actor", "epoll"), ("actor", None)):
        with pytest.raises(LookupError):
            expectation_of(style, engine, 1)


def test_a_log_is_read_with_calls_that_others_interrupt():
    log = r"""
10 execve("/usr/bin/waitbench", ["waitbench", "run"], 0x7 /* 9 vars */) = 0
10 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
11 execve("/proc/self/exe", ["waitbench", "trial", "{}"], 0x7 /* 9 vars */ <unfinished ...>
10 <... clone resumed>, child_tidptr=0x7) = 11
10 epoll_wait(3, [], 8, 0) = 0
11 <... execve resumed>)            = 0
11 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} <unfinished ...>
12 select(4, [3], NULL, NULL, NULL <unfinished ...>
11 <... clone3 resumed> => {parent_tid=[12]}, 88) = 12
11 clone(child_stack=NULL, flags=SIGCHLD) = -1 EAGAIN (Resource temporarily unavailable)
12 --- SIGCHLD {si_signo=SIGCHLD} ---
12 +++ killed by SIGKILL +++
"""
    [trial] = trials_in(log)
    assert trial == Mechanism({"execve", "clone", "clone3", "select"}, threads=1, processes=0)

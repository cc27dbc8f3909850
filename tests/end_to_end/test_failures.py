"""What goes wrong while a run is under way: rows with reasons, the right exit code, valid files."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from plots.data.load import load
from plots.report.pitfalls import pitfall_rows
from plots.analysis.study import Study
from waitbench_process import CELL, ENDLESS, PATIENT, QUICK, children_of, eventually

FAILED = 1
NAMES_BACKEND = re.compile("backend|Connection reset|Broken pipe")


def held_trials(run, number: int) -> list:
    """The trials of the run, once `number` of them are there and it has begun to take turns."""
    return eventually(lambda: len(found := run.children("trial")) >= number and found)


def test_a_backend_killed_before_it_is_ready_fails_the_rows_with_the_reason(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 1, "--out", out)
    run.await_child("serve").kill()
    assert run.wait() == FAILED
    entries = load([out]).entries
    assert set(entries.status) == {"failed"}
    assert all(NAMES_BACKEND.search(reason) for reason in entries.reason)


def test_a_backend_killed_in_mid_run_fails_its_rows_and_no_others(waitbench, out):
    run = waitbench("run", "--models", "^(blocking|callback-epoll)$", *CELL, *PATIENT,
                    "--rounds", 200, "--invocations", 2, "--out", out)  # fmt: skip
    held_trials(run, 5)
    run.await_child("serve").kill()
    assert run.wait() == FAILED
    results = load([out])
    assert results.files[0].context["status"] == "failed"
    first = results.entries[results.entries.invocation == 0]
    second = results.entries[results.entries.invocation == 1]
    assert len(first) == len(second) == 5
    assert set(first.status) == {"failed"}
    assert all(NAMES_BACKEND.search(reason) for reason in first.reason)
    assert set(second.status) == {"ok"}
    assert "failed: " in run.stderr


def test_a_trial_killed_in_mid_run_has_its_reason_and_the_others_go_on(waitbench, out):
    run = waitbench("run", "--models", "^(blocking|callback-epoll)$", *CELL, *PATIENT,
                    "--rounds", 100, "--invocations", 1, "--out", out)  # fmt: skip
    held_trials(run, 5)
    run.await_child("trial", '"participant":"blocking"').kill()
    assert run.wait() == FAILED
    entries = load([out]).entries.set_index(["model", "entry"])
    assert entries.status[("blocking", 0)] == "failed"
    assert "killed by signal 9" in entries.reason[("blocking", 0)]
    assert entries.status[("callback-epoll", 0)] == "ok"
    assert entries.rounds[("callback-epoll", 0)] == 100
    assert "query/blocking/" in run.stderr


def test_a_worker_process_that_is_killed_is_the_reason(waitbench, out):
    """By the deadline, which is minutes away, there would be another one."""
    run = waitbench("run", "--models", "^(thread-pool|callback-epoll)$", *ENDLESS,
                    "--block-us", 100, "--offload", "processes:2", "--invocations", 1,
                    "--out", out)  # fmt: skip

    def one_of_each_trial() -> list:
        trials = [child for child in children_of(run.pid) if child.words[1:2] == ("trial",)]
        workers = [children_of(trial.pid)[:1] for trial in trials]
        return sum(workers, []) if len(workers) == 5 and all(workers) else []

    for worker in eventually(one_of_each_trial):
        worker.kill()
    assert run.wait() == FAILED
    assert set(load([out]).entries.reason) == {"a worker process was killed by signal 9"}


def test_a_trial_that_is_killed_as_it_starts_has_its_reason_too(waitbench, out):
    run = waitbench("run", "--models", "^(blocking|callback-epoll)$", *QUICK,
                    "--invocations", 1, "--out", out)  # fmt: skip
    run.await_child("trial").kill()
    assert run.wait() in (0, FAILED)  # it may have been over before
    statuses = list(load([out]).entries.status)
    assert len(statuses) == 5
    assert statuses.count("failed") <= 1


def test_a_model_that_is_secretly_serial_fails_with_how_far_it_got_as_a_number(waitbench, out):
    run = waitbench("run", "--models", "^pitfall-awaits-in-turn$", *CELL, "--rounds", 2,
                    "--invocations", 1, "--deadline-ms", 5000, "--out", out)  # fmt: skip
    assert run.wait() == FAILED
    results = load([out])
    assert set(results.entries.status) == {"failed"}
    assert set(results.entries.in_flight_peak_backend) == {1}
    (row,) = pitfall_rows(Study(results))
    assert row["got"] == "in flight 1 of 4"


@pytest.mark.parametrize(
    ("seam", "model"),
    [((), "thread-per-connection"), (("--seam",), "handwritten-thread-per-connection")],
)
def test_threads_that_the_machine_refuses_are_the_reason_of_their_row(waitbench, out, seam, model):
    if not shutil.which("prlimit"):
        pytest.skip("prlimit is not here")
    run = waitbench("run", "--models", "^(callback-epoll|thread-per-connection)$", *seam,
                    "--delay-us", 200, "--in-flight", 900, "--turn-queries", 1000, "--rounds", 1,
                    "--invocations", 1, *PATIENT, "--out", out,
                    prefix=["prlimit", f"--as={3 << 30}", f"--stack={8 << 20}"])  # fmt: skip
    assert run.wait() == FAILED
    entries = load([out]).entries.set_index(["model", "entry"])
    assert "cannot start a thread" in entries.reason[(model, 0)]
    assert entries.status[("callback-epoll", 0)] == "ok"


def test_the_file_is_valid_at_every_moment_of_a_run(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 20, "--out", out)
    eventually(out.exists)
    sizes = set()
    while not run.is_over():
        sizes.add(len(json.loads(out.read_text())["benchmarks"]))
    assert run.wait() == 0
    assert len(sizes) > 1, "it grew while it was looked at"
    assert list(Path(out.parent).iterdir()) == [out]
    assert len(load([out]).entries) == 80


def test_a_run_without_end_is_ended_by_its_test(waitbench, out):
    """What the other tests rely on: whatever is left over is found and ended."""
    run = waitbench("run", "--models", "callback-epoll", *ENDLESS, "--invocations", 1, "--out", out)
    held_trials(run, 2)
    run.kill()
    eventually(lambda: not run.children("trial") and not run.children("serve"))

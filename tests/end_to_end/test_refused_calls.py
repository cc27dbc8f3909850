"""System calls that a kernel is too old for, or that a container's filter refuses: what depends on
them says so, and all else goes on."""

from __future__ import annotations

import json

import pytest

from plots.data.load import load
from refused_calls import refusing
from waitbench_process import ENDLESS, QUICK, eventually

ERRORS = ("ENOSYS", "EPERM")
each_error = pytest.mark.parametrize("error", ERRORS)


def opinion_on(check: str, doctor: str) -> dict:
    (found,) = (entry for entry in json.loads(doctor) if entry["check"] == check)
    return found


@each_error
def test_the_list_and_the_doctor_say_that_io_uring_is_refused(waitbench, error):
    prefix = refusing(io_uring_setup=error)
    as_text, as_json = waitbench("list", prefix=prefix), waitbench("list", "--json", prefix=prefix)
    assert as_text.wait() == as_json.wait() == 0
    refused = [model for model in json.loads(as_json.stdout) if not model["available"]]
    assert {model["engine"] for model in refused} == {"io_uring"}
    assert as_text.stdout.count(" (not here: ") == len(refused) > 0
    doctor = waitbench("doctor", "--json", prefix=prefix)
    doctor.wait()
    opinion = opinion_on("io_uring", doctor.stdout)
    assert opinion["level"] == "advice"
    assert all(model["reason"] == opinion["found"] for model in refused)


def test_models_on_a_refused_engine_have_rows_with_the_reason(waitbench, out):
    run = waitbench("run", "--models", "^(callback|coroutine)-(io_uring|epoll)$", *QUICK,
                    "--invocations", 1, "--out", out,
                    prefix=refusing(io_uring_setup="EPERM"))  # fmt: skip
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries
    for entry in entries.itertuples():
        is_refused = entry.model.endswith("io_uring")
        assert entry.status == ("skipped" if is_refused else "ok")
        assert not is_refused or "io_uring" in entry.reason


@each_error
def test_a_run_does_without_descriptors_of_processes(waitbench, out, error):
    prefix = refusing(pidfd_open=error)
    run = waitbench("run", "--models", "^(callback-epoll|process-pool)$", *QUICK,
                    "--invocations", 1, "--out", out, prefix=prefix)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}


def test_the_end_of_a_trial_is_noticed_without_descriptors_of_processes(waitbench, out):
    run = waitbench("run", "--models", "^callback-epoll$", *ENDLESS, "--invocations", 1,
                    "--out", out,
                    prefix=refusing(pidfd_open="ENOSYS"))  # fmt: skip
    for trial in eventually(lambda: len(found := run.children("trial")) == 4 and found):
        trial.kill()
    assert run.wait() == 1
    entries = load([out]).entries
    assert all("killed by signal 9" in reason for reason in entries.reason), list(entries.reason)


@each_error
def test_the_doctor_says_that_epoll_pwait2_is_refused(waitbench, error):
    doctor = waitbench("doctor", "--json", prefix=refusing(epoll_pwait2=error))
    doctor.wait()
    assert opinion_on("epoll_pwait2", doctor.stdout)["level"] == "advice"


@each_error
def test_a_run_does_without_epoll_pwait2(waitbench, out, error):
    run = waitbench("run", "--models", "-epoll$", *QUICK, "--invocations", 1, "--out", out,
                    prefix=refusing(epoll_pwait2=error))  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}

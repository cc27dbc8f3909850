"""The doctor: a check-list for people, the same as JSON, and in every results file."""

from __future__ import annotations

import json

from plots.data.load import load
from waitbench_process import QUICK

USAGE = 2


def test_the_doctor_says_of_each_check_what_it_found(waitbench):
    as_text, as_json = waitbench("doctor"), waitbench("doctor", "--json")
    assert as_text.wait() in (0, 1)
    code = as_json.wait()
    diagnoses = json.loads(as_json.stdout)
    assert code == ("unfit" in {diagnosis["level"] for diagnosis in diagnoses})
    lines = as_text.stdout.splitlines()
    printed = [line.split()[1] for line in lines[:-1] if not line.startswith(" ")]
    assert printed == [diagnosis["check"] for diagnosis in diagnoses]
    assert lines[-1].startswith(("fit to measure on: ", "not fit to measure on: "))
    for diagnosis in diagnoses:
        assert diagnosis["found"]
        assert (diagnosis["advice"] is None) == (diagnosis["level"] == "ok")


def test_a_run_records_what_the_doctor_found(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 1, "--out", out)
    assert run.wait() == 0, run.stderr
    context = load([out]).files[0].context
    by_check = {diagnosis["check"]: diagnosis for diagnosis in context["doctor"]}
    assert by_check["build"]["found"] == context["build"]["type"]
    unfit = [name for name, diagnosis in by_check.items() if diagnosis["level"] == "unfit"]
    said = [line for line in run.stderr.splitlines() if line.startswith("not fit to measure on")]
    assert len(said) == bool(unfit)
    assert all(name in said[0] for name in unfit)


def test_strict_refuses_a_machine_that_is_not_fit(waitbench, out):
    """A quota, other programs or a debug build: what it is, the doctor says beforehand."""
    doctor = waitbench("doctor", "--json")
    doctor.wait()
    levels = {entry["check"]: entry["level"] for entry in json.loads(doctor.stdout)}
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 1, "--strict",
                    "--out", out)  # fmt: skip
    code = run.wait()
    if levels["build"] == "unfit":  # which, unlike other programs, stays so
        assert code == USAGE
    if code == USAGE:
        assert run.stderr.count("\n") == 1
        assert run.stderr.startswith("waitbench: --strict: not fit to measure on: ")
        assert not out.exists()
    else:
        assert code == 0
        assert "unfit" not in {entry["level"] for entry in load([out]).files[0].context["doctor"]}

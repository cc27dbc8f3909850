"""waitbench switch: results in both formats, every benchmark explained, and an end at any time."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys

import pytest

from plots.data.load import load
from waitbench_process import PATIENT, eventually, processes_with

# A few benchmarks of each family, each for a moment.
SMALL = (
    "switch/(callback|thread-pipe)/contexts:2/working_set:0|delegate/fiber/depth:4"
    "|wake/(poll|select)/watched:(8|4096)/ready:1$|spawn/coroutine$"
)
QUICK = ("--benchmark_min_time", 0.0001, "--rounds", 2, *PATIENT)
LOOP = "switch/loop/contexts:2/working_set:0"


def test_a_run_writes_valid_results_of_what_was_asked_for(waitbench, out):
    run = waitbench("switch", "--benchmark_filter", SMALL, *QUICK, "--seed", 0, "--out", out)
    assert run.wait() == 0, run.stderr
    results = load([out])
    assert len(results.entries) == 0, "none of them is about queries"
    micro = results.micro.set_index("name")
    assert set(micro.family) == {"switch", "delegate", "wake", "spawn"}
    assert LOOP in micro.index, "what is subtracted is measured too"
    measured = micro[micro.status == "ok"]
    assert set(measured.rounds) == {2}
    assert measured.nanoseconds_per_operation.notna().all()
    assert (measured.baseline.drop(LOOP) == LOOP).all()
    context = results.files[0].context
    assert (context["seed"], context["status"]) == (0, "complete")
    assert context["command"][1] == "switch"
    assert context["host"]["cpus"] >= 1


def test_what_cannot_run_has_its_row_and_the_reason(waitbench, out):
    run = waitbench("switch", "--benchmark_filter", SMALL, *QUICK, "--out", out)
    assert run.wait() == 0, run.stderr
    micro = load([out]).micro.set_index("name")
    too_many = micro.loc["wake/select/watched:4096/ready:1"]
    assert too_many.status == "skipped"
    assert "1000 connections" in too_many.reason
    across = micro.loc["switch/thread-pipe/contexts:2/working_set:0/cross-cpu"]
    if len(os.sched_getaffinity(0)) == 1:
        assert "one core" in across.reason


def test_every_turn_of_a_round_has_a_place_of_its_own(waitbench, out):
    run = waitbench("switch", "--benchmark_filter", "delegate/coroutine", *QUICK, "--out", out)
    assert run.wait() == 0, run.stderr
    for _, together in load([out]).micro_rounds.groupby("round"):
        assert sorted(together.order) == list(range(len(together)))


def test_another_program_that_takes_a_cpu_is_flagged(waitbench, out):
    with subprocess.Popen((sys.executable, "-c", "while True: pass")) as other:
        try:
            run = waitbench("switch", "--benchmark_filter", "delegate/fiber/depth:1$",
                            "--benchmark_min_time", 0.2, "--rounds", 1, "--out", out)  # fmt: skip
            assert run.wait() == 0, run.stderr
        finally:
            other.kill()
    for entry in json.loads(out.read_text())["benchmarks"]:
        assert entry["flags"] == ["foreign-cpu"]
        (share,) = entry["rounds"]["foreign_cpu_share"]
        assert 0.02 < share <= 1


def test_the_list_explains_every_benchmark_in_one_line(waitbench):
    names, explained = waitbench("switch", "--benchmark_list_tests"), waitbench("switch", "--list")
    assert names.wait() == explained.wait() == 0
    lines = explained.stdout.splitlines()
    assert [line.split()[0] for line in lines] == names.stdout.splitlines()
    assert all(len(line.split()) >= 5 for line in lines)


def test_google_benchmarks_json_has_the_rounds_as_repetitions(waitbench, tmp_path):
    target = tmp_path / "google.json"
    run = waitbench("switch", "--benchmark_filter=delegate/fiber/depth:1$",
                    "--benchmark_min_time=0.0001", "--benchmark_repetitions=3",
                    "--benchmark_format=json", f"--benchmark_out={target}")  # fmt: skip
    assert run.wait() == 0, run.stderr
    for text in (run.stdout, target.read_text()):
        entries = [
            entry
            for entry in json.loads(text)["benchmarks"]
            if entry["run_name"] == "delegate/fiber/depth:1"
        ]
        assert [entry["run_type"] for entry in entries] == ["iteration"] * 3 + ["aggregate"]
        assert all(entry["label"] for entry in entries)
        assert all(entry["real_time"] > 0 for entry in entries)


def test_the_console_has_a_line_for_each_and_csv_a_table(waitbench):
    common = ("switch", "--benchmark_filter", "delegate/fiber/depth:1$", *QUICK)
    console, table = waitbench(*common), waitbench(*common, "--benchmark_format", "csv")
    assert console.wait() == table.wait() == 0
    assert sum("delegate/fiber" in line for line in console.stdout.splitlines()) == 1
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert sum(row["name"].startswith("delegate/fiber") for row in rows) == 3


def test_a_million_coroutines_sleep_in_250_mb_and_come_back(waitbench, out):
    run = waitbench("switch", "--benchmark_filter", "spawn/coroutine/tasks", "--rounds", 1,
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    micro = load([out]).micro.set_index("model")
    coroutine = micro.loc["coroutine"]
    if coroutine.tasks < 1_000_000:
        pytest.skip(f"this machine has room for {coroutine.tasks}: {coroutine.limit}")
    assert coroutine.bytes_per_task * coroutine.tasks <= 250e6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_the_rounds_that_were_complete(waitbench, out, number):
    run = waitbench("switch", "--benchmark_filter", "spawn/(process|thread)$", "--rounds", 100_000,
                    "--benchmark_min_time", 0.0001, *PATIENT, "--out", out)  # fmt: skip
    eventually(lambda: out.exists() and load([out]).micro.rounds.max() >= 2)
    run.signal(number)
    assert run.wait() == 130
    results = load([out])
    assert results.files[0].context["status"] == "interrupted"
    assert results.micro.rounds.nunique() == 1
    assert results.micro.rounds.min() >= 2
    assert all("interrupted" in flags for flags in results.micro["flags"])


def test_an_interrupt_before_the_first_round_is_over_leaves_reasons(waitbench, out):
    run = waitbench("switch", "--benchmark_filter", "process", "--out", out)
    run.await_child("turn")
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    micro = load([out]).micro
    assert set(micro.status) == {"skipped"}
    assert all("interrupted" in reason for reason in micro.reason)
    eventually(lambda: not processes_with(run.mark))


def test_a_turn_that_is_killed_is_a_failed_row_and_the_others_go_on(waitbench, out):
    run = waitbench("switch", "--benchmark_filter", "spawn/(process|coroutine)$", "--rounds", 2,
                    "--benchmark_min_time", 0.3, *PATIENT, "--out", out)  # fmt: skip
    run.await_child("turn", "spawn/process").kill()
    assert run.wait() == 1
    micro = load([out]).micro.set_index("name")
    assert micro.status["spawn/process"] == "failed"
    assert "killed by signal 9" in micro.reason["spawn/process"]
    assert micro.status["spawn/coroutine"] == "ok"


def test_a_turn_that_takes_too_long_is_a_failed_row(waitbench, out):
    run = waitbench("switch", "--benchmark_filter", "delegate/fiber/depth:1$", "--rounds", 1,
                    "--benchmark_min_time", 30, "--deadline-ms", 200, "--out", out)  # fmt: skip
    assert run.wait() == 1
    micro = load([out]).micro.set_index("name")
    assert "did not end within 0.2 s" in micro.reason["delegate/fiber/depth:1"]
    eventually(lambda: not processes_with(run.mark))

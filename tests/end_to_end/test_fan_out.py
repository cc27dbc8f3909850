"""Tasks that ask several queries at once, as a user runs them: what is in the results, what is on
the page, and who does not take part."""

from __future__ import annotations

import json
import subprocess

import pytest

from plots.data.load import load
from waitbench_process import BOUND_S, PATIENT

MODELS = "^(blocking|thread-per-connection|process-per-connection|callback-epoll|coroutine-libuv)$"
BRIEF = ("--in-flight", 8, "--delay-us", 200, "--turn-queries", 50, "--rounds", 1,
         "--invocations", 1, *PATIENT)  # fmt: skip


@pytest.fixture(scope="module")
def entries(program, tmp_path_factory):
    """Those of a run with a fan-out of 1 and of 4, by model and fan-out, and the page of it."""
    out = tmp_path_factory.mktemp("fan out") / "results.json"
    words = ("--models", MODELS, "--fan-out", "1,4", *BRIEF, "--out", out)
    for command in (["run", *words], ["report", out, "-o", out.parent]):
        subprocess.run([program, *map(str, command)], check=True, timeout=BOUND_S)
    load([out])
    assert (out.parent / "fan_out.svg").is_file()
    found = json.loads(out.read_text())["benchmarks"]
    return {(entry["model"], entry["fan_out"]): entry for entry in found}


def test_a_turn_has_whole_fan_outs(entries):
    assert {fan_out for _, fan_out in entries} == {1, 4}
    for (model, fan_out), entry in entries.items():
        if entry["status"] == "ok" and model != "blocking":
            assert (entry["queries"], entry["max_in_flight"]) == (50 if fan_out == 1 else 52, 8)
            assert entry["in_flight_peak_backend"] == 8


def test_who_asks_one_after_another_is_shown_as_what_it_is(entries):
    entry = entries["blocking", 4]
    assert (entry["status"], entry["max_in_flight"], entry["queries"]) == ("ok", 1, 20)


def test_a_process_takes_no_part_and_its_row_says_why(entries):
    entry = entries["process-per-connection", 4]
    assert entry["status"] == "skipped"
    assert "takes its connection along when it ends" in entry["reason"]
    assert entries["process-per-connection", 1]["status"] == "ok"


def test_switches_of_threads_that_have_ended_are_not_known(entries):
    assert entries["thread-per-connection", 4]["switches_voluntary_per_query"] is None
    assert entries["thread-per-connection", 1]["switches_voluntary_per_query"] > 0
    assert entries["callback-epoll", 4]["switches_voluntary_per_query"] is not None


def test_a_query_is_to_begin_when_its_task_asks_for_it(entries):
    lag = {key: entry["latency_parts_us"]["send_lag"]["max"] for key, entry in entries.items()
           if entry["latency_parts_us"]}  # fmt: skip
    assert lag["callback-epoll", 1] == 0
    assert lag["callback-epoll", 4] > 0
    assert lag["blocking", 4] >= 200, "the last of four is asked after three others were answered"


def test_a_fan_out_takes_as_long_as_its_slowest_query(entries):
    entry = entries["coroutine-libuv", 4]
    assert entry["latency_fan_out_us"]["count"] == entry["latency_us"]["count"] / 4
    assert entry["latency_fan_out_us"]["max"] == entry["latency_us"]["max"]
    assert entry["latency_fan_out_us"]["mean"] > entry["latency_us"]["mean"]
    assert entries["coroutine-libuv", 1]["latency_fan_out_us"] is None


def test_verify_covers_it(waitbench):
    run = waitbench("verify", "--fan-out", 8, "--models", "^generator-epoll$", *PATIENT)
    assert run.wait() == 0, run.stderr
    assert "32 cases passed\n" in run.stdout

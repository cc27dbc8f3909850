"""The open loop as a user runs it: what is in the results, and what cannot be asked for."""

from __future__ import annotations

import json

import pytest

from plots.data.load import load
from waitbench_process import PATIENT

MODELS = "^(blocking|thread-pool|process-per-connection|callback-libuv|fiber-io_uring)$"
BRIEF = ("--in-flight", 8, "--seconds", 1, "--rounds", 1, "--invocations", 1, *PATIENT)


def entries_of(path):
    """The entries of a results file, which is checked against the schema on the way."""
    load([path])
    return json.loads(path.read_text())["benchmarks"]


@pytest.mark.parametrize("arrivals", ["constant", "poisson", "onoff"])
def test_every_kind_of_model_follows_a_schedule(waitbench, out, arrivals):
    run = waitbench("run", "--models", MODELS, "--rate", 200, "--arrivals", arrivals, *BRIEF,
                    "--delay-us", 100, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    entries = entries_of(out)
    assert len(entries) == 8  # five models, of which one has four entries
    for entry in entries:
        assert entry["status"] == "ok", entry["reason"]
        assert (entry["purpose"], entry["arrivals"], entry["rate_qps"]) == ("open", arrivals, 200)
        assert entry["turn_queries"] == 200
        assert 0 < entry["queries"] <= 200
        assert entry["queries"] + entry["backlog"] >= 200
        assert entry["latency_us"]["count"] == entry["queries"]
        assert entry["latency_us"]["mean"] >= entry["latency_uncorrected_us"]["mean"]


def test_the_parts_of_a_latency_add_up_to_it_in_both_loops(waitbench, out):
    for rate in ((), ("--rate", 500)):
        run = waitbench("run", "--models", "^callback-epoll$", *rate, "--in-flight", 4,
                        "--rounds", 1, "--invocations", 1, *PATIENT, "--out", out)  # fmt: skip
        assert run.wait() == 0, run.stderr
        for entry in entries_of(out):
            parts = dict(entry["latency_parts_us"])
            assert parts.pop("count") == entry["latency_us"]["count"]
            total = sum(part["mean"] for part in parts.values())
            assert total == pytest.approx(entry["latency_us"]["mean"], abs=1e-3)
            assert (entry["rate_qps"] is None) == (parts["send_lag"]["max"] == 0)


def test_a_model_that_cannot_keep_up_is_unstable_with_its_backlog(waitbench, out):
    """One blocking call after another takes 20 ms each; 1,000 a second are offered."""
    run = waitbench("run", "--models", "^blocking$", "--rate", 1000, *BRIEF, "--delay-us", 20_000,
                    "--delay-shape", "constant", "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    for entry in entries_of(out):
        assert "unstable" in entry["flags"]
        assert entry["backlog"] >= 949
        assert entry["rate_achieved_qps"] <= 55


def test_rates_are_an_axis(waitbench, out):
    run = waitbench("run", "--models", "^callback-epoll$", "--rate", "100,200", *BRIEF,
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert {cell.axes["rate_qps"] for cell in load([out]).cells.values()} == {100, 200}


def test_a_sweep_brackets_what_a_model_sustains(waitbench, out):
    """Blocking calls of 20 ms and more cannot be begun more than 50 times a second."""
    run = waitbench("run", "--models", "^blocking$", "--rate", "sweep", "--p99-us", 60_000_000,
                    "--delay-us", 20_000, "--delay-shape", "constant", "--seconds", 0.2,
                    "--invocations", 1, *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert "blocking does not sustain 500 queries/s with a p99 within" in run.stderr
    entries = entries_of(out)
    assert {entry["purpose"] for entry in entries} == {"sweep"}
    trials = [(entry["rate_qps"], entry["trials"], entry["entry"]) for entry in entries]
    assert sorted(trials) == sorted(
        (rate, 2 if rate == 500 else 1, entry) for rate in (4000, 1000, 500) for entry in (0, 1)
    )
    assert all(len(entry["rounds"]["wall_s"]) == entry["trials"] for entry in entries)
    assert not any(entry["trials_sustained"] or entry["sustained"] for entry in entries)
    assert all(entry["p99_limit_us"] == 60_000_000 for entry in entries)


def test_a_sweep_cannot_be_taken_up_and_says_so(waitbench, out):
    sweep = ("run", "--models", "^blocking$", "--rate", "sweep", "--p99-us", 1, "--in-flight", 1,
             "--seconds", 0.2, "--invocations", 1, *PATIENT, "--out", out)  # fmt: skip
    assert waitbench(*sweep).wait() == 0
    run = waitbench("run", "--resume", out)
    assert run.wait() == 2
    assert "a sweep cannot be taken up" in run.stderr

"""What a run leaves: a results file that the plots can read, with what was asked for in it."""

from __future__ import annotations

import json

from plots.data.load import load
from waitbench_process import PATIENT, QUICK


def test_a_run_writes_valid_results_of_what_was_asked_for(waitbench, out):
    run = waitbench("run", "--models", "^(blocking|callback-epoll)$", *QUICK,
                    "--invocations", 2, "--seed", 7, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    entries = results.entries
    assert set(entries.status) == {"ok"}
    assert set(entries.model) == {"blocking", "callback-epoll"}
    assert set(entries.invocation) == {0, 1}
    # The baseline four times and the other once, in each of two invocations; two rounds of each.
    assert len(entries) == 10
    assert list(entries.rounds) == [2] * 10
    context = results.files[0].context
    assert context["seed"] == 7
    assert context["status"] == "complete"
    assert context["command"][1] == "run"


def test_every_entry_of_a_round_has_a_place_of_its_own(waitbench, out):
    assert waitbench("run", "--models", "epoll", *QUICK, "--seam", "--invocations", 1,
                     "--out", out).wait() == 0  # fmt: skip
    rounds = load([out]).rounds
    for _, together in rounds.groupby("round"):
        assert sorted(together.order) == list(range(len(together)))


def test_the_axes_are_crossed_and_a_value_given_twice_counts_once(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", "--in-flight", "2,4,2", "--delay-us",
                    "100,200", "--turn-queries", 30, "--rounds", 1, "--invocations", 1, *PATIENT,
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    axes = {(cell.axes["in_flight"], cell.axes["delay_us"]) for cell in results.cells.values()}
    assert axes == {(2, 100), (2, 200), (4, 100), (4, 200)}
    assert len(results.cells) == 4


def test_a_turn_shorter_than_what_is_in_flight_is_still_valid(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", "--in-flight", 64, "--turn-queries", 20,
                    "--rounds", 1, "--invocations", 1, *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries
    assert len(entries) == 4
    assert entries.queries_per_second.isna().all()
    assert "--turn-queries 20 with 64 in flight gives no rate: give 2000 or more" in run.stderr


def test_the_filter_selects_by_name_and_by_its_opposite(waitbench, out):
    common = ("run", "--models", "blocking|callback-epoll", *QUICK, "--invocations", 1)
    assert waitbench(*common, "--benchmark_filter", "/blocking/", "--out", out).wait() == 0
    assert set(load([out]).entries.model) == {"blocking"}
    assert waitbench(*common, "--benchmark_filter=-/blocking/", "--out", out).wait() == 0
    assert set(load([out]).entries.model) == {"callback-epoll"}


def test_a_model_that_cannot_run_a_cell_has_its_row_and_the_reason(waitbench, out):
    run = waitbench("run", "--models", "^(blocking|callback-epoll)$", *QUICK, "--idle", 3,
                    "--invocations", 1, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries.set_index(["model", "entry"])
    assert entries.status[("blocking", 0)] == "skipped"
    assert "idle" in entries.reason[("blocking", 0)]
    assert entries.status[("callback-epoll", 0)] == "ok"


def test_list_is_an_array_of_models(waitbench):
    run = waitbench("list", "--json")
    assert run.wait() == 0
    models = json.loads(run.stdout)
    assert len({model["name"] for model in models}) == len(models) > 0
    for model in models:
        assert {"name", "role", "style", "engine", "summary", "available", "reason"} <= set(model)
        assert model["role"] == "model"
        assert isinstance(model["available"], bool)
        assert model["summary"]
        assert (model["reason"] is None) == model["available"]
    by_name = {model["name"]: model for model in models}
    assert by_name["blocking"]["engine"] is None
    assert by_name["blocking"]["concurrent"] is False
    assert by_name["callback-epoll"]["engine"] == "epoll"
    assert by_name["callback-epoll"]["concurrent"] is True


def test_memory_is_measured_once_for_each_model_and_nothing_else_is(waitbench, out, tmp_path):
    run = waitbench("run", "--memory", "--models", "^(blocking|thread-pool|callback-epoll)$",
                    "--in-flight", 64, "--invocations", 2, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    assert {cell.purpose for cell in results.cells.values()} == {"memory"}
    assert len(results.entries) == 6
    assert set(results.entries.rounds) == {0}
    measured = results.entries.status == "ok"
    assert set(results.entries.model[measured]) == {"thread-pool", "callback-epoll"}
    assert "one connection" in results.entries.reason[~measured].iloc[0]
    for entry in json.loads(out.read_text())["benchmarks"]:
        known = entry["memory_kib"]["user"] is not None
        assert known == (entry["status"] == "ok")
    assert waitbench("report", out, "-o", tmp_path / "report").wait() == 0


def test_list_without_json_has_a_line_for_each_model(waitbench):
    as_json, as_text = waitbench("list", "--json"), waitbench("list")
    assert as_json.wait() == as_text.wait() == 0
    names = [model["name"] for model in json.loads(as_json.stdout)]
    assert [line.split()[0] for line in as_text.stdout.splitlines()] == names


def test_list_all_has_handwritten_ones_and_the_no_op_too(waitbench):
    run = waitbench("list", "--json", "--all")
    assert run.wait() == 0
    assert {"model", "handwritten", "no-op"} <= {model["role"] for model in json.loads(run.stdout)}


def test_a_run_verifies_what_it_would_measure(waitbench, out):
    run = waitbench("run", "--profile", "smoke", "--models", "^callback-epoll$", "--out", out,
                    "--verify-only")  # fmt: skip
    assert run.wait() == 0, run.stderr
    lines = [line.split() for line in run.stdout.splitlines()]
    # Two transports with whole replies, and with split ones; the control and the handwritten one
    # enter one cell each.
    assert [line[:3] for line in lines] == [
        ["callback-epoll", "ok", "4"],
        ["positive-control", "ok", "2"],
        ["handwritten-callback-epoll", "ok", "2"],
    ]
    assert not out.exists(), "nothing is measured"


def test_a_run_to_be_completed_can_be_verified_first(waitbench, out):
    assert waitbench("run", "--models", "^callback-epoll$", *QUICK, "--out", out).wait() == 0
    before = out.read_bytes()
    for check in ("--verify-only", "--dry-run"):
        run = waitbench("run", "--resume", out, check)
        assert run.wait() == 0, run.stderr
        assert run.stdout
        assert out.read_bytes() == before


def test_a_report_is_made_of_the_results(waitbench, out, tmp_path):
    assert waitbench("run", "--models", "^(blocking|callback-epoll)$", *QUICK,
                     "--invocations", 2, "--out", out).wait() == 0  # fmt: skip
    before = out.read_bytes()
    run = waitbench("report", out, "-o", tmp_path / "report")
    assert run.wait() == 0, run.stderr
    page = (tmp_path / "report" / "index.html").read_text()
    assert "callback-epoll" in page
    assert out.read_bytes() == before

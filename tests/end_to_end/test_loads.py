"""The loads of a profile follow from the machine, and its rounds go where they are needed."""

from __future__ import annotations

import json
import signal

import pytest
from plots.data.load import load
from waitbench_process import CELL, PATIENT, eventually

USAGE = 2
MODELS = ("--models", "^(callback|coroutine)-epoll$")
SMOKE = ("run", "--profile", "smoke", *MODELS, "--invocations", 1, *PATIENT)


def _context(path):
    return json.loads(path.read_text())["context"]


def _cells(path):
    entries = json.loads(path.read_text())["benchmarks"]
    return {(entry["purpose"], entry["delay_us"], entry["work_us"]) for entry in entries}


def test_a_profile_is_measured_at_the_loads_that_were_found(waitbench, out):
    run = waitbench(*SMOKE, "--out", out)
    assert run.wait() == 0, run.stderr
    loads = _context(out)["loads"]
    assert loads["source"] == "measured"
    assert loads["found"]["costliest"] in ("callback-epoll", "coroutine-epoll")
    assert f"a query every {loads['query_interval_us']:g} us" in run.stderr
    cells = _cells(out)
    assert ("matched", 64 * loads["query_interval_us"], 0) in cells
    assert ("saturated", 0, loads["work_us"]) in cells
    fitted = {
        entry["purpose"]: entry.get("fitted_axes")
        for entry in json.loads(out.read_text())["benchmarks"]
    }
    assert fitted == {
        "matched": ["delay_us"],
        "saturated": ["work_us"],
        "seam": None,
        "a-a": ["delay_us"],
    }


def test_loads_can_be_taken_from_an_earlier_run(waitbench, out):
    assert waitbench(*SMOKE, "--out", out).wait() == 0
    edited = json.loads(out.read_text())
    edited["context"]["loads"] |= {"query_interval_us": 123, "work_us": 7}
    out.write_text(json.dumps(edited))
    later = out.with_name("later.json")
    run = waitbench(*SMOKE, "--loads-of", out, "--out", later)
    assert run.wait() == 0, run.stderr
    assert _context(later)["loads"]["source"] == "file"
    assert ("matched", 64 * 123, 0) in _cells(later)
    assert ("saturated", 0, 7) in _cells(later)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file"),
        ({"context": {}, "benchmarks": []}, "no loads"),
        ({"context": {"loads": {"source": "measured"}}, "benchmarks": []}, "not as this program"),
        (
            {"context": {"loads": {"source": "x", "query_interval_us": 0, "work_us": 1}}},
            "query_interval_us is 0",
        ),
    ],
    ids=["no file", "no loads", "half of them", "loads that cannot be"],
)
def test_a_file_without_loads_is_refused_in_one_line(waitbench, out, content, complaint):
    given = out.with_name("given.json")
    if content is not None:
        given.write_text(json.dumps({"schema_version": 2, "benchmarks": []} | content))
    run = waitbench(*SMOKE, "--loads-of", given, "--out", out)
    assert run.wait() == USAGE
    assert run.stderr.startswith(f"waitbench: --loads-of {given}: ")
    assert complaint in run.stderr
    assert run.stderr.count("\n") == 1
    assert not out.exists()


def test_axes_that_are_given_are_measured_as_given(waitbench, out):
    run = waitbench("run", *MODELS, *CELL, "--rounds", 1, "--invocations", 1, *PATIENT,
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert "loads" not in _context(out)
    refused = waitbench("run", *MODELS, *CELL, "--loads-of", out, "--out", out)
    assert refused.wait() == USAGE
    assert "no loads that follow from the machine" in refused.stderr


def test_a_budget_is_spent_on_further_invocations(waitbench, out):
    run = waitbench("run", *MODELS, *CELL, "--rounds", 1, "--invocations", 2, "--budget", "20s",
                    *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    context = _context(out)
    assert context["budget_s"] == 20
    assert context["entries_planned"] == len(results.entries) >= 2 * 5
    # On a machine that is very busy, the planned invocations alone may take all of the budget.
    assert len(results.entries) > 2 * 5 or context["elapsed_s"] > context["budget_s"]
    assert set(results.entries.status) == {"ok"}
    assert results.entries.invocation.max() + 1 == len(results.entries) / 5


def test_without_a_budget_a_run_has_the_invocations_that_were_asked_for(waitbench, out):
    run = waitbench(*SMOKE, "--out", out)
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.invocation) == {0}
    assert "budget_s" not in _context(out)


def test_a_run_with_a_budget_is_completed_at_the_loads_that_it_had(waitbench, out):
    run = waitbench("run", "--profile", "smoke", *MODELS, "--budget", "1h", *PATIENT,
                    "--out", out)  # fmt: skip
    eventually(lambda: out.exists() and len(load([out]).entries) > 30)
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    before = _context(out)
    text = out.read_text().replace('"1h"', '"1s"')
    out.write_text(text)
    resumed = waitbench("run", "--resume", out)
    assert resumed.wait() == 0, resumed.stderr
    after = _context(out)
    assert after["loads"] == before["loads"]
    assert after["status"] == "complete"
    entries = load([out]).entries
    assert set(entries.status) == {"ok"}
    assert after["entries_planned"] == len(entries)


def test_a_run_at_the_loads_of_a_file_is_completed_without_that_file(waitbench, out):
    assert waitbench(*SMOKE, "--out", out).wait() == 0
    later = out.with_name("later.json")
    assert waitbench(*SMOKE, "--loads-of", out, "--out", later).wait() == 0
    out.unlink()
    assert waitbench("run", "--resume", later).wait() == 0
    content = json.loads(later.read_text())
    content["context"]["loads"]["work_us"] = "much"
    later.write_text(json.dumps(content))
    refused = waitbench("run", "--resume", later)
    assert refused.wait() == USAGE
    assert "its loads are not as this program writes them" in refused.stderr


def test_further_invocations_of_cells_of_ones_own_are_recalled(waitbench, out):
    run = waitbench("run", *MODELS, *CELL, "--rounds", 1, "--invocations", 2, "--budget", "4s",
                    *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    before = out.read_bytes()
    resumed = waitbench("run", "--resume", out, "--dry-run")
    assert resumed.wait() == 0, resumed.stderr
    assert out.read_bytes() == before


def test_a_search_for_loads_that_is_interrupted_is_made_anew(waitbench, out):
    run = waitbench("run", "--profile", "smoke", "--models", "callback|coroutine", *PATIENT,
                    "--out", out)  # fmt: skip
    run.await_child("trial")  # of the search, which comes first
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    assert "loads" not in _context(out)
    resumed = waitbench("run", "--resume", out)
    assert resumed.wait() == 0, resumed.stderr
    assert _context(out)["loads"]["source"] == "measured"
    assert set(load([out]).entries.status) == {"ok"}


def test_cells_that_a_slow_machine_has_no_time_for_are_left_out(waitbench, out):
    assert waitbench(*SMOKE, "--out", out).wait() == 0
    content = json.loads(out.read_text())
    cells = []
    for interval_us in (20, 1000):
        content["context"]["loads"]["query_interval_us"] = interval_us
        out.write_text(json.dumps(content))
        run = waitbench("run", "--profile", "quick", "--loads-of", out, "--out", out, "--dry-run")
        assert run.wait() == 0, run.stderr
        cells.append(int(run.stdout.split(" cells ")[0].split()[-1]))
    assert cells == [10, 8]


@pytest.mark.parametrize("budget", ["soon", "3 fortnights", "-1s", "8000h"])
def test_a_budget_that_is_no_time_is_refused(waitbench, out, budget):
    run = waitbench("run", *MODELS, f"--budget={budget}", "--out", out)
    assert run.wait() == USAGE
    assert run.stderr.startswith("waitbench: --budget")
    assert not out.exists()


def test_a_dry_run_says_how_long_it_would_take(waitbench, out):
    run = waitbench("run", "--profile", "quick", "--out", out, "--dry-run")
    assert run.wait() == 0, run.stderr
    assert run.stdout.strip().endswith(("seconds", "minutes"))
    hour = waitbench("run", "--profile", "quick", "--budget", "1h", "--out", out, "--dry-run")
    assert hour.wait() == 0
    assert "in about 60 minutes" in hour.stdout

"""Queries with a deadline, as a user runs them: what is in the results and on the page."""

from __future__ import annotations

import json
import subprocess

import pytest

from plots.data.load import load
from waitbench_process import BOUND_S, PATIENT

MODELS = "^(blocking|thread-pool|process-per-connection|callback-epoll|fiber-io_uring)$"
DEADLINES_US = (0, 2_000, 60_000_000)
BRIEF = ("--in-flight", 8, "--delay-us", 20_000, "--delay-shape", "constant",
         "--turn-queries", 50, "--rounds", 1, "--invocations", 1, *PATIENT)  # fmt: skip


@pytest.fixture(scope="module")
def entries(program, tmp_path_factory):
    """Those of a run with deadlines that fire for all and for none, by model and deadline."""
    out = tmp_path_factory.mktemp("deadlines") / "results.json"
    deadlines = ",".join(map(str, DEADLINES_US))
    words = ("--models", MODELS, "--deadline-us", deadlines, *BRIEF, "--out", out)
    for command in (["run", *words], ["report", out, "-o", out.parent]):
        subprocess.run([program, *map(str, command)], check=True, timeout=BOUND_S)
    load([out])
    page = (out.parent / "index.html").read_text()
    assert "What a deadline costs" in page and "deadline 2 ms" in page
    found = json.loads(out.read_text())["benchmarks"]
    return {(entry["model"], entry["deadline_us"]): entry for entry in found}


def test_every_model_has_a_row_for_each_deadline(entries):
    assert {deadline for _, deadline in entries} == set(DEADLINES_US)
    assert all(entry["status"] in ("ok", "skipped") for entry in entries.values())
    assert all(entry["status"] == "ok" for (model, _), entry in entries.items() if "_" not in model)


def test_what_is_cancelled_is_counted_and_has_no_latency(entries):
    for (model, deadline), entry in entries.items():
        if entry["status"] == "skipped":
            continue
        if deadline == 0:
            assert entry["cancelled"] is None, model
        elif deadline > 20_000:
            assert entry["cancelled"] == 0, model
            assert entry["latency_us"]["count"] > 0, model
        else:
            assert 0 < entry["cancelled"] <= entry["queries"] - entry["max_in_flight"], model
            answered = entry["latency_us"]["count"] if entry["latency_us"] else 0
            assert answered + entry["cancelled"] <= entry["queries"], model
        assert entry["client_cpu_us_per_query"] > 0, model

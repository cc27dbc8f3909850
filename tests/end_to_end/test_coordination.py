"""Clients that wait for each other, for a permit or a lock, as a user runs them: what is in the
results and on the page, and who does not take part."""

from __future__ import annotations

import json
import subprocess

import pytest

from plots.data.load import load
from waitbench_process import BOUND_S, PATIENT

MODELS = "^(blocking|thread-per-connection|process-per-connection|callback-epoll|fiber-poll)$"
BRIEF = ("--in-flight", 8, "--delay-us", 200, "--turn-queries", 50, "--rounds", 1,
         "--invocations", 1, *PATIENT)  # fmt: skip


@pytest.fixture(scope="module")
def entries(program, tmp_path_factory):
    """Those of a run with and without a limit and a lock, by model, limit and lock."""
    out = tmp_path_factory.mktemp("coordination") / "results.json"
    words = ("--models", MODELS, "--limit", "0,2", "--lock", "none,shared", *BRIEF, "--out", out)
    for command in (["run", *words], ["report", out, "-o", out.parent]):
        subprocess.run([program, *map(str, command)], check=True, timeout=BOUND_S)
    load([out])
    assert "at most 2 at once" in (out.parent / "index.html").read_text()
    found = json.loads(out.read_text())["benchmarks"]
    return {(entry["model"], entry["limit"], entry["lock"]): entry for entry in found}


def test_every_model_keeps_to_the_limit_and_is_ranked_by_it(entries):
    assert len(entries) == 5 * 4
    for (model, limit, lock), entry in entries.items():
        assert entry["status"] == "ok", (model, limit, lock, entry["reason"])
        most = 1 if model == "blocking" else limit or 8
        assert entry["max_in_flight"] == entry["in_flight_peak_backend"] == most


def test_the_wait_for_a_permit_is_part_of_a_latency(entries):
    for model in ("thread-per-connection", "process-per-connection", "callback-epoll"):
        of_limit = entries[model, 2, "none"]["latency_parts_us"]
        assert of_limit["send_lag"]["max"] == 0, "a query begins when it is issued"
        assert of_limit["transit"]["max"] >= 200, "others were answered before it"


def test_a_turn_has_whole_fan_outs_and_threads_say_why_they_take_no_part(waitbench):
    run = waitbench("run", "--models", "^(thread-pool|coroutine-epoll)$", "--fan-out", 4,
                    "--limit", 2, *BRIEF, "--out", "-")  # fmt: skip
    assert run.wait() == 0, run.stderr
    found = {entry["model"]: entry for entry in json.loads(run.stdout)["benchmarks"]}
    assert found["coroutine-epoll"]["queries"] == 52
    assert found["thread-pool"]["status"] == "skipped"
    assert "come to the limit in any order" in found["thread-pool"]["reason"]


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["--backend", "postgres", "--limit", 2], "the workload postgres has no such axis"),
        (["--limit", 2, "--rate", 100], "--limit and --lock are for timed turns of a closed loop"),
        (["--lock", "mine"], "'mine' is none of none,shared"),
    ],
)
def test_where_there_is_nothing_to_wait_for_it_says_so_in_one_line(waitbench, words, complaint):
    run = waitbench("run", "--dry-run", "--models", "^callback-epoll$", *words)
    assert run.wait() == 2
    assert complaint in run.stderr
    assert len(run.stderr.splitlines()) == 1

"""The counting pass: what it finds, that it repeats, and what it says where it cannot count."""

from __future__ import annotations

import shutil

import pytest
from plots.data.load import load
from waitbench_process import QUICK

EVENTS = ("syscalls", "switches", "migrations")
MODELS = ("--models", "^(blocking|callback-epoll)$")
needs_valgrind = pytest.mark.skipif(shutil.which("valgrind") is None, reason="no valgrind")


def test_events_are_counted_or_said_not_to_be(waitbench, out):
    run = waitbench("run", *MODELS, *QUICK, "--invocations", 1, "--count", ",".join(EVENTS),
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    uncounted = results.files[0].context["uncounted"]
    counted = results.counted.set_index("model")
    if set(uncounted) == set(EVENTS):
        assert counted.empty
    else:
        assert set(counted.index) == {"blocking", "callback-epoll"}
        assert (counted["counting_slowdown"] > 0).all()
    for event in EVENTS:
        assert (f"{event} are not counted" in run.stderr) == (event in uncounted)
        assert (counted[f"{event}_per_query"].isna() == (event in uncounted)).all()
    if "syscalls" not in uncounted:
        assert counted["syscalls_per_query"]["blocking"] >= 2  # a send and a receive
    assert set(results.entries["purpose"]) == {"custom"}


@needs_valgrind
def test_instructions_per_query_repeat_exactly(waitbench, tmp_path):
    found = []
    for name in ("one.json", "two.json"):
        run = waitbench("run", *MODELS, *QUICK, "--invocations", 1, "--depth", "1,3",
                        "--count", "instructions", "--out", tmp_path / name)  # fmt: skip
        assert run.wait(240) == 0, run.stderr
        counted = load([tmp_path / name]).counted.set_index(["model", "depth"])
        found.append(counted["instructions_per_query"].to_dict())
    assert found[0] == found[1]
    for depth in (1, 3):
        alone = found[0]["no-op-scripted", depth]
        for style in ("callback", "generator", "coroutine", "fiber"):
            assert found[0][f"{style}-scripted", depth] > alone > 0
            assert found[0][f"{style}-scripted", 3] > found[0][f"{style}-scripted", 1]


def test_without_valgrind_one_line_says_so_and_the_rest_is_measured(waitbench, out):
    run = waitbench("run", *MODELS, *QUICK, "--invocations", 1, "--count", "instructions",
                    "--out", out, prefix=["/usr/bin/env", "PATH=/nowhere"])  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert [line for line in run.stderr.splitlines() if "not counted" in line] == [
        "instructions are not counted: "
        "to count them needs valgrind, which is not installed"
    ]
    results = load([out])
    assert results.counted.empty
    assert set(results.entries["status"]) == {"ok"}


def test_what_cannot_be_counted_is_a_usage_error(waitbench, out):
    run = waitbench("run", "--count", "syscalls,cycles", "--out", out)
    assert run.wait() == 2
    assert "cycles" in run.stderr and len(run.stderr.splitlines()) == 1
    assert not out.exists()

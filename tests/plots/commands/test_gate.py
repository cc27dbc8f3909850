"""A comparison as a gate: what fails it, by how much, and with which exit code."""

from __future__ import annotations

import copy
import random

import pytest
import scenes
from documents import FIXTURE, keep

from plots.__main__ import main
from plots.commands.compare import of_runs
from plots.commands.gate import judge, percent_of, read_limits
from plots.data.errors import ResultsError

CPU = "client_cpu_us_per_query"
SLOWER, USAGE, NOT_COMPARABLE, NOT_WRITTEN = 1, 2, 3, 74


def later(document, factor=1.0, model="coroutine-epoll"):
    """A later run, in which one model costs so many times as much."""
    found = copy.deepcopy(document)
    found["context"]["date"] = "2026-02-02T00:00:00Z"
    for entry in found["benchmarks"]:
        if entry["model"] == model and entry["rounds"]:
            entry["rounds"][CPU] = [cost * factor for cost in entry["rounds"][CPU]]
    return found


def run(store, old, new, *options):
    files = [str(store(old, "old.json")), str(store(new, "new.json"))]
    return main(["compare", *files, *options])


@pytest.mark.parametrize(
    "factor, option, code",
    [
        (1.0, "--fail-on-slower", 0),
        (1.08, "--fail-on-slower", SLOWER),
        (1.08, "--fail-on-slower=20%", 0),
        (1.08, "--fail-on-slower=20", 0),
        (1.5, "--fail-on-slower=20%", SLOWER),
        (0.9, "--fail-on-slower=20%", 0),
    ],
)
def test_only_what_is_slower_than_its_limit_fails(capsys, document, store, factor, option, code):
    assert run(store, document, later(document, factor), option) == code
    message = capsys.readouterr().err
    assert ("coroutine-epoll" in message and "slower" in message) == bool(code)


def test_the_option_may_stand_before_the_files(document, store):
    files = [str(store(document, "old.json")), str(store(later(document, 1.5), "new.json"))]
    assert main(["compare", "--fail-on-slower", *files]) == SLOWER


def test_the_end_of_the_interval_is_judged_not_the_ratio(study_of, document):
    found = of_runs(study_of(document), study_of(later(document, 1.08)))
    ends = [
        float(row.low)
        for table in found.tables
        for row in table.comparisons.itertuples()
        if row.model == "coroutine-epoll" and table.metric == CPU and row.verdict == "slower"
    ]
    between = (max(ends) + 1.08) / 2  # beyond each end, below each ratio
    assert judge(found, 100 * (between - 1), []).slower == []
    assert len(judge(found, 100 * (min(ends) - 1) - 0.01, []).slower) == len(ends) > 0


def test_of_throughput_less_is_slower(study_of, document):
    new = later(document)
    for entry in new["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["purpose"] == "saturated":
            rates = entry["rounds"]["queries_per_second"]
            entry["rounds"]["queries_per_second"] = [rate / 1.5 for rate in rates]
    found = of_runs(study_of(document), study_of(new))
    assert judge(found, 10, []).slower and not judge(found, 60, []).slower


def test_limits_hold_for_models_and_cells(store, document, tmp_path):
    limits = tmp_path / "limits.toml"
    limits.write_text(
        'percent = 5\n[[limit]]\nmodel = "^coroutine"\npercent = 20\n'
        '[[limit]]\nmodel = "^coroutine"\ncell = "matched: 16 in flight"\npercent = 2\n'
    )
    gated = ("--fail-on-slower", "--limits", str(limits))
    assert run(store, document, later(document, 1.12), *gated) == SLOWER, "at 16 in flight"
    few = keep(document, lambda entry: entry["in_flight"] != 16)
    assert run(store, few, later(few, 1.12), *gated) == 0
    assert run(store, few, later(few, 1.12, "thread-per-connection"), *gated) == SLOWER


@pytest.mark.parametrize(
    "text",
    [
        "percent = [",
        'percent = "much"',
        "percent = -1",
        "percent = true",
        "share = 1",
        "limit = 3",
        "[[limit]]\nmodel = 'x'",
        "[[limit]]\nmodel = '('\npercent = 1",
        "[[limit]]\nmodel = 3\npercent = 1",
        "[[limit]]\nname = 'x'\npercent = 1",
    ],
)
def test_limits_that_are_none_are_one_line(tmp_path, text):
    path = tmp_path / "limits.toml"
    path.write_text(text)
    with pytest.raises(ResultsError, match="--limits .*such a file is") as raised:
        read_limits(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("word", ["", "fast", "-1", "nan", "5%%", "inf"])
def test_a_share_that_is_none_is_refused(word):
    with pytest.raises(ValueError):
        percent_of(word)
    assert main(["compare", str(FIXTURE), str(FIXTURE), f"--fail-on-slower={word}"]) == USAGE


def test_what_cannot_be_compared_is_no_pass(capsys, document, store):
    gate = "--fail-on-slower"
    lost = keep(later(document), lambda entry: entry["model"] != "coroutine-epoll")
    assert run(store, document, lost, gate) == NOT_COMPARABLE
    others = keep(later(document), lambda entry: entry["purpose"] == "saturated")
    only = keep(copy.deepcopy(document), lambda entry: entry["purpose"] == "seam")
    assert run(store, only, others, gate) == NOT_COMPARABLE
    assert run(store, only, others) == USAGE
    once = keep(copy.deepcopy(document), lambda entry: entry["invocation"] == 0)
    assert run(store, once, later(once), gate) == NOT_COMPARABLE
    assert "nothing could be judged" in capsys.readouterr().err


def test_limits_without_a_gate_are_a_mistake(document, store, tmp_path):
    assert run(store, document, later(document), "--limits", str(tmp_path / "none")) == USAGE


def test_a_gate_of_five_percent_in_practice(study_of, document):
    """Of twenty pairs of runs that differ in noise alone none fails; of as many with 10% planted in
    one model nearly all do, and for nothing but that model."""
    alarms, hits = 0, 0
    for seed in range(20):
        old, new = noisy(document, seed), noisy(document, 1000 + seed)
        before = study_of(old)
        alarms += bool(judge(of_runs(before, study_of(new)), 5, []).slower)
        planted = judge(of_runs(before, study_of(later(new, 1.1, "fiber-epoll"))), 5, [])
        hits += {failure.model for failure in planted.slower} == {"fiber-epoll"}
    assert alarms == 0 and hits >= 18


def noisy(document, seed):
    """A part of the matrix, measured anew: each process has its luck, and so has each turn."""
    rng = random.Random(seed)
    found = copy.deepcopy(document)
    found["context"]["date"] = f"2026-02-02T00:{seed % 60:02}:00Z"
    keep(found, lambda entry: False)
    found["benchmarks"] = [e for e in scenes.matrix_entries() if e["engine"] in ("epoll", "poll")]
    for entry in found["benchmarks"]:
        luck = rng.gauss(1, 0.006)
        costs = [cost * luck * rng.gauss(1, 0.02) for cost in entry["rounds"][CPU]]
        entry["rounds"][CPU] = costs
    return found

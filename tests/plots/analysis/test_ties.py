"""Groups of ties hold the best, leave out who is clearly behind, and are named in few words."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import scenes
from documents import keep

from plots.analysis.pairs import pairs
from plots.analysis.ties import MEMORY_KIB, P99, named_together, ties
from plots.analysis.within_rounds import CPU, RATE
from plots.data.cells import MEMORY


@pytest.fixture
def matrix(study_of, document):
    """A study of one cell: 4 styles on 5 engines, of known costs."""
    document["benchmarks"] = scenes.matrix_entries()
    return study_of(document)


def test_the_best_are_those_that_cost_the_least(matrix):
    found = ties(matrix, 0, CPU)
    assert {name.split("-")[1] for name in found.best} == {"io_uring"}
    assert "callback-io_uring" in found.best and "fiber-io_uring" not in found.best
    assert 1 <= found.within < 1.03
    assert found.worst.models == ["fiber-select"]
    expected = 1.5 * 1.1 / 0.95
    assert found.worst.ratio.mean == pytest.approx(expected, rel=0.03)
    assert found.following.ratio.low > 1


def test_models_of_equal_cost_are_all_tied(study_of, document):
    document["benchmarks"] = [
        entry for entry in scenes.matrix_entries() if entry["model"] == "callback-epoll"
    ]
    rng = np.random.default_rng(3)
    for name in ("twin-a", "twin-b"):
        for entry in [e for e in document["benchmarks"] if e["model"] == "callback-epoll"]:
            twin = copy.deepcopy(entry) | {"model": name, "engine": "poll"}
            costs = [cost * rng.normal(1, 0.01) for cost in entry["rounds"][CPU]]
            twin["rounds"][CPU] = costs
            document["benchmarks"].append(twin)
    found = ties(study_of(document), 0, CPU)
    assert len(found.best) == 3 and found.following is None and found.worst is None


def test_one_invocation_tells_nothing_apart(study_of, document):
    keep(document, lambda entry: entry["invocation"] == 0)
    assert ties(study_of(document), 0, CPU) is None


def test_of_throughput_more_is_better(study_of, document):
    study = study_of(keep(document, lambda e: (e["purpose"], e["in_flight"]) == ("saturated", 64)))
    found = ties(study, 0, RATE)
    assert "thread-per-connection" not in found.best and "callback-epoll" in found.best
    assert found.worst.ratio.mean > 1


def test_memory_and_tails_are_compared_invocation_by_invocation(study_of, document):
    document["benchmarks"] += scenes.memory_entries()
    study = study_of(document)
    (cell,) = [number for number, cell in study.cells.items() if cell.purpose == MEMORY]
    found = ties(study, cell, MEMORY_KIB)
    assert found.best == ["callback-epoll"]
    assert found.worst.models == ["thread-per-connection"]
    assert found.worst.ratio.mean == pytest.approx(38.5 / 5.7, rel=0.03)
    assert ties(study, 0, P99).compared >= 2


def test_a_group_is_named_in_few_words(matrix):
    among = matrix.models_in(0)
    epoll = [name for name in among if name.endswith("-epoll")]
    assert named_together(matrix, epoll, among) == "every style on epoll"
    assert named_together(matrix, among, among) == "all 20"
    named = named_together(matrix, [*epoll, "fiber-poll"], among)
    assert named == "every style on epoll, fiber-poll"


def test_pairs_are_what_a_comparison_with_each_baseline_says(study_of, document):
    for baseline in ("callback-epoll", "thread-per-connection"):
        study = study_of(document, baseline)
        for cell in (0, 3):
            found = pairs(study, cell)
            place = found.models.index(baseline)
            for row in study.ratios(cell).itertuples():
                there = found.models.index(row.model)
                for value, name in ((found.ratio, "ratio"), (found.low, "low")):
                    assert value[place, there] == pytest.approx(getattr(row, name)), name
                assert found.verdicts[place][there] == row.verdict
            assert found.verdicts[place][place] == "baseline"


def test_the_truly_best_is_in_the_group(study_of, document):
    """Of models that differ by less than their noise the group may hold several, but has to hold
    the best in 95% of runs: of 40, more than five misses would be 1 in 100."""
    missed = 0
    matrix = [e for e in scenes.matrix_entries() if e["engine"] in ("epoll", "poll")]
    for seed in range(40):
        rng = np.random.default_rng(seed)
        document["benchmarks"] = copy.deepcopy(matrix)
        best = "generator-epoll"
        for entry in document["benchmarks"]:
            cost = 7.0 if entry["model"] == best else 7.02
            luck = rng.normal(1, 0.01)
            costs = [cost * luck * rng.normal(1, 0.01) for _ in entry["rounds"][CPU]]
            entry["rounds"][CPU] = costs
        missed += best not in ties(study_of(document), 0, CPU).best
    assert missed <= 5

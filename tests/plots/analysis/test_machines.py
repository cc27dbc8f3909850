"""Ratios over machines: a machine is one observation, and machines are never pooled in silence."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from scipy import stats as distributions

from plots.analysis import stats
from plots.analysis.machines import Ratio, across, by_machine, differ_p, run_of

SIMULATIONS = 800


def estimates(logs, error=0.01, freedom=4.0) -> list[stats.Estimate]:
    """Machines with these log ratios, all known as well."""
    return [stats.Estimate(log, error, freedom, 1) for log in logs]


def test_the_mean_counts_each_machine_once_and_the_interval_is_over_machines():
    logs = [0.0, 0.1, 0.2]
    sure, unsure = estimates(logs, error=1e-6), estimates(logs, error=0.3)
    for machines in (sure, unsure):
        found = across(machines).interval
        assert found.mean == pytest.approx(0.1)
        half = distributions.t.ppf(0.975, 2) * 0.1 / math.sqrt(3)
        assert (found.low, found.high) == pytest.approx((0.1 - half, 0.1 + half))


def test_the_spread_is_what_the_machines_own_errors_leave_unexplained():
    logs = [0.0, 0.1, 0.2]
    assert across(estimates(logs, error=1e-9)).spread == pytest.approx(0.1)
    assert across(estimates(logs, error=0.06)).spread == pytest.approx(0.08)
    assert across(estimates(logs, error=0.2)).spread == 0


def test_one_machine_says_nothing_of_others_and_two_foresee_no_third():
    alone = across(estimates([0.1]))
    assert alone.interval.mean == pytest.approx(0.1)
    for unknown in (alone.interval.low, alone.spread, alone.differ_p, alone.further.low):
        assert math.isnan(unknown)
    assert math.isnan(across(estimates([0.1, 0.2])).further.low)
    assert not math.isnan(across(estimates([0.1, 0.2, 0.3])).further.low)


def test_runs_of_one_machine_are_one_observation():
    def ratio(log: float, error: float) -> Ratio:
        return Ratio("a", log, error, 4.0, 0.0, 0.0, "", True)

    found = by_machine([("x", ratio(0.1, 0.03)), ("y", ratio(0.5, 0.02)), ("x", ratio(0.3, 0.04))])
    assert [one.mean for one in found] == pytest.approx([0.2, 0.5])
    assert found[0].error == pytest.approx(0.05 / 2)
    assert found[0].n == 2


def drawn(rng, machines: int, between: float, within: float = 0.02, invocations: int = 5):
    """Machines whose truths differ by `between`, each known from some invocations."""
    truths = rng.normal(0.0, between, machines)
    values = truths[:, None] + rng.normal(0.0, within, (machines, invocations))
    errors = values.std(axis=1, ddof=1) / math.sqrt(invocations)
    return [stats.Estimate(m, e, invocations - 1, 1) for m, e in zip(values.mean(axis=1), errors)]


@pytest.mark.parametrize("machines", [2, 3, 8])
@pytest.mark.parametrize("between", [0.0, 0.05])
def test_95_of_100_intervals_over_machines_hold_the_truth(machines, between):
    rng = np.random.default_rng(5)
    found = [across(drawn(rng, machines, between)).interval for _ in range(SIMULATIONS)]
    held = np.mean([one.low <= 0 <= one.high for one in found])
    assert 0.93 < held < 0.97


@pytest.mark.parametrize("machines", [3, 8])
def test_95_of_100_further_machines_lie_where_they_were_foreseen(machines):
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(SIMULATIONS):
        *known, further = drawn(rng, machines + 1, 0.05)
        foreseen = across(known).further
        held += foreseen.low <= further.mean <= foreseen.high
    assert 0.93 < held / SIMULATIONS < 0.97


@pytest.mark.parametrize("machines", [2, 3, 8])
def test_machines_that_are_alike_are_seldom_said_to_differ(machines):
    rng = np.random.default_rng(7)
    alarms = [across(drawn(rng, machines, 0.0)).differ_p < 0.05 for _ in range(SIMULATIONS)]
    assert 0.02 < np.mean(alarms) < 0.08  # eight machines of five invocations: 7.5%


def test_machines_that_differ_are_found():
    rng = np.random.default_rng(8)
    found = [across(drawn(rng, 4, 0.1)).differ_p < 0.05 for _ in range(200)]
    assert np.mean(found) > 0.9


def test_nothing_is_said_of_a_difference_where_an_error_is_unknown():
    logs, freedoms = np.array([0.0, 0.3]), np.array([4.0, 4.0])
    assert math.isnan(differ_p(logs, np.array([0.01, np.nan]), freedoms))
    assert math.isnan(differ_p(logs, np.array([0.01, 0.0]), freedoms))
    assert math.isnan(across([stats.Estimate(0.1, np.nan, np.nan, 1)] * 2).spread)


def test_a_run_has_the_ratios_of_its_report(document, study_of):
    study = study_of(document)
    run = run_of(study, "n1")
    cell = study.asking("cost")[0]
    frame = study.ratios(cell.number)
    ratios = next(iter(run.cells.values())).ratios
    assert [ratio.model for ratio in ratios] == list(frame["model"])
    assert [math.exp(ratio.log) for ratio in ratios] == pytest.approx(list(frame["ratio"]))


def test_cells_pair_though_their_loads_followed_from_the_machine(document, study_of):
    def at(delays: dict[float, float]):
        changed = copy.deepcopy(document)
        for entry in changed["benchmarks"]:
            if entry.get("purpose") == "matched":
                entry["delay_us"] = delays.get(entry["delay_us"], entry["delay_us"])
                entry["fitted_axes"] = ["delay_us"]
        return run_of(study_of(changed), "n1")

    usual = {e["delay_us"] for e in document["benchmarks"] if e.get("purpose") == "matched"}
    one, other = at({}), at({delay: delay * 1.7 for delay in usual})
    assert list(one.cells) == list(other.cells)
    assert [c.loads for c in one.cells.values()] != [c.loads for c in other.cells.values()]

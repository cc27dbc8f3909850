"""plots.resampling: false alarms and power, from invented turns and from recorded ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scenes
from documents import HERE
from scipy.stats import binom

from plots.analysis import resampling
from plots.analysis.resampling import reliability, turns
from plots.analysis.study import Study
from plots.data.load import load
from plots.report.page import page
from plots.report.reliability import reliabilities

RECORDED = HERE.parent.parent / "results" / "reference" / "quick.json"


def recorded_turns(noise, luck=0.0, invocations=5, rounds=8, entries=7):
    """Log costs of one program: noise of each turn, and the luck of each process."""
    random = np.random.default_rng(2)
    turn = random.normal(0, noise, (invocations, rounds, entries))
    return turn + random.normal(0, luck, (invocations, 1, entries))


def test_false_alarms_are_as_many_as_the_error_rate_says():
    found = reliability(recorded_turns(0.02, luck=0.01), 8, planted=0.05, family=1)
    assert 0.02 < found.false_alarms < 0.08
    assert found.false_alarms < found.upper < 0.09


def test_the_upper_bound_is_that_of_clopper_and_pearson():
    found = reliability(recorded_turns(0.02), 8, planted=0.05, family=1)
    alarms = round(found.false_alarms * found.trials)
    assert binom.cdf(alarms, found.trials, found.upper) == pytest.approx(0.05)


def test_more_rounds_find_more():
    logs = recorded_turns(0.04)
    found = [reliability(logs, rounds, planted=0.05, family=1).power for rounds in (1, 4, 8)]
    assert found[0] < found[1] < found[2]


def test_a_difference_far_beyond_the_noise_is_always_found_and_none_never():
    logs = recorded_turns(0.001)
    assert reliability(logs, 8, planted=0.05, family=20).power_in_family == 1.0
    nothing = reliability(logs, 8, planted=0.0, family=1)
    assert nothing.power == pytest.approx(nothing.false_alarms / 2, abs=0.02)  # on one side


def test_entries_beyond_the_baseline_moderate_each_other():
    logs = recorded_turns(0.04, entries=7)
    found = [reliability(logs[..., :entries], 8, 0.05, 20) for entries in (3, 7)]
    assert [row.models for row in found] == [1, 5]
    assert found[1].power_in_family > 2 * found[0].power_in_family


def test_as_many_entries_stand_for_the_baseline_as_it_has_in_the_cells():
    logs = recorded_turns(0.04, entries=7)
    found = [reliability(logs, 8, 0.05, 20, baseline) for baseline in (1, 4, 9)]
    assert [row.models for row in found] == [6, 3, 1]
    assert found[1].power > found[0].power


def test_resampling_in_batches_gives_the_same_as_all_at_once(monkeypatch):
    logs = recorded_turns(0.02)
    at_once = reliability(logs, 8, 0.05, 20)
    monkeypatch.setattr(resampling, "_BATCH", 50_000)
    batched = reliability(logs, 8, 0.05, 20)
    assert batched.false_alarms == pytest.approx(at_once.false_alarms, abs=0.015)
    assert batched.trials == at_once.trials


def test_one_of_many_is_found_less_often():
    found = reliability(recorded_turns(0.04), 8, planted=0.05, family=20)
    assert found.power_in_family < found.power


def test_the_same_turns_give_the_same_figures():
    logs = recorded_turns(0.02)
    assert reliability(logs, 4, 0.05, 20) == reliability(logs, 4, 0.05, 20)


def test_turns_are_those_of_the_a_a_cell(study_of, document):
    document["benchmarks"] += scenes.a_a_entries(entries=7, rounds=16)
    study = study_of(document)
    logs = turns(study.results, study.against_itself.source().number)
    assert logs.shape == (5, 16, 7)
    first = next(e for e in document["benchmarks"] if e["purpose"] == "a-a")
    assert logs[0, 0, 0] == pytest.approx(math.log(first["rounds"][scenes.CPU][0]))


def test_without_an_a_a_cell_there_is_no_figure(study_of, document):
    assert reliabilities(study_of(document)) == []
    assert "False alarms and power" not in page(study_of(document), [])


def test_the_page_says_the_figures_at_each_number_of_rounds(study_of, document):
    document["benchmarks"] += scenes.a_a_entries(entries=7, rounds=16)
    study = study_of(document)
    found = reliabilities(study)
    assert [row.rounds for row in found] == [8, 16]
    assert {row.family for row in found} == {2}  # coroutine-epoll, thread-per-connection
    text = page(study, [])
    assert "False alarms and power" in text and "5 \u00d7 16 rounds" in text


@pytest.mark.parametrize("profile, planted", [("quick", 0.05), ("full", 0.03)])
def test_the_profile_sets_the_planted_difference(
    study_of, document, profile, planted
):
    document["benchmarks"] += scenes.a_a_entries(entries=7, rounds=8)
    document["context"]["profile"] = profile
    assert {row.planted for row in reliabilities(study_of(document))} == {planted}


@pytest.mark.skipif(not RECORDED.exists(), reason=f"{RECORDED} is not there")
def test_the_reference_run_raises_no_more_false_alarms_than_allowed():
    found = reliabilities(Study(load([RECORDED])))
    assert found
    for row in found:
        assert row.false_alarms <= 0.055 and row.upper <= 0.08

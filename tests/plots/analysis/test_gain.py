"""plots.analysis.gain: how much wider intervals would be without pairing within rounds."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import scenes

from plots.analysis.gain import gains
from plots.data.cells import COST, THROUGHPUT
from plots.report import trust

CPU = scenes.CPU


def with_speeds(document, of_round, of_invocation):
    """The matrix with turns that vary by 1%, on a machine whose speed varies from round to round
    and from invocation to invocation by so much (log)."""
    rng = random.Random(3)
    document["benchmarks"] = scenes.matrix_entries()
    speed = {}
    for entry in document["benchmarks"]:
        number = entry["invocation"]
        if number not in speed:
            level = rng.gauss(0, of_invocation)
            speed[number] = [level + rng.gauss(0, of_round) for _ in range(4)]
        logs = [at + rng.gauss(0, 0.01) for at in speed[number]]
        entry["rounds"][CPU] = [7.0 * math.exp(log) for log in logs]
    return document


def medians(study):
    found = gains(study)
    return np.median([(gain.across_rounds, gain.apart) for gain in found], axis=0)


def test_nothing_is_gained_where_the_machine_is_steady(study_of, document):
    across, apart = medians(study_of(with_speeds(document, 0, 0)))
    assert 0.7 < across < 1.3 and 0.6 < apart < 1.4


def test_pairing_within_rounds_gains_where_rounds_differ(study_of, document):
    across, apart = medians(study_of(with_speeds(document, 0.1, 0)))
    assert across > 1.3 and apart > 2


def test_pairing_within_invocations_suffices_where_only_these_differ(study_of, document):
    across, apart = medians(study_of(with_speeds(document, 0, 0.1)))
    assert 0.7 < across < 1.3 and apart > 5


def test_it_is_of_the_ranked_models_alone(study_of, document):
    study = study_of(document)
    cells = [cell.number for cell in (*study.asking(COST), *study.asking(THROUGHPUT))]
    ranked = [(c, row.model) for c in cells for row in study.ratios(c).itertuples() if row.ranked]
    assert sorted((gain.cell, gain.model) for gain in gains(study)) == sorted(ranked)


def test_single_rounds_have_no_others_to_be_paired_with(study_of, document):
    document = with_speeds(document, 0.1, 0.1)
    for entry in document["benchmarks"]:
        entry["rounds"] = {name: values[:1] for name, values in entry["rounds"].items()}
    study = study_of(document)
    assert all(math.isnan(gain.across_rounds) and gain.apart > 0 for gain in gains(study))
    (text,) = [a.text for a in trust.trust(study) if a.lead == "The gain of the method"]
    assert "one after another" in text and "across rounds" not in text


def test_one_invocation_has_no_interval_and_no_gain(study_of, document):
    document["benchmarks"] = [e for e in scenes.matrix_entries() if e["invocation"] == 0]
    assert gains(study_of(document)) == []


def test_the_page_states_median_and_range(study_of, document):
    study = study_of(with_speeds(document, 0.1, 0.1))
    (text,) = [a.text for a in trust.trust(study) if a.lead == "The gain of the method"]
    middle = np.median([gain.apart for gain in gains(study)])
    assert f"{middle:.2g} times as wide" in text
    assert "19 ratios" in text and "Bulej" in text


def test_missing_rounds_are_left_out(study_of, document):
    document = with_speeds(document, 0.1, 0)
    for entry in document["benchmarks"][:5]:
        entry["rounds"][CPU][1] = None
    assert all(gain.apart == pytest.approx(gain.apart) for gain in gains(study_of(document)))

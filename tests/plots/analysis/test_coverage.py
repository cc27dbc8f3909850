"""Simulated cells in which nothing differs: false alarms and coverage, and what TRUST.md says of
them."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from documents import HERE
from simulated_cells import (
    COLUMNS,
    FAMILIES,
    LEAST,
    MODELS,
    MOST,
    NOISES,
    TARGET,
    Noise,
    fixed,
    ratios,
    sequential,
    shown,
)

TRUST = (HERE.parent.parent / "harness" / "TRUST.md").read_text(encoding="utf-8")
CASES = [(name, place) for name in NOISES for place in range(len(COLUMNS))]
ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)


@cache
def simulated(name, place):
    return COLUMNS[place].figures(NOISES[name])


@pytest.mark.parametrize("name, place", CASES)
def test_verdicts_and_intervals_hold_under_each_kind_of_noise(name, place):
    found = simulated(name, place)
    assert found.false_alarms <= 0.05 and found.upper <= 0.08
    assert found.coverage >= 0.94
    assert found.coverage_of_odd >= 0.9


@pytest.mark.parametrize("name, place", CASES)
def test_the_document_has_the_figures_of_the_simulation(name, place):
    rows = [[part.strip() for part in line.split("|")] for line in ROW.findall(TRUST)]
    (headings,) = [row for row in rows if row[0] == "noise"]
    assert headings[1:] == [column.heading for column in COLUMNS]
    (row,) = [row for row in rows if row[0] == name]
    stated = [float(part.strip().removesuffix("%")) / 100 for part in row[1 + place].split(",")]
    for said, share in zip(stated, shown(simulated(name, place)), strict=True):
        error = np.sqrt(share * (1 - share) / (FAMILIES / 2))
        assert abs(said - share) <= 2 * error + 0.0005


def test_the_document_says_what_was_simulated():
    for fact in (f"{MODELS} models", f"from {LEAST} to {MOST}", f"{100 * TARGET:g}%"):
        assert fact in TRUST


def test_more_entries_of_the_baseline_make_intervals_narrower():
    widths = [fixed(Noise(), 5, 5, 200, entries=entries).width for entries in (1, 2, 4)]
    assert widths[0] > 1.1 * widths[1] > 1.1 * 1.05 * widths[2]


def test_a_single_entry_of_a_baseline_with_slow_processes_raises_false_alarms():
    noise = NOISES["a fifth of the baseline's processes 4% slower"]
    alarms = [fixed(noise, 5, 5, 500, entries=entries).false_alarms for entries in (1, 4)]
    assert alarms[0] > 2 * alarms[1]


def test_invocations_are_added_until_intervals_are_narrow_or_there_are_enough():
    at_once = sequential(Noise(), 5, 100, target=1.0, share=1.0)
    never = sequential(Noise(), 5, 100, target=0.0, share=0.5)
    assert (at_once.invocations, never.invocations) == (LEAST, MOST)
    assert LEAST < sequential(Noise(), 5, 100, TARGET, 0.5).invocations < MOST


def test_simulated_ratios_have_no_expectation_but_their_noise():
    for noise in NOISES.values():
        assert abs(ratios(noise, 200, 5, 5)[:, -1].mean()) < 0.003

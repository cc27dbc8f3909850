"""Numbers and cells in words: as many digits as mean something, and the right plural."""

from __future__ import annotations

import pandas as pd
import pytest

from plots.analysis.phrases import entries_phrase
from plots.data.cell_names import short_names
from plots.data.cells import AXES, Cell
from plots.text.format import significant, span, times


@pytest.mark.parametrize(
    "value, digits, written",
    [(0.9996, 3, "1.00"), (0.996, 2, "1.0"), (12345, 3, "12,300"), (0, 3, "0")],
)
def test_a_number_has_as_many_digits_as_asked_for_also_when_rounded_up(value, digits, written):
    assert significant(value, digits) == written


@pytest.mark.parametrize(
    "ratio, written", [(0.108, "0.108"), (0.998, "0.998"), (1.0132, "1.013"), (26.77, "26.8")]
)
def test_a_ratio_has_three_digits_and_three_decimals_near_1(ratio, written):
    assert times(ratio) == f"{written}\u00d7"


def test_both_ends_of_an_interval_have_as_many_decimals():
    assert span(0.89, 1.087) == "0.890\u20131.087"
    assert span(0.89, 1.3) == "0.890\u20131.300"
    assert span(1.58, 1.66) == "1.58\u20131.66"


def test_one_round_is_not_rounds():
    entries = pd.DataFrame(
        {"cell": 0, "model": "m", "entry": 0, "run": 0, "invocation": range(2)}
        | {"rounds": 1, "turn_queries": 2000.0}
    )
    assert entries_phrase(entries) == "2 invocations \u00d7 1 round \u00d7 2,000 queries"


def cells(*idle: int) -> list[Cell]:
    plain = dict.fromkeys(AXES) | {"in_flight": 64}
    return [Cell(n, "custom", plain | {"idle": count}, "") for n, count in enumerate(idle)]


@pytest.mark.parametrize(
    "axes, most",
    [
        ({}, 64),
        ({"limit": 0}, 64),
        ({"limit": 8}, 8),
        ({"connections": "pool:3"}, 3),
        ({"pipeline": 8}, 64),
    ],
)
def test_as_many_are_in_flight_as_a_pool_or_a_limit_lets(axes, most):
    plain = dict.fromkeys(AXES) | {"in_flight": 64}
    assert Cell(0, "custom", plain | axes, "").most_in_flight == most


def test_short_names_omit_what_is_off_where_they_stay_distinct():
    assert short_names(cells(0, 1000)) == {
        0: "64 in flight",
        1: "64 in flight, 1,000 idle connections",
    }

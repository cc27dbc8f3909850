"""What deadlines cost: cells without one beside cells with one that fires, or does not."""

from __future__ import annotations

import math

import backend_scenes
import pytest

from plots.analysis.deadlines import deadline_cells, deadlines
from plots.report.deadline_section import deadline_answers, deadline_tables
from plots.report.page import page

COSTS = {"callback-epoll": 8.0, "coroutine-epoll": 10.0}
FIRING = {"callback-epoll": 20.0, "coroutine-epoll": 30.0}
SHARE = 0.8


def timed(document, costs=COSTS, share=0.0, **axes):
    without = backend_scenes.cell(COSTS, 4.0, deadline_us=0)
    of = backend_scenes.cell(costs, 4.0, deadline_us=5000, **axes)
    for entry in of:
        entry["cancelled"] = int(share * entry["queries"])
    return document | {"benchmarks": without + of}


def test_a_deadline_that_does_not_fire_is_compared_with_none(study_of, document):
    study = study_of(timed(document))
    ((without, with_one),) = deadline_cells(study)
    for found in deadlines(study, without, with_one):
        assert found.query.ratio.low < 1 < found.query.ratio.high
        assert found.share == 0
        assert math.isnan(found.cancelled.mean)
    (answer,) = deadline_answers(study)
    assert answer.lead == "64 in flight, 2 ms delay, TCP, kept connections, deadline 5 ms"
    assert answer.text.startswith("It fires for no query, and one costs ")
    assert "It does not show for callback-epoll and coroutine-epoll" in answer.text
    assert "One that is cancelled" not in answer.text


def test_what_a_cancelled_query_costs_follows_from_the_share(study_of, document):
    study = study_of(timed(document, FIRING, SHARE))
    ((without, with_one),) = deadline_cells(study)
    for found in deadlines(study, without, with_one):
        answered, mean = COSTS[found.model], FIRING[found.model]
        expected = (mean - (1 - SHARE) * answered) / SHARE / answered
        assert found.share == pytest.approx(SHARE, rel=0.01)
        assert found.cancelled.mean == pytest.approx(expected, rel=0.05)
        assert found.cancelled.low < found.cancelled.mean < found.cancelled.high
    (answer,) = deadline_answers(study)
    assert answer.text.startswith("It cancels 80% of the queries. One that is cancelled costs ")
    (table,) = deadline_tables(study)
    assert [row["model"] for row in table.rows] == list(COSTS)
    assert table.rows[0]["share"] == "80%"
    assert "What a deadline costs" in page(study, [])


def test_a_few_that_are_cancelled_do_not_say_what_one_costs(study_of, document):
    study = study_of(timed(document, share=0.01))
    (answer,) = deadline_answers(study)
    assert answer.text.startswith("It fires for hardly any query, and one costs ")
    (table,) = deadline_tables(study)
    assert table.rows[0]["share"] == "1.0%"
    assert {row["cancelled"] for row in table.rows} == {"\N{EN DASH}"}


@pytest.mark.parametrize("axes", [{"delay_us": 4000.0}, {"transport": "unix"}, {"idle": 7}])
def test_cells_that_differ_in_more_are_not_compared(study_of, document, axes):
    study = study_of(timed(document, **axes))
    assert deadline_cells(study) == []
    assert "What a deadline costs" not in page(study, [])

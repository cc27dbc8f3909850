"""Pitfalls on the page: shown as what they are, and compared with nobody."""

from __future__ import annotations

import pytest
import scenes

from plots.report import answers, tables
from plots.report.page import page
from plots.report.pitfalls import pitfall_rows


@pytest.mark.parametrize(
    "peak, written",
    [(1, "in flight 1 of 64"), (None, "1 of 64 queries in flight at the deadline")],
)
def test_a_pitfall_is_shown_with_the_queries_it_had_in_flight(study_of, document, peak, written):
    document["benchmarks"] += scenes.pitfall_entries(peak)
    study = study_of(document)
    (row,) = pitfall_rows(study)
    assert (row["model"], row["got"]) == ("pitfall-awaits-in-turn", written)
    (answer,) = [a for a in answers.answers(study) if a.lead == "Not what they look like"]
    assert written in answer.text and written in page(study, [])


def test_a_pitfall_that_asks_more_than_it_may_is_shown_with_the_limit(study_of, document):
    document["benchmarks"] += [row | {"limit": 8} for row in scenes.pitfall_entries(9)]
    (row,) = pitfall_rows(study_of(document))
    assert row["got"] == "in flight 9 where at most 8"
    assert "at most 8 at once" in row["cell"]


def test_a_pitfall_counts_neither_as_a_model_nor_as_a_failure(study_of, document):
    without = tables.missing_rows(study_of(document))
    document["benchmarks"] += scenes.pitfall_entries(1)
    study = study_of(document)
    assert "pitfall-awaits-in-turn" not in study.models
    assert tables.missing_rows(study) == without


def test_without_pitfalls_the_page_does_not_speak_of_them(study_of, document):
    assert 'id="pitfalls"' not in page(study_of(document), [])

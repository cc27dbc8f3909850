"""Pitfalls on the page: shown as what they are, and compared with nobody."""

from __future__ import annotations

import pytest
import scenes

from plots.report import answers, tables
from plots.report.page import page
from plots.report.pitfalls import pitfall_rows


@pytest.mark.parametrize(
    "peak, said",
    [(1, "in flight 1 of 64"), (None, "1 of 64 queries in flight at the deadline")],
)
def test_a_pitfall_is_shown_as_far_as_it_got(study_of, document, peak, said):
    document["benchmarks"] += scenes.pitfall_entries(peak)
    study = study_of(document)
    (row,) = pitfall_rows(study)
    assert (row["model"], row["got"]) == ("pitfall-awaits-in-turn", said)
    (answer,) = [a for a in answers.answers(study) if a.lead == "Concurrent in looks only"]
    assert said in answer.text and said in page(study, [])


def test_a_pitfall_is_no_model_and_no_failure(study_of, document):
    without = tables.missing_rows(study_of(document))
    document["benchmarks"] += scenes.pitfall_entries(1)
    study = study_of(document)
    assert "pitfall-awaits-in-turn" not in study.models
    assert tables.missing_rows(study) == without


def test_without_pitfalls_the_page_does_not_speak_of_them(study_of, document):
    assert 'id="pitfalls"' not in page(study_of(document), [])

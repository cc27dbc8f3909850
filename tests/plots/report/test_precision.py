"""What the page says of the width of its intervals."""

from __future__ import annotations

import numpy as np

from plots.data.cells import COST
from plots.report.precision import precision_answers
from plots.text.format import percent


def test_the_median_and_the_widest_half_width_are_those_of_the_ranked_ratios(study_of, document):
    study = study_of(document)
    widths = []
    for cell in study.asking(COST):
        frame = study.ratios(cell.number)
        ranked = frame[frame["ranked"].astype(bool)]
        widths += list(np.log((ranked["high"] / ranked["low"]).astype(float)) / 2)
    widths = [width for width in widths if np.isfinite(width)]
    (answer,) = precision_answers(study)
    assert f"of cost, {percent(np.median(widths))} in the median" in answer.text
    assert f"of {len(widths)} ratios, and at most {percent(max(widths))}" in answer.text
    assert "was to go on" not in answer.text


def test_what_a_run_with_a_budget_aimed_at_is_stated(study_of, document):
    document["context"]["half_width_target"] = 0.015
    (answer,) = precision_answers(study_of(document))
    aim = "The run was to go on until each was at most 1.5%, or its budget was used up."
    assert answer.text.endswith(aim)


def test_a_run_that_ranks_nothing_has_no_precision(study_of, document):
    for entry in document["benchmarks"]:
        entry["flags"] = ["saturated", "backend-limited"]
    assert precision_answers(study_of(document)) == []

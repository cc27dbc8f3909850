"""plots.analysis.control: the positive control is found where it costs more, and ranked nowhere."""

from __future__ import annotations

import copy
import json

import pytest
import scenes

from plots.analysis.control import controls
from plots.commands.compare import as_json, as_text, of_runs, with_baseline
from plots.report import trust
from plots.report.page import page


def with_control(document, costs_more):
    document["benchmarks"] = scenes.control_entries(costs_more)
    return document


@pytest.mark.parametrize("costs_more, found", [(0.05, True), (0.0, False), (-0.05, False)])
def test_it_is_found_where_it_costs_more(study_of, document, costs_more, found):
    (control,) = controls(study_of(with_control(document, costs_more)))
    assert control.found == found
    assert control.ratio.low < 1 + costs_more < control.ratio.high
    assert control.model == "callback-epoll" and control.family == 20


def test_what_is_expected_follows_from_the_measured_cost_of_the_baseline(study_of, document):
    (control,) = controls(study_of(with_control(document, 0.05)))
    assert control.planted_us == pytest.approx(0.36)
    assert control.expected == pytest.approx(1 + 0.36 / 7, rel=0.001)


def test_no_model_is_judged_otherwise_because_it_is_there(study_of, document):
    document = with_control(document, 0.05)
    alone = copy.deepcopy(document)
    alone["benchmarks"] = [e for e in alone["benchmarks"] if e["role"] == "model"]
    assert study_of(document).ratios(0).equals(study_of(alone).ratios(0))
    assert "positive-control" not in study_of(document).models


def test_it_is_relative_to_its_own_model_whatever_the_baseline(study_of, document):
    (control,) = controls(study_of(with_control(document, 0.05), "fiber-epoll"))
    assert control.model == "callback-epoll" and control.ratio.mean == pytest.approx(1.05, abs=0.01)


def test_page_and_comparison_state_what_was_found(study_of, document):
    study = study_of(with_control(document, 0.05))
    (text,) = [answer.text for answer in trust.trust(study) if answer.lead == "Positive control"]
    assert "found in 1 of 1 cell" in text and "expected" in text and "not found" not in text
    assert "Positive control" in page(study, [])
    assert text in as_text(with_baseline(study))
    assert text in json.loads(as_json(of_runs(study, study)))["positive_control"]


def test_one_that_is_missed_is_named_as_such(study_of, document):
    study = study_of(with_control(document, 0.0))
    (text,) = [answer.text for answer in trust.trust(study) if answer.lead == "Positive control"]
    assert "found in 0 of 1 cell" in text and "not found" in text


def test_without_a_control_nothing_is_said_of_it(study_of, document):
    assert controls(study_of(document)) == []
    assert "Positive control" not in page(study_of(document), [])
    assert json.loads(as_json(with_baseline(study_of(document))))["positive_control"] is None

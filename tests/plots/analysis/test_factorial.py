"""The effects of styles and engines, in the chart and in sentences: they add up, or do not."""

from __future__ import annotations

import numpy as np
import pytest
import scenes
import statsmodels.formula.api as smf
from documents import keep
from statsmodels.stats.anova import anova_lm

from plots.analysis.factorial import fit
from plots.analysis.within_rounds import CPU, by_model, log_rounds, measured
from plots.charts.catalog import DRAWERS
from plots.report import answers
from plots.report.effects import effects


@pytest.fixture
def study_with(study_of, document):
    """The study of one matrix cell with a planted interaction."""

    def make(interaction: float = 0.0):
        keep(document, lambda entry: False)
        document["benchmarks"] += scenes.matrix_entries(interaction)
        return study_of(document)

    return make


def test_the_effects_are_those_planted(study_with):
    found = study_with().factorial(0)
    assert next(iter(found.styles)) == "callback" and next(iter(found.engines)) == "epoll"
    for terms, truth in ((found.styles, scenes.STYLES), (found.engines, scenes.ENGINES)):
        assert set(terms) == set(truth)
        for name, effect in terms.items():
            assert effect.mean == pytest.approx(truth[name], rel=0.01)
            assert effect.low <= effect.mean <= effect.high


def test_effects_without_interaction_are_additive(study_with):
    study = study_with()
    assert study.additive(0)
    caption = DRAWERS["matrix"](study).caption
    assert "effects may be read one by one" in caption and "F(12, 48)" in caption


def test_a_planted_interaction_is_found_and_named(study_with):
    study = study_with(0.2)
    assert study.factorial(0).p_value < 0.001
    assert study.factorial(0).model == ("fiber", "select")
    assert not study.additive(0)
    assert "effects do not add up" in DRAWERS["matrix"](study).caption
    (text,) = [a.text for a in answers.answers(study) if a.lead == "Style and engine apart"]
    assert "depends on the style" in text


def test_an_interaction_within_the_a_a_band_does_not_forbid_the_reading(study_of, document):
    keep(document, lambda entry: False)
    document["benchmarks"] += scenes.matrix_entries(0.05)
    document["benchmarks"] += scenes.a_a_entries(entries=7, rounds=8, turn_noise=0.4)
    study = study_of(document)
    assert study.factorial(0).p_value < 0.001 and study.additive(0)
    assert "within the A/A band" in DRAWERS["matrix"](study).caption


def test_the_f_test_agrees_with_statsmodels(study_with):
    """Invocations as blocks: the interaction against its own variation from block to block."""
    study = study_with(0.01)
    logs = by_model(log_rounds(study.results, measured(study.results, 0), CPU))
    relative = logs.sub(logs.mean(axis=1), axis=0).groupby(level="invocation").median()
    frame = relative.stack().rename("log").reset_index()
    frame[["style", "engine"]] = frame["model"].str.split("-", n=1, expand=True)
    model = "log ~ C(style)*C(engine) + C(invocation)*C(style) + C(invocation)*C(engine)"
    table = anova_lm(smf.ols(model, frame).fit())
    found = study.factorial(0)
    assert found.f == pytest.approx(table.loc["C(style):C(engine)", "F"], rel=1e-6)
    assert found.p_value == pytest.approx(table.loc["C(style):C(engine)", "PR(>F)"], rel=1e-6)


def test_a_partly_ranked_matrix_has_no_effects_and_states_that(
    study_of, document
):
    keep(document, lambda entry: False)
    document["benchmarks"] += scenes.matrix_entries()
    for entry in document["benchmarks"]:
        if entry["model"] == "fiber-poll":
            entry["flags"] = ["saturated"]
    study = study_of(document)
    assert DRAWERS["matrix"](study) is None
    (answer,) = effects(study)
    assert "unknown, since not all of the matrix is ranked" in answer.text


def test_a_matrix_with_a_hole_is_not_read(study_of, document):
    keep(document, lambda entry: False)
    rows = scenes.matrix_entries()
    document["benchmarks"] += [row for row in rows if row["model"] != "fiber-poll"]
    study = study_of(document)
    assert fit(study.results, 0, ("callback", "epoll")) is None
    assert DRAWERS["matrix"](study) is None


def test_cohorts_are_joined_by_the_model_they_share(study_of, document):
    """What differs from cohort to cohort, such as the machine's speed, is not the models'."""
    keep(document, lambda entry: False)
    rows = scenes.matrix_entries()
    for row in rows:
        if row["engine"] in ("select", "poll"):
            row["cohort"] = 1
            row["rounds"][CPU] = [3 * cost for cost in row["rounds"][CPU]]
    shared = [row for row in scenes.matrix_entries() if row["model"] == "callback-epoll"]
    for row in shared:
        row["cohort"] = 1
        row["rounds"][CPU] = [3 * cost for cost in row["rounds"][CPU]]
    document["benchmarks"] += [*rows, *shared]
    engines = study_of(document).factorial(0).engines
    assert engines["select"].mean == pytest.approx(scenes.ENGINES["select"], rel=0.02)


def test_one_invocation_gives_effects_but_no_test(study_of, document):
    keep(document, lambda entry: False)
    document["benchmarks"] += [r for r in scenes.matrix_entries() if r["invocation"] == 0]
    study = study_of(document)
    assert np.isnan(study.factorial(0).p_value)
    assert "whether effects add up is unknown" in DRAWERS["matrix"](study).caption


def test_sentences_say_the_effects_with_intervals(study_with):
    (text,) = [a.text for a in answers.answers(study_with()) if a.lead == "Style and engine apart"]
    assert "against callback, generator 1.0" in text and "against epoll, select 1.5" in text
    assert text.count("\u00d7 (") == 3 + 4

"""The page begins with the answer: sentences from the data, a decision by regime, and what people
ask first."""

from __future__ import annotations

import re
from pathlib import Path

import micro_scenes
import pytest
import scenes
from documents import keep
from markupsafe import escape

from plots.analysis.regimes import REGIMES
from plots.analysis.study import Study
from plots.data.load import load
from plots.report.asked import asked
from plots.report.decision import decisions, unmeasured
from plots.report.page import page
from plots.report.sentences import sentences

REFERENCE = Path(__file__).resolve().parents[3] / "results" / "reference" / "quick.json"
QUESTIONS = {
    "thousand": "Which model for 1,000 slow queries in flight?",
    "fiber": "What does a fiber switch cost?",
    "select": "Is select a mistake at 64?",
    "process": "What does a process cost in memory?",
    "sure": "How sure is this page?",
    "missing": "What was not measured?",
}


@pytest.fixture
def everything(study_of, document):
    """A study that can answer each question: a matrix at 64 and at 1,000 in flight, memory, and
    switches by themselves."""
    few, many = scenes.matrix_entries(), scenes.matrix_entries()
    thousand = {"in_flight": 1000, "max_in_flight": 1000, "delay_us": 50_000.0}
    memory = scenes.memory_entries()
    for entry in memory:
        if entry["model"] == "thread-per-connection":
            entry["model"] = "process-per-connection"
    document["benchmarks"] = few + [row | thousand for row in many] + memory
    document["benchmarks"] += micro_scenes.switch_entries()
    return study_of(document)


def answer(study, question):
    (found,) = [one.text for one in asked(study) if one.lead == QUESTIONS[question]]
    return found


def test_each_question_is_answered_on_the_page(everything):
    text = page(everything, [])
    assert [one.lead for one in asked(everything)] == [*QUESTIONS.values()]
    for one in asked(everything):
        assert f"<dt>{escape(one.lead)}</dt><dd>{escape(one.text)}</dd>" in text
    assert answer(everything, "thousand").startswith("1,000 in flight, 50 ms")
    assert "io_uring" in answer(everything, "thousand")
    assert re.match(r"[\d.]+ (ns|µs) by itself on one CPU", answer(everything, "fiber"))
    assert re.match(r"Yes: at 64 .* callback-select costs 1\.5", answer(everything, "select"))
    assert re.search(r"process-per-connection 38\.\d KiB a", answer(everything, "process"))
    assert "intervals are narrower than" in answer(everything, "sure")
    assert "HTTP" in answer(everything, "missing")


def test_the_page_of_the_reference_answers_each_question():
    study = Study(load([REFERENCE]))
    text = page(study, [])
    for question in QUESTIONS:
        said = answer(study, question)
        assert f"<dd>{escape(said)}</dd>" in text
    for question, found in (
        ("thousand", r"waitbench .* would\. The nearest that was: \d+ in flight"),
        ("fiber", "waitbench switch"),
        ("select", r"callback-select costs \d\.\d+\u00d7 \(.*\) what callback-epoll does"),
        ("process", r"process-per-connection [\d.]+ KiB a connection \([\d.]+ its own"),
        ("sure", r"One model against itself: .* within .*%.*intervals are narrower than \u00b1"),
        ("missing", "Of the table above: .*HTTP"),
    ):
        assert re.search(found, answer(study, question)), question


def test_what_was_not_measured_names_the_command(study_of, document):
    keep(document, lambda entry: entry["purpose"] == "seam")
    study = study_of(document)
    for question in ("thousand", "fiber", "select", "process"):
        assert "waitbench " in answer(study, question)
    assert {row.regime for row in decisions(study)} == {regime.name for regime in REGIMES}
    for row in decisions(study):
        assert not row.best and row.command.startswith("waitbench run ")
        assert row.command in page(study, []).replace("&#39;", "'")


def test_a_regime_names_the_group_that_is_tied_and_what_the_next_costs(everything):
    rows = {row.regime: row for row in decisions(everything)}
    for name in ("many in flight", "a thousand in flight", "long delays"):
        assert "io_uring" in rows[name].best and "select" not in rows[name].best
        assert "fiber-select" in rows[name].following
        assert rows[name].confidence.startswith("p < 0.001 for the next")
    assert "callback-epoll" in rows["memory of a connection"].best
    assert "HTTP" in [regime.name for regime in unmeasured(everything)]


def test_the_sentences_say_what_the_truth_behind_the_numbers_is(study_of, document):
    document["benchmarks"] = scenes.matrix_entries()
    said = " ".join(sentences(study_of(document)))
    assert re.search(r"fibers cost 1\.[01]\d+\u00d7", said)
    assert re.search(r"select costs 1\.[45]\d\u00d7", said)


def test_no_difference_is_said_to_be_none(study_of, document):
    document["benchmarks"] = scenes.matrix_entries()
    for entry in document["benchmarks"]:
        style = scenes.STYLES[entry["style"]]
        costs = entry["rounds"]["client_cpu_us_per_query"]
        entry["rounds"]["client_cpu_us_per_query"] = [cost / style for cost in costs]
    said = sentences(study_of(document))[0]
    assert "callbacks, generators, coroutines and fibers makes no difference that shows" in said


def test_one_invocation_decides_nothing(study_of, document):
    document["benchmarks"] = scenes.matrix_entries()
    study = study_of(keep(document, lambda entry: entry["invocation"] == 0))
    assert all(not row.best for row in decisions(study))
    assert any("measured once only" in row.confidence for row in decisions(study))
    assert "no difference" not in " ".join(sentences(study))
    assert answer(study, "select").startswith("Unknown")

"""Counts are on the page with their spread, in a section apart from what was timed."""

from __future__ import annotations

import count_scenes
import pytest
from count_scenes import counted_entries, scripted_entry
from documents import fail

from plots.analysis.count_summary import cell_summaries
from plots.charts.catalog import DRAWERS
from plots.report import tables
from plots.report.count_section import count_answers, count_tables, instruction_tables
from plots.report.page import page


@pytest.fixture
def models(study_of, document):
    """The summaries of the one cell that was counted, by model."""

    def make(proc_share: float = 1.0):
        document["benchmarks"] += counted_entries(proc_share)
        (cell,) = cell_summaries(study_of(document))
        return {model.model: model for model in cell.models}

    return make


def prose(study) -> str:
    return "\n".join(f"{answer.lead}: {answer.text}" for answer in count_answers(study))


def test_a_count_is_the_median_over_turns_with_the_lowest_and_the_highest(models):
    assert models()["callback-epoll"].syscalls == (2.4, 2.3, 2.5)


def test_turns_of_several_runs_are_counted_together(study_of, document):
    for invocation, syscalls in enumerate((2.0, 4.0)):
        entry = counted_entries()[0] | {"invocation": invocation}
        entry["rounds"]["syscalls_per_query"] = [syscalls] * 3
        document["benchmarks"].append(entry)
    (cell,) = cell_summaries(study_of(document))
    assert cell.models[0].syscalls == (3.0, 2.0, 4.0)


def test_both_counts_of_switches_are_compared_within_the_same_turns(models):
    found = models(proc_share=0.8)
    for model in found.values():
        assert model.disagreement == pytest.approx(0.25)


def test_the_page_states_that_counts_agree(study_of, document):
    document["benchmarks"] += counted_entries()
    assert "perf events and /proc agree exactly" in prose(study_of(document))


def test_models_whose_counts_disagree_are_named(study_of, document):
    document["benchmarks"] += counted_entries(proc_share=0.8)
    document["benchmarks"][-1]["flags"] = ["counters-disagree"]
    text = prose(study_of(document))
    assert "differ by at most 25%" in text
    assert "counters-disagree stands: thread-per-connection." in text


def test_switches_of_timed_turns_at_the_same_axes_stand_beside(models):
    found = models()
    assert found["callback-epoll"].timed_switches == pytest.approx(0.21, rel=0.1)
    assert found["thread-per-connection"].timed_switches == pytest.approx(1.0, rel=0.1)


def test_counts_at_other_axes_than_timed_have_no_timed_switches(study_of, document):
    document["benchmarks"] += [entry | {"in_flight": 63} for entry in counted_entries()]
    (cell,) = cell_summaries(study_of(document))
    assert all(model.timed_switches != model.timed_switches for model in cell.models)
    assert "Beside timed turns" not in prose(study_of(document))


def test_the_page_states_how_much_counting_slowed_the_models(study_of, document):
    document["benchmarks"] += counted_entries()
    text = prose(study_of(document))
    assert "1.050\u00d7 (callback-epoll) to 1.20\u00d7 (thread-per-connection)" in text


def test_the_page_has_every_count_with_its_spread(study_of, document):
    document["benchmarks"] += counted_entries()
    html = page(study_of(document), [])
    assert "2.40 (2.30\u20132.50)" in html and "0.420 (0.378\u20130.462)" in html
    assert "Median of 3 counted turns" in html


def test_a_missing_count_is_a_dash_and_not_zero(study_of, document):
    document["benchmarks"] += counted_entries()
    for entry in document["benchmarks"]:
        if entry["purpose"] == "counted":
            entry["rounds"]["syscalls_per_query"] = [None] * 3
            del entry["rounds"]["migrations_per_query"]
    study = study_of(document)
    (table,) = count_tables(study)
    assert all(row["syscalls"] == row["migrations"] == "\u2013" for row in table.rows)
    assert "System calls" not in prose(study) and DRAWERS["syscalls"](study) is None


def test_the_page_states_why_a_count_was_not_possible(study_of, document):
    document["context"]["uncounted"] = {"syscalls": "only root can read the tracepoint"}
    text = prose(study_of(document))
    assert "results.json: system calls, since only root can read the tracepoint." in text


def test_without_counts_the_page_says_how_to_count(study_of, document):
    assert "waitbench run --count syscalls" in prose(study_of(document))
    document["benchmarks"] += counted_entries()
    assert "Not counted" not in prose(study_of(document))


def test_a_page_without_queries_has_no_section_of_counts(study_of, document):
    for entry in document["benchmarks"]:
        fail(entry)
    assert 'id="counts"' not in page(study_of(document), [])


def test_instructions_stand_beside_the_harnesss_own(study_of, document):
    document["benchmarks"] += [scripted_entry(None, 900.0), scripted_entry("fiber", 1040.5)]
    (table,) = instruction_tables(study_of(document))
    assert table.rows == [
        {"model": "no-op-scripted", "count": "900.0", "beside": "\u2013"},
        {"model": "fiber-scripted", "count": "1,040.5", "beside": "140.5"},
    ]


def test_a_chart_shows_the_system_calls_of_each_model_and_n(study_of, document):
    document["benchmarks"] += counted_entries()
    chart = DRAWERS["syscalls"](study_of(document))
    assert chart.caption.endswith("n = 3 turns of each model, alive alone.")
    assert "fewer than one" not in chart.caption
    written = {text.get_text() for axes in chart.figure.axes for text in axes.texts}
    assert {*count_scenes.SYSCALLS, "2.40", "2.00"} <= written


def test_without_counts_there_is_no_chart_of_system_calls(study_of, document):
    assert DRAWERS["syscalls"](study_of(document)) is None


def test_flags_of_counted_entries_are_explained_as_others_are(study_of, document):
    document["benchmarks"] += counted_entries()
    document["benchmarks"][-1]["flags"] = ["counters-disagree"]
    raised = {row["flag"]: row for row in tables.flag_rows(study_of(document))}
    assert "2%" in raised["counters-disagree"]["meaning"]

"""The chart of all that a query costs: a panel for each kind of cost, a row for each model."""

from __future__ import annotations

import count_scenes
import pytest
from documents import keep

from plots.charts.catalog import DRAWERS
from plots.report.chart_tables import chart_tables


@pytest.fixture
def counted(study_of, document):
    """The fixture with counts of the cell at 64 in flight and 2 ms, and of two styles."""
    counts = count_scenes.counted_entries()
    for entry in counts:
        entry["syscalls_per_query"] = sorted(entry["rounds"]["syscalls_per_query"])[1]
    document["benchmarks"] += counts
    document["benchmarks"] += [
        count_scenes.scripted_entry(None, 1000.0),
        count_scenes.scripted_entry("callback", 1234.0),
        count_scenes.scripted_entry("coroutine", 1345.0),
    ]
    return study_of(document)


def titles(chart):
    return [axes.get_title(loc="left") for axes in chart.figure.axes]


def test_each_kind_of_cost_has_a_panel(counted):
    chart = DRAWERS["costs"](counted)
    kinds = ["client CPU, µs", "backend CPU, µs", "switches", "system calls", "instructions"]
    assert titles(chart) == kinds
    assert "64 in flight, 2 ms" in chart.figure.texts[1].get_text(), "the cell that was counted"


def test_rows_hold_what_was_measured_and_counted(counted):
    *_, calls, instructions = DRAWERS["costs"](counted).figure.axes
    written = {text.get_text() for text in calls.texts}
    assert written == {"2.40", "2.00"}, "the medians over counted turns"
    assert {text.get_text() for text in instructions.texts} == {"234", "345"}, "the styles' own"


def test_only_the_first_panel_names_the_models(counted):
    first, second, *_ = DRAWERS["costs"](counted).figure.axes
    assert "callback-epoll" in {text.get_text() for text in first.texts}
    assert "callback-epoll" not in {text.get_text() for text in second.texts}


def test_what_was_not_counted_has_no_panel(study_of, document):
    chart = DRAWERS["costs"](study_of(document))
    assert titles(chart) == ["client CPU, µs", "backend CPU, µs", "switches"]
    assert "System calls" not in chart.caption and "Instructions" not in chart.caption


def test_one_kind_alone_is_no_comparison_of_kinds(study_of, document):
    for entry in keep(document, lambda entry: entry["rounds"])["benchmarks"]:
        for field in ("backend_cpu_us_per_query", "switches_voluntary_per_query"):
            entry[field] = entry["rounds"][field] = None
    assert DRAWERS["costs"](study_of(document)) is None


def test_its_table_has_the_costs(counted):
    head = chart_tables(counted, ["costs"])["costs"].splitlines()[0].split(",")
    assert {"client_cpu_us_per_query", "backend_cpu_us_per_query", "syscalls_per_query"} <= {*head}
    assert "queries_per_second" not in head

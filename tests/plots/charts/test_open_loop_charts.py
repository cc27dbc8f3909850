"""The charts of the open loop: latency against the rate offered, and where the time goes."""

from __future__ import annotations

import json

import open_loop_scenes as scenes
import pytest
from documents import keep

from plots.charts import latency_parts
from plots.charts.catalog import DRAWERS
from plots.data.schema import SCHEMA_PATH
from plots.report import tables
from plots.report.answers import answers


def test_every_part_of_a_latency_in_the_schema_is_drawn_but_the_delay_asked_for():
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    parts = schema["$defs"]["entry"]["properties"]["latency_parts_us"]["properties"]
    assert set(latency_parts.PARTS) | {"count", "delay"} == set(parts)


@pytest.fixture
def empty(document):
    """The fixture without entries."""
    return keep(document, lambda entry: False)


def test_latency_against_the_rate_is_drawn_where_rates_differ(study_of, empty):
    empty["benchmarks"] += scenes.open_entries()
    chart = DRAWERS["offered_rate"](study_of(empty))
    axes = chart.figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["500", "2,000", "8,000"]
    assert "Poisson arrivals" in axes.get_title(loc="left")


def test_one_rate_alone_makes_no_chart_of_rates(study_of, empty):
    empty["benchmarks"] += scenes.open_entries((500.0,))
    assert DRAWERS["offered_rate"](study_of(empty)) is None


def test_a_closed_loop_has_no_chart_of_rates(study_of, document):
    assert DRAWERS["offered_rate"](study_of(document)) is None


def test_a_model_that_could_not_keep_up_is_hollow_and_explained(study_of, empty):
    empty["benchmarks"] += scenes.open_entries()
    chart = DRAWERS["offered_rate"](study_of(empty))
    hollow = [
        line.get_xdata()[0]
        for line in chart.figure.axes[0].get_lines()
        if len(line.get_xdata()) == 1 and line.get_markerfacecolor() == "white"
    ]
    assert hollow == [2000.0, 8000.0]
    assert "\u201cunstable\u201d" in chart.caption


def test_a_sweep_is_given_as_the_bracket_of_the_sustained_rate(study_of, empty):
    tried = {"callback-epoll": (16_000.0, 64_000.0, 32_000.0, 19_000.0, 20_500.0),
             "blocking": (4000.0, 1000.0, 2000.0)}  # fmt: skip
    empty["benchmarks"] += scenes.sweep_entries(tried)
    caption = DRAWERS["offered_rate"](study_of(empty)).caption
    assert "with a p99 within 5 ms, in queries/s: " in caption
    assert "callback-epoll 19,000 to 20,500" in caption
    assert "blocking 1,000 to 2,000" in caption


def test_a_sweep_without_an_upper_or_lower_end_is_given_as_such(study_of, empty):
    tried = {"callback-epoll": (4000.0, 16_000.0), "blocking": (4000.0, 2000.0)}
    empty["benchmarks"] += scenes.sweep_entries(tried)
    caption = DRAWERS["offered_rate"](study_of(empty)).caption
    assert "callback-epoll 16,000 and more" in caption
    assert "blocking less than 2,000" in caption


def test_trials_of_a_sweep_have_no_tables_and_no_panels_of_percentiles(study_of, empty):
    empty["benchmarks"] += scenes.sweep_entries({"callback-epoll": (4000.0, 16_000.0)})
    study = study_of(empty)
    assert tables.cell_tables(study) == []
    assert DRAWERS["latency"](study) is None


def test_the_parts_are_means_weighted_by_queries(study_of, empty):
    entries = scenes.open_entries((500.0,))
    entries[0]["latency_parts_us"]["count"] = 500
    entries[0]["latency_parts_us"]["transit"]["mean"] = 120.0
    empty["benchmarks"] += entries
    study = study_of(empty)
    (cell,) = study.cells
    parts = latency_parts.mean_parts_us(study, cell, "callback-epoll")
    assert parts["transit"] == pytest.approx((500 * 120 + 400 * 30) / 900)
    assert parts["send_lag"] == scenes.PARTS_US["send_lag"]


def test_the_parts_leave_out_and_name_models_that_could_not_keep_up(study_of, empty):
    empty["benchmarks"] += scenes.open_entries((500.0, 2000.0))
    caption = DRAWERS["latency_parts"](study_of(empty)).caption
    assert "Left out where they could not keep up: blocking." in caption


def test_without_parts_there_is_no_chart_of_them(study_of, document):
    assert DRAWERS["latency_parts"](study_of(document)) is None


def test_a_load_that_was_not_sustained_is_named(study_of, empty):
    entries = scenes.open_entries((2000.0,))
    for entry in entries:
        entry["max_in_flight"] = entry["in_flight"]
    empty["benchmarks"] += entries
    caption = DRAWERS["cost"](study_of(empty)).caption
    assert "Hollow where not ranked: blocking did not sustain the load." in caption


@pytest.mark.parametrize(("factor", "ranked"), [(0.3, False), (0.8, True), (1.8, True), (9, False)])
def test_a_model_that_begins_queries_at_other_times_than_the_baseline_is_not_ranked(
    study_of, empty, factor, ranked
):
    entries = [e for e in scenes.open_entries((500.0,)) if e["model"] == "callback-epoll"]
    empty["benchmarks"] += entries + scenes.as_late_as(entries, "callback-libuv", factor)
    study = study_of(empty)
    (comparison,) = study.ratios(0).itertuples()
    assert comparison.ranked == ranked
    text = " ".join(answer.text for answer in answers(study))
    assert ("callback-libuv began queries at other times" in text) != ranked
    if factor == 9:
        assert "in the median 360 µs after they were due, callback-epoll 40 µs" in text


def test_in_a_closed_loop_nobody_is_late(study_of, empty):
    entries = [e for e in scenes.open_entries((500.0,)) if e["model"] == "callback-epoll"]
    closed = entries + scenes.as_late_as(entries, "callback-libuv", 9)
    for entry in closed:
        entry |= {"rate_qps": None, "arrivals": None, "purpose": "matched"}
    empty["benchmarks"] += closed
    (comparison,) = study_of(empty).ratios(0).itertuples()
    assert comparison.ranked

"""The charts against one axis: idle connections, fan-out and event loops."""

from __future__ import annotations

import pytest
import scenes
from documents import keep

from plots.charts.catalog import DRAWERS
from plots.charts.drawing.lines import panels_along


@pytest.fixture
def empty(document):
    """The fixture without entries."""
    return keep(document, lambda entry: False)


def test_poll_is_shown_growing_and_epoll_not(study_of, empty):
    empty["benchmarks"] += scenes.idle_entries()
    caption = DRAWERS["idle"](study_of(empty)).caption
    assert "1,000 idle connections, over that with no idle connections" in caption
    assert "epoll 1.000\u00d7" in caption and "poll 3.00\u00d7" in caption


def test_a_model_that_cannot_watch_so_many_is_named_with_the_reason(study_of, empty):
    empty["benchmarks"] += scenes.idle_entries()
    caption = DRAWERS["idle"](study_of(empty)).caption
    assert "Not measured: callback-select at 1,000: select cannot watch so many." in caption
    assert "select 1.20\u00d7, at 100" in caption


def test_a_load_that_idle_connections_make_unsustainable_is_hollow_and_named(study_of, empty):
    empty["benchmarks"] += scenes.idle_entries()
    caption = DRAWERS["idle"](study_of(empty)).caption
    assert "callback-poll did not sustain the load" in caption


def test_loops_show_how_throughput_scales(study_of, empty):
    empty["benchmarks"] += scenes.loop_entries()
    caption = DRAWERS["loops"](study_of(empty)).caption
    assert "Queries per second with 2 loops, over that with 1 loop" in caption
    assert "epoll 2.00\u00d7" in caption
    assert "Clients had 1 CPU; loops beyond that share." in caption


def test_cells_that_differ_in_more_than_the_axis_share_no_panel(study_of, empty):
    empty["benchmarks"] += scenes.idle_entries()
    for entry in empty["benchmarks"]:
        entry["delay_us"] += entry["idle"]
    study = study_of(empty)
    assert panels_along("idle", list(study.cells.values())) == []
    assert DRAWERS["idle"](study) is None


def test_none_stands_apart_on_the_logarithmic_axis(study_of, empty):
    empty["benchmarks"] += scenes.idle_entries()
    (panel,) = panels_along("idle", list(study_of(empty).cells.values()))
    places = [panel.place(cell) for cell in panel.cells]
    assert 0 < places[0] < places[1] / 2 and places[1:] == [100, 1000]


def test_a_fan_out_is_shown_dear_where_each_query_takes_a_thread(study_of, empty):
    empty["benchmarks"] += scenes.fan_out_entries()
    caption = DRAWERS["fan_out"](study_of(empty)).caption
    assert "CPU per query with fan-out 16, over that with fan-out 1" in caption
    assert "thread-per-connection 10.0\u00d7; epoll 1.000\u00d7" in caption
    assert "Not measured: process-pool at 4 and 16: its workers share no memory." in caption


def test_no_fan_out_is_drawn_where_no_cell_has_any(study_of, empty):
    empty["benchmarks"] += scenes.idle_entries()
    assert DRAWERS["fan_out"](study_of(empty)) is None

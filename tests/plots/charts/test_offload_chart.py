"""The chart of what calls that block do to the others in their loop."""

from __future__ import annotations

import pytest
import scenes
from documents import keep
from matplotlib.collections import PathCollection

from plots.charts.catalog import DRAWERS


@pytest.fixture
def empty(document):
    """The fixture without entries."""
    return keep(document, lambda entry: False)


def test_a_call_in_place_is_shown_to_delay_the_others_and_one_by_threads_not(study_of, empty):
    empty["benchmarks"] += scenes.offload_entries()
    caption = DRAWERS["offload"](study_of(empty)).caption
    grown = "p99 over that without calls (callback-epoll): 64.0\u00d7 in place"
    assert f"{grown} and 1.000\u00d7 by 4 threads." in caption


def test_places_are_in_order_and_what_was_not_measured_has_no_mark(study_of, empty):
    empty["benchmarks"] += scenes.offload_entries()
    for entry in empty["benchmarks"]:
        if entry["offload"] == "inline":
            entry["latency_parts_us"] = None
    figure = DRAWERS["offload"](study_of(empty)).figure
    (axes,) = figure.axes
    named = [text.get_text() for text in axes.texts]
    assert named == ["no calls", "in place", "by 4 threads"]
    marks = [len(one.get_offsets()) for one in axes.collections if isinstance(one, PathCollection)]
    assert marks == [3, 2]


def test_nothing_is_drawn_where_no_calls_are_made(study_of, empty):
    empty["benchmarks"] += scenes.fan_out_entries()
    assert DRAWERS["offload"](study_of(empty)) is None

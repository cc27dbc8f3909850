"""The charts of a report, made by one process or by several."""

from __future__ import annotations

import os

import pytest
from documents import keep

from plots.charts.catalog import DRAWERS
from plots.report.drawing import drawn


@pytest.fixture
def small(study_of, document):
    return study_of(keep(document, lambda entry: entry["purpose"] == "seam"))


def test_a_drawing_does_not_depend_on_how_many_processes_there_are(small, monkeypatch):
    found = []
    for cpus in ({0}, {0, 1}):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: cpus)
        with drawn(small) as charts:
            found.append([*charts])
    assert found[0] == found[1]
    assert [chart.name for chart in found[0]] == ["seam"]


def test_what_goes_wrong_in_a_process_reaches_the_caller(small, monkeypatch):
    def fail(study):
        raise ValueError("no ink")

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setitem(DRAWERS, "seam", fail)
    with drawn(small) as charts, pytest.raises(ValueError, match="no ink"):
        list(charts)


def test_text_of_a_drawing_is_text(small):
    with drawn(small) as charts:
        (chart,) = charts
    assert ">callback-epoll</text>" in chart.svg
    assert "'DejaVu Sans', Verdana, sans-serif" in chart.svg

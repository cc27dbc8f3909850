"""Latency percentiles of every model in every cell, from the merged histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, key, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.labels import log_ticks
from plots.charts.drawing.marks import Mark, draw_marks, spans
from plots.charts.drawing.rows import place_rows
from plots.data.cell_names import short_names
from plots.data.cells import SEAM, SWEEP, Cell
from plots.data.histogram import TAIL_QUERIES
from plots.text.format import listing, microseconds, percent

TITLE = "How long a query takes"
_GLYPHS: dict[str, dict[str, Any]] = {
    "p50": {"marker": "o", "markersize": 6.0},
    "p90": {"marker": "|", "markersize": 9.0},
    "p99": {"marker": "D", "markersize": 4.2},
    "p999": {"marker": "x", "markersize": 5.0},
    "max": {"marker": ">", "markersize": 4.5},
}
_NAMES = {"p50": "p50", "p90": "p90", "p99": "p99", "p999": "p99.9", "max": "max"}


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell has latencies."""
    found = [cell for cell in study.cells.values() if _models(study, cell)]
    cells = drawn_of(found)
    if not cells:
        return None
    present = {model for cell in cells for model in _models(study, cell)}
    rows = [model for model in study.models if model in present]
    with paper():
        subtitle = "latency of a query on a logarithmic axis, percentiles over all invocations"
        figure, panels = place_rows(cells, rows, TITLE, subtitle)
        key(figure, {_NAMES[name]: mark for name, mark in _GLYPHS.items()})
        for axes, cell in panels:
            _panel(axes, study, cell, rows)
    caption = captions.caption(
        "Percentiles are read from the histograms of all invocations added up (values kept to "
        f"within {percent(study.histogram_error)}); p99.9 only from {TAIL_QUERIES:,} "
        "queries.",
        crowd_sentence(found),
        _unreliable(study, cells),
        _below_resolution(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("latency", TITLE, caption, figure)


def _models(study: Study, cell: Cell) -> list[str]:
    if cell.question == SEAM or cell.purpose in ("a-a", SWEEP):
        return []
    return [m for m in study.models_in(cell.number) if _marks(study, cell, m)]


def _marks(study: Study, cell: Cell, model: str) -> dict[str, float]:
    """What is drawn of a model: percentiles in microseconds that a logarithmic axis can show. The
    lowest bucket of a histogram is read as 0."""
    found = study.latency(cell.number, model) or {}
    return {name: found[name] for name in _GLYPHS if found and found[name] > 0}


def _below_resolution(study: Study, cells: Sequence[Cell]) -> str:
    """Models with latencies too short to be told from 0."""
    lost = {
        model
        for cell in cells
        for model in study.models_in(cell.number)
        if (found := study.latency(cell.number, model)) and not found["p50"] > 0
    }
    named = listing([model for model in study.models if model in lost])
    return f"Below the resolution of the histogram, at least in part: {named}." if lost else ""


def _panel(axes: Axes, study: Study, cell: Cell, rows: Sequence[str]) -> None:
    axes.set_xscale("log")
    found = [
        (rows.index(model), study.appearance(model).colour, _marks(study, cell, model))
        for model in _models(study, cell)
    ]
    ends = [(min(m.values()), max(m.values()), row, colour) for row, colour, m in found]
    spans(axes, ends, 0.9)
    for name, glyph in _GLYPHS.items():
        marks = [
            Mark(m[name], row, colour, glyph["marker"]) for row, colour, m in found if name in m
        ]
        draw_marks(axes, marks, glyph["markersize"])
    low, high = min(end[0] for end in ends) / 1.25, max(end[1] for end in ends) * 1.25
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: microseconds(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x")


def _unreliable(study: Study, cells: Sequence[Cell]) -> str:
    limited = [cell for cell in cells if study.backend_limited(cell.number)]
    if not limited:
        return ""
    names = short_names(cells)
    listed = "; ".join(names[cell.number] for cell in limited)
    return f"Limited by the backend, so not the models' own: {listed}."

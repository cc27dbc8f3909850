"""Where the time of a query goes, without the delay that was asked for: stacked means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from plots.analysis.appearance import INK
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.bars import HATCH, bar_axis, cut_sentence
from plots.charts.drawing.canvas import Chart, legend, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.marks import draw_bars
from plots.charts.drawing.rows import place_rows
from plots.data.cells import COST, Cell
from plots.text.format import listing

TITLE = "Where the time of a query goes"


class Part(NamedTuple):
    """A part of a query's time: its name in the legend, and the hatch and strength of its fill."""

    label: str
    hatch: str
    strength: float


Parts = dict[str, float]  # microseconds by the names of PARTS
# In the order of time; the delay asked for lies after the second.
PARTS = {
    "send_lag": Part("the client begins late", "", 0.3),
    "transit": Part("way there", "", 0.75),
    "delay_error": Part("the backend is late", HATCH, 0.0),
    "resume_lag": Part("way back", "", 1.0),
}


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell that shows costs has latencies taken apart."""
    parts_in = {cell.number: _parts_in(study, cell) for cell in study.asking(COST)}
    found = [cell for cell in study.asking(COST) if parts_in[cell.number]]
    cells = drawn_of(found)
    if not cells:
        return None
    rows = [m for m in study.models if any(m in parts_in[cell.number] for cell in cells)]
    with paper():
        subtitle = "mean latency in µs, without the delay asked for; lower is better"
        figure, panels = place_rows(cells, rows, TITLE, subtitle)
        samples = [
            Patch(facecolor=_fill(INK, part), edgecolor=INK, hatch=part.hatch, label=part.label)
            for part in PARTS.values()
        ]
        legend(figure, samples)
        for axes, cell in panels:
            _panel(axes, study, parts_in[cell.number], rows)
    caption = captions.caption(
        "The way there ends when the backend has read the request, the way back when the client "
        "has the whole reply; of a pool, the way there begins in its queue. A client begins late "
        "only in an open loop, where a query is intended to start when the schedule says.",
        crowd_sentence(found),
        _left_out(study, cells),
        cut_sentence(_sums(parts_in[cell.number]) for cell in cells),
        captions.n_of(study, cells),
    )
    return Chart("latency_parts", TITLE, caption, figure)


def _parts_in(study: Study, cell: Cell) -> dict[str, Parts]:
    """Of the models of a cell that kept up, with latencies taken apart."""
    found = {}
    for model in study.models_in(cell.number):
        if "unstable" not in study.flags(cell.number, model):
            if parts := mean_parts_us(study, cell.number, model):
                found[model] = parts
    return found


def mean_parts_us(study: Study, cell: int, model: str) -> Parts | None:
    """The mean of each part in microseconds, over the queries of all invocations; None where no
    latency was taken apart."""
    stored = [parts for parts in study.entries(cell, model)["latency_parts"] if parts]
    if not stored:
        return None
    counts = [parts["count"] for parts in stored]
    means = [[parts[name]["mean"] for name in PARTS] for parts in stored]
    return dict(zip(PARTS, np.average(means, axis=0, weights=counts).tolist()))


def _fill(colour: str, part: Part) -> list[float]:
    """Opaque, unlike an alpha."""
    return [1 - (1 - share) * part.strength for share in to_rgb(colour)]


def _panel(axes: Axes, study: Study, found: dict[str, Parts], rows: Sequence[str]) -> None:
    bar_axis(axes, _sums(found), "µs")
    places = [rows.index(model) for model in found]
    colours = [study.appearance(model).colour for model in found]
    ends = np.zeros(len(found))
    for name, part in PARTS.items():
        starts, ends = ends, ends + [parts[name] for parts in found.values()]
        bars = [*zip(starts, ends, places)]
        for colour in dict.fromkeys(colours):
            those = [bar for bar, its in zip(bars, colours) if its == colour]
            look = {"facecolors": [_fill(colour, part)], "edgecolors": colour}
            draw_bars(axes, those, hatch=part.hatch, linewidths=0.6, **look)


def _sums(found: dict[str, Parts]) -> list[float]:
    """The lengths of a cell's bars."""
    return [sum(parts.values()) for parts in found.values()]


def _left_out(study: Study, cells: Sequence[Cell]) -> str:
    """Models that could not keep up with an open loop: their lateness is a backlog, not a
    latency."""
    lost = {
        model
        for cell in cells
        for model in study.models_in(cell.number)
        if "unstable" in study.flags(cell.number, model)
    }
    named = listing([model for model in study.models if model in lost])
    return f"Left out where they could not keep up: {named}." if lost else ""

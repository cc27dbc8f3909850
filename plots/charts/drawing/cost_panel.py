"""One panel of client CPU per query: lines against an axis of the cells, with the A/A band around
the baseline."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from plots.analysis.appearance import BAND
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.lines import Panel, draw_lines, headroom, name_ticks, tallest

_WIDEST_LINEAR = 12  # a larger ratio of highest to lowest cost needs a logarithmic axis


def draw_cost(axes: Axes, study: Study, panel: Panel) -> None:
    """One panel of client CPU per query."""
    name_ticks(axes, panel)
    axes.set_ylabel("µs of client CPU per query")
    axes.grid(axis="y")
    _choose_scale(axes, study, panel)
    _band(axes, study, panel)
    draw_lines(axes, study, panel, CPU, study.outside)


def _choose_scale(axes: Axes, study: Study, panel: Panel) -> None:
    """From zero, or logarithmic where zero would press the cheap models together."""
    levels = [
        study.level(c.number, m, CPU).mean for c in panel.cells for m in study.models_in(c.number)
    ]
    lowest = min((level for level in levels if level > 0), default=1.0)
    highest = tallest(study, panel, CPU)
    if highest > _WIDEST_LINEAR * lowest:
        axes.set_yscale("log")
        axes.set_ylim(lowest / 1.5, highest * 1.2)
    else:
        axes.set_ylim(*headroom(highest))
    plain_ticks(axes.yaxis)


def _band(axes: Axes, study: Study, panel: Panel) -> None:
    """How far the baseline may differ from itself, around the baseline."""
    points = []
    for cell in panel.cells:
        spread = study.aa(cell.number)
        mean = study.level(cell.number, study.baseline or "", CPU).mean
        if spread and np.isfinite(mean):
            points.append((panel.place(cell), mean, spread.limit))
    if points:
        x, mean, limit = np.array([points[0], *points, points[-1]]).T
        x[[0, -1]] *= [1 / 1.25, 1.25]
        edges = (mean * np.exp(-limit), mean * np.exp(limit))
        axes.fill_between(x, *edges, color=BAND, linewidth=0, zorder=1)

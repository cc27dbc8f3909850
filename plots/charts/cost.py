"""Client CPU per query, hollow of models that did not sustain the load: against the number in
flight, or a row for each model where there is but one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.cells import COST
from plots.charts import captions
from plots.charts.canvas import Chart, paper
from plots.charts.levels import draw_levels, stand_alone
from plots.charts.lines import (
    Panel,
    behind_words,
    cut_words,
    draw_lines,
    grid_for,
    headroom,
    name_ticks,
    panels_of,
    tallest,
    told_apart,
)
from plots.charts.labels import plain_ticks
from plots.compare import CPU
from plots.study import Study
from plots.style import BAND

TITLE = "What a query costs its client"
_WIDEST_LINEAR = 12  # a larger ratio of dearest to cheapest needs a logarithmic axis


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell shows what a query costs."""
    cells = study.asking(COST)
    if not cells:
        return None
    panels = panels_of(cells)
    with paper():
        figure = _levels(study, panels) if stand_alone(panels) else _lines(study, panels)
    caption = captions.caption(
        "" if stand_alone(panels) else behind_words(study, panels),
        captions.intervals(study, cells),
        cut_words(study, panels, CPU),
        captions.band(study, cells, CPU),
        captions.references(study, cells),
        captions.outside(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("cost", TITLE, caption, figure)


def _lines(study: Study, panels: Sequence[Panel]) -> Figure:
    subtitle = "client CPU per query, mean over invocations; lower is better"
    parts = told_apart(study, panels)
    titles = [part.title() for part in parts]
    figure, axes = grid_for(study, parts).place(titles, TITLE, subtitle)
    for one, panel in zip(axes, parts):
        draw_cost(one, study, panel)
    return figure


def _levels(study: Study, panels: Sequence[Panel]) -> Figure:
    subtitle = "µs of client CPU per query, mean over invocations; lower is better"
    return draw_levels(
        study, panels, CPU, TITLE, subtitle, study.outside
    )[0]


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
        mean = study.level(cell.number, study.baseline, CPU).mean
        if spread and np.isfinite(mean):
            points.append((panel.place(cell), mean, spread.limit))
    if points:
        x, mean, limit = np.array([points[0], *points, points[-1]]).T
        x[[0, -1]] *= [1 / 1.25, 1.25]
        edges = (mean * np.exp(-limit), mean * np.exp(limit))
        axes.fill_between(x, *edges, color=BAND, linewidth=0, zorder=1)

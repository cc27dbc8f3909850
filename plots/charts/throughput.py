"""Queries per second when clients run flat out, and the rate at which the backend itself would have
been the limit: against the number in flight, or a row for each model where there is but one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from plots.analysis.appearance import INK
from plots.analysis.study import Study
from plots.analysis.within_rounds import RATE
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.levels import draw_levels, stand_alone
from plots.charts.drawing.lines import (
    Panel,
    behind_sentence,
    cut_sentence,
    grid_for,
    headroom,
    panels_of,
    split_by_style,
)
from plots.charts.drawing.throughput_panel import (
    LIMIT_LINE,
    draw_throughput,
    is_hollow,
    limit_in_sight,
    limit_sentence,
)
from plots.data.cells import THROUGHPUT

TITLE = "How many queries a second, flat out"
_SUBTITLE = "queries per second, mean over invocations; higher is better"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell ranks throughput."""
    cells = study.asking(THROUGHPUT)
    if not cells:
        return None
    panels = panels_of(cells)
    with paper():
        figure = _levels(study, panels) if stand_alone(panels) else _lines(study, panels)
    caption = captions.caption(
        "" if stand_alone(panels) else behind_sentence(study, panels),
        captions.intervals(study, cells),
        cut_sentence(study, panels, RATE),
        limit_sentence(study, cells),
        captions.references(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("throughput", TITLE, caption, figure)


def _lines(study: Study, panels: Sequence[Panel]) -> Figure:
    parts = split_by_style(study, panels)
    titles = [part.title() for part in parts]
    figure, axes = grid_for(study, parts).place(titles, TITLE, _SUBTITLE)
    for one, panel in zip(axes, parts):
        draw_throughput(one, study, panel)
    return figure


def _levels(study: Study, panels: Sequence[Panel]) -> Figure:
    figure, placed = draw_levels(
        study, panels, RATE, TITLE, _SUBTITLE, lambda cell, model: is_hollow(study, cell, model)
    )
    for axes, cell in placed:
        limit = limit_in_sight(study, cell)
        if np.isfinite(limit):
            axes.axvline(limit, color=INK, linewidth=1.0, linestyle=LIMIT_LINE, zorder=2)
            axes.set_xlim(right=max(axes.get_xlim()[1], headroom(limit)[1]))
    return figure

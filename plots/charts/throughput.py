"""Queries per second when clients run flat out, and the rate at which the backend itself would have
been the limit: against the number in flight, or a row for each model where there is but one."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from plots.analysis.appearance import INK
from plots.analysis.study import Study
from plots.analysis.within_rounds import RATE
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.levels import Levels
from plots.charts.drawing.lines import cut_sentence, headroom
from plots.charts.drawing.throughput_panel import (
    LIMIT_LINE,
    draw_throughput,
    is_hollow,
    limit_in_sight,
    limit_sentence,
)
from plots.data.cells import THROUGHPUT, Cell

TITLE = "How many queries a second, flat out"
_SUBTITLE = "queries per second, mean over invocations; higher is better"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell ranks throughput."""
    found = study.asking(THROUGHPUT)
    cells = drawn_of(found)
    if not cells:
        return None

    def hollow(cell: int, model: str) -> bool:
        return is_hollow(study, cell, model)

    levels = Levels(study, cells, RATE, draw_throughput, hollow)
    with paper():
        figure, alone = levels.draw(TITLE, _SUBTITLE)
        for axes, cell in alone:
            _draw_limit(axes, study, cell)
    caption = captions.caption(
        levels.behind_sentence(),
        crowd_sentence(found),
        captions.intervals(study, cells),
        cut_sentence(study, levels.panels, RATE),
        limit_sentence(study, cells),
        captions.references(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("throughput", TITLE, caption, figure)


def _draw_limit(axes: Axes, study: Study, cell: Cell) -> None:
    """The backend's limit in a panel of rows."""
    limit = limit_in_sight(study, cell)
    if np.isfinite(limit):
        axes.axvline(limit, color=INK, linewidth=1.0, linestyle=LIMIT_LINE, zorder=2)
        axes.set_xlim(right=max(axes.get_xlim()[1], headroom(limit)[1]))

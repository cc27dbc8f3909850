"""Client CPU per query, hollow of models that did not sustain the load: against the number in
flight, or a row for each model where there is but one."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from plots.analysis.appearance import BAND
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.cost_panel import draw_cost
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.levels import Levels
from plots.charts.drawing.lines import cut_sentence
from plots.data.cells import COST, Cell

TITLE = "What a query costs its client"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell shows what a query costs."""
    found = study.asking(COST)
    cells = drawn_of(found)
    if not cells:
        return None
    levels = Levels(study, cells, CPU, draw_cost, study.outside)
    with paper():
        subtitle = "µs of client CPU per query, mean over invocations; lower is better"
        figure, alone = levels.draw(TITLE, subtitle)
        for axes, cell in alone:
            _draw_band(axes, study, cell)
    caption = captions.caption(
        levels.behind_sentence(),
        crowd_sentence(found),
        captions.intervals(study, cells),
        cut_sentence(study, levels.panels, CPU),
        captions.band(study, cells, CPU),
        captions.references(study, cells),
        captions.outside(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("cost", TITLE, caption, figure)


def _draw_band(axes: Axes, study: Study, cell: Cell) -> None:
    """How far the baseline may differ from itself, in a panel of rows."""
    spread, level = study.aa(cell.number), study.level(cell.number, study.baseline or "", CPU)
    if spread and np.isfinite(level.mean):
        edges = (level.mean * np.exp(-spread.limit), level.mean * np.exp(spread.limit))
        axes.axvspan(*edges, color=BAND, linewidth=0, zorder=1)

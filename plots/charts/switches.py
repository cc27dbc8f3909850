"""Context switches per query: those a model asks for (voluntary) and those done to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from plots.analysis.appearance import HOLLOW
from plots.analysis.study import Study
from plots.analysis.within_rounds import INVOLUNTARY, VOLUNTARY
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, key, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.marks import Mark, draw_marks, spans
from plots.charts.drawing.rows import place_rows
from plots.data.cells import COST, Cell

TITLE = "How often the kernel switches"
_FILLED = {"marker": "o"}
_HOLLOW = {"marker": "o", **HOLLOW}
_MARK = 5.5  # points


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell of equal load has counted switches."""
    found = [cell for cell in study.asking(COST) if _highest(study, [cell]) is not None]
    cells = drawn_of(found)
    if not cells:
        return None
    rows = [m for m in study.models if any(m in study.models_in(cell.number) for cell in cells)]
    with paper():
        subtitle = "context switches per query, mean over invocations"
        figure, panels = place_rows(cells, rows, TITLE, subtitle, columns=3)
        key(figure, {"voluntary": _FILLED, "involuntary": _HOLLOW})
        for axes, cell in panels:
            _panel(axes, study, cell, rows, _highest(study, cells) or 1.0)
    caption = captions.caption(
        "A voluntary switch is a wait: the model went to sleep. An involuntary one took the CPU "
        "from it.",
        crowd_sentence(found),
        captions.intervals(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("switches", TITLE, caption, figure)


def _highest(study: Study, cells: Sequence[Cell]) -> float | None:
    values = [
        value
        for cell in cells
        for model in study.models_in(cell.number)
        for metric in (VOLUNTARY, INVOLUNTARY)
        for value in study.level(cell.number, model, metric)[:3]
        if np.isfinite(value)
    ]
    return max(values, default=None)


def _panel(axes: Axes, study: Study, cell: Cell, rows: Sequence[str], highest: float) -> None:
    axes.set_xlim(-0.03 * highest, highest * 1.06)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")
    for metric, hollow in ((INVOLUNTARY, True), (VOLUNTARY, False)):
        found = [
            (rows.index(model), study.appearance(model).colour, level)
            for model in study.models_in(cell.number)
            if np.isfinite((level := study.level(cell.number, model, metric)).mean)
        ]
        known = [(max(0, x.low), x.high, row, c) for row, c, x in found if np.isfinite(x.low)]
        spans(axes, known, 1.2)
        marks = [Mark(level.mean, row, colour, hollow=hollow) for row, colour, level in found]
        draw_marks(axes, marks, _MARK)

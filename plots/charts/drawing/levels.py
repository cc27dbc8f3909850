"""Levels of a metric where no two cells share an axis: a row for each model, its mean over
invocations with the interval, and the number."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from plots.analysis.appearance import HOLLOW
from plots.analysis.study import Study
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.lines import Panel, headroom, tallest
from plots.charts.drawing.rows import number_beside, place_rows
from plots.data.cells import Cell
from plots.text.format import significant

_NUMBER_WIDTH = 0.85  # inches right of a panel


def stand_alone(panels: Sequence[Panel]) -> bool:
    """Whether each panel has one cell, so that there is no line to draw."""
    return all(len(panel.cells) == 1 for panel in panels)


def draw_levels(
    study: Study,
    panels: Sequence[Panel],
    metric: str,
    title: str,
    subtitle: str,
    hollow: Callable[[int, str], bool],
) -> tuple[Figure, list[tuple[Axes, Cell]]]:
    """A figure with a panel for each cell, and these; `hollow(cell, model)` says which points are
    drawn hollow."""
    cells = [cell for panel in panels for cell in panel.cells]
    present = {model for cell in cells for model in study.models_in(cell.number)}
    names = [model for model in study.models if model in present]
    figure, placed = place_rows(cells, names, title, subtitle, right=_NUMBER_WIDTH)
    for panel, (axes, cell) in zip(panels, placed):
        axes.set_xlim(*headroom(tallest(study, panel, metric)))
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        plain_ticks(axes.xaxis)
        axes.grid(axis="x")
        for model in study.models_in(cell.number):
            level, look = study.level(cell.number, model, metric), study.appearance(model)
            if not np.isfinite(level.mean):
                continue
            row = names.index(model)
            axes.plot([level.low, level.high], [row, row], color=look.colour, linewidth=1.8)
            fill = HOLLOW if hollow(cell.number, model) else {}
            mark = {"marker": look.marker, "color": look.colour, "markersize": 4.6}
            axes.plot([level.mean], [row], linestyle="none", zorder=4, **mark, **fill)
            number_beside(axes, row, significant(level.mean), 52)
    return figure, placed

"""One panel of queries per second: lines against an axis of the cells, with the rate at which the
backend would be the limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from plots.analysis.appearance import INK, Appearance
from plots.analysis.study import Study
from plots.analysis.within_rounds import RATE
from plots.charts.drawing.labels import End, plain_ticks
from plots.charts.drawing.lines import Panel, draw_lines, headroom, name_ticks, tallest
from plots.data.cell_names import short_names
from plots.data.cells import Cell

LIMIT_LINE = (0, (1.5, 1.5))
_IN_SIGHT = 2 / 3  # of the backend's limit, from where on it is drawn


def draw_throughput(axes: Axes, study: Study, panel: Panel) -> None:
    """One panel of queries per second."""
    name_ticks(axes, panel)
    axes.set_ylabel("queries per second")
    axes.grid(axis="y")
    limits = [(panel.place(c), limit_in_sight(study, c)) for c in panel.cells]
    limits = [(count, limit) for count, limit in limits if np.isfinite(limit)]
    highest = max([tallest(study, panel, RATE), *(limit for _, limit in limits)])
    axes.set_ylim(*headroom(highest))
    plain_ticks(axes.yaxis)
    limit_line = _draw_limit(axes, limits)
    draw_lines(axes, study, panel, RATE, lambda c, m: is_hollow(study, c, m), limit_line)


def _draw_limit(axes: Axes, limits: Sequence[tuple[float, float]]) -> list[End]:
    """Draws the rate at which the backend's CPU would be fully used, where that is known."""
    if not limits:
        return []
    x, y = np.array([limits[0], *limits, limits[-1]], dtype=float).T
    x[[0, -1]] *= [1 / 1.25, 1.25]
    axes.plot(x, y, color=INK, linewidth=1.0, linestyle=LIMIT_LINE, zorder=2)
    return [End(x[-1], y[-1], "the backend's limit", Appearance(INK, "None", LIMIT_LINE))]


def limit_in_sight(study: Study, cell: Cell) -> float:
    """The rate at which the backend would be the limit, if a model comes near it; else NaN."""
    limit = study.backend_capacity(cell.number)
    rates = [study.level(cell.number, model, RATE).mean for model in study.models_in(cell.number)]
    return limit if max(rates, default=0.0) > _IN_SIGHT * limit else np.nan


def is_hollow(study: Study, cell: int, model: str) -> bool:
    return "backend-limited" in study.flags(cell, model) or not study.carries_load(cell, model)


def limit_sentence(study: Study, cells: Sequence[Cell]) -> str:
    """What the dotted line is, and in which cells the backend was the limit."""
    names = short_names(cells)
    limited = [names[cell.number] for cell in cells if study.backend_limited(cell.number)]
    drawn = any(np.isfinite(limit_in_sight(study, cell)) for cell in cells)
    line = "Dotted: the rate at which the model that costs the backend least would use it fully."
    line = line if drawn else ""
    if not limited:
        return line
    return (
        f"{line} Hollow points at {'; '.join(limited)} were limited by the backend: they say what "
        "it can do, not what the model can, and those cells are not ranked."
    ).strip()

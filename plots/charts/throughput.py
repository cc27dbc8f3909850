"""Queries per second when clients run flat out, and the rate at which the backend itself would have
been the limit: against the number in flight, or a row for each model where there is but one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.cells import THROUGHPUT, Cell
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
from plots.charts.labels import End, plain_ticks
from plots.compare import RATE
from plots.study import Study
from plots.style import INK, Look
from plots.words import short_names

TITLE = "How many queries a second, flat out"
_SUBTITLE = "queries per second, mean over invocations; higher is better"
_IN_SIGHT = 2 / 3  # of the backend's limit, from where on it is drawn
_LIMIT_LINE = (0, (1.5, 1.5))


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell ranks throughput."""
    cells = study.asking(THROUGHPUT)
    if not cells:
        return None
    panels = panels_of(cells)
    with paper():
        figure = _levels(study, panels) if stand_alone(panels) else _lines(study, panels)
    caption = captions.caption(
        "" if stand_alone(panels) else behind_words(study, panels),
        captions.intervals(study, cells),
        cut_words(study, panels, RATE),
        limit_words(study, cells),
        captions.references(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("throughput", TITLE, caption, figure)


def _lines(study: Study, panels: Sequence[Panel]) -> Figure:
    parts = told_apart(study, panels)
    titles = [part.title() for part in parts]
    figure, axes = grid_for(study, parts).place(titles, TITLE, _SUBTITLE)
    for one, panel in zip(axes, parts):
        draw_throughput(one, study, panel)
    return figure


def _levels(study: Study, panels: Sequence[Panel]) -> Figure:
    figure, placed = draw_levels(
        study, panels, RATE, TITLE, _SUBTITLE, lambda cell, model: _hollow(study, cell, model)
    )
    for axes, cell in placed:
        limit = _limit_in_sight(study, cell)
        if np.isfinite(limit):
            axes.axvline(limit, color=INK, linewidth=1.0, linestyle=_LIMIT_LINE, zorder=2)
            axes.set_xlim(right=max(axes.get_xlim()[1], headroom(limit)[1]))
    return figure


def draw_throughput(axes: Axes, study: Study, panel: Panel) -> None:
    """One panel of queries per second."""
    name_ticks(axes, panel)
    axes.set_ylabel("queries per second")
    axes.grid(axis="y")
    limits = [(panel.place(c), _limit_in_sight(study, c)) for c in panel.cells]
    limits = [(count, limit) for count, limit in limits if np.isfinite(limit)]
    highest = max([tallest(study, panel, RATE), *(limit for _, limit in limits)])
    axes.set_ylim(*headroom(highest))
    plain_ticks(axes.yaxis)
    limit_line = _draw_limit(axes, limits)
    draw_lines(axes, study, panel, RATE, lambda c, m: _hollow(study, c, m), limit_line)


def _draw_limit(axes: Axes, limits: Sequence[tuple[float, float]]) -> list[End]:
    """Draws the rate at which the backend's CPU would be fully used, where that is known."""
    if not limits:
        return []
    x, y = np.array([limits[0], *limits, limits[-1]], dtype=float).T
    x[[0, -1]] *= [1 / 1.25, 1.25]
    axes.plot(x, y, color=INK, linewidth=1.0, linestyle=_LIMIT_LINE, zorder=2)
    return [End(x[-1], y[-1], "the backend's limit", Look(INK, "None", _LIMIT_LINE))]


def _limit_in_sight(study: Study, cell: Cell) -> float:
    """The rate at which the backend would be the limit, if a model comes near it; else NaN."""
    limit = study.backend_capacity(cell.number)
    rates = [study.level(cell.number, model, RATE).mean for model in study.models_in(cell.number)]
    return limit if max(rates, default=0.0) > _IN_SIGHT * limit else np.nan


def _hollow(study: Study, cell: int, model: str) -> bool:
    return "backend-limited" in study.flags(cell, model) or not study.carries_load(cell, model)


def limit_words(study: Study, cells: Sequence[Cell]) -> str:
    """What the dotted line is, and which cells lie at it."""
    names = short_names(cells)
    limited = [names[cell.number] for cell in cells if study.backend_limited(cell.number)]
    drawn = any(np.isfinite(_limit_in_sight(study, cell)) for cell in cells)
    line = "Dotted: the rate at which the model that costs the backend least would use it fully."
    line = line if drawn else ""
    if not limited:
        return line
    return (
        f"{line} Hollow points at {'; '.join(limited)} were limited by the backend: they say what "
        "it can do, not what the model can, and those cells are not ranked."
    ).strip()

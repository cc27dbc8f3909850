"""The time to create a task, and the memory of a task while very many of them sleep."""

from __future__ import annotations

import re

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots.analysis.appearance import appearance_of
from plots.analysis.operations import BYTES, clear_of_zero, models_among, operations
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, paper
from plots.charts.drawing.labels import log_ticks
from plots.charts.drawing.rows import height_for, margin_for, number_beside, rows_for
from plots.charts.drawing.time_axes import lost_sentence, spread_sentence, time_axis
from plots.text.format import nanoseconds, size

TITLE = "What a task costs, and what it takes while it sleeps"
_STEP = 16  # from tick to tick of an axis of bytes


def draw(study: Study) -> Chart | None:
    """The chart, or None where no tasks were put to sleep."""
    made = models_among(operations(study.results, "spawn"))
    made = made[made["tasks"].isna()]
    asleep = operations(study.results, "spawn", BYTES)
    if asleep.empty or not clear_of_zero(asleep).all():
        return None
    names = list(dict.fromkeys([*made["model"], *asleep["model"]]))
    panels = {"made, run and joined: time": _times, "asleep: bytes each \u00d7 how many": _sizes}
    if not clear_of_zero(made).any():
        del panels["made, run and joined: time"]
    grid = Grid(2, height_for(names), labels=margin_for(names), right=1.55)
    with paper():
        subtitle = "one task by itself, and very many alive at once; lower is better"
        figure, placed = grid.place(list(panels), TITLE, subtitle)
        for place, (axes, fill) in enumerate(zip(placed, panels.values())):
            rows_for(axes, names, place == 0)
            fill(axes, names, asleep if fill is _sizes else made)
    caption = captions.caption(
        "Asleep: what all sleepers together add to the process, its children and the kernel, over "
        "their number.",
        _limits(asleep),
        lost_sentence(made, lambda row: f"making a {row.model}"),
        spread_sentence(pd.concat([made, asleep])),
    )
    return Chart("tasks", TITLE, caption, figure)


def _times(axes: Axes, names: list[str], rows: pd.DataFrame) -> None:
    time_axis(axes, "x", rows)
    for row in rows.itertuples():
        _dot(axes, names.index(row.model), row)
        number_beside(axes, names.index(row.model), nanoseconds(row.middle, trimmed=False), 50)


def _sizes(axes: Axes, names: list[str], rows: pd.DataFrame) -> None:
    limits = (rows["low"].min() / 1.8, rows["high"].max() * 1.8)
    axes.set(xscale="log", xlim=limits)
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(*limits, _STEP)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: size(value)))
    axes.grid(axis="x")
    for row in rows.itertuples():
        place = names.index(row.model)
        _dot(axes, place, row)
        number_beside(axes, place, f"{size(row.middle)} \u00d7 {row.tasks:,.0f}", 106)


def _dot(axes: Axes, place: int, row) -> None:
    colour = appearance_of(row.model, row.style, row.engine).colour
    if row.low > 0:
        axes.hlines(place, row.low, row.high, color=colour, linewidth=1.4, zorder=3)
        axes.plot([row.middle], [place], color=colour, marker="o", linestyle="none", zorder=4)


def _limits(rows: pd.DataFrame) -> str:
    """The limit of the machine that would have been reached next, and its value."""
    parts = [
        f"{row.model}: {re.sub(r'[0-9]{4,}', lambda digits: f'{int(digits[0]):,}', row.limit)}"
        for row in rows.itertuples()
        if row.limit
    ]
    return f"The tightest limit on how many can be alive: {'; '.join(parts)}." if parts else ""

"""Charts of operations: logarithmic axes of time, and series with their spread.

A cost from which the empty loop was subtracted may come out at or below zero: it is lost in the
noise. A logarithmic axis has no place for it, so it is left out and named in the caption.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots.analysis.appearance import HOLLOW, Appearance, appearance_of
from plots.analysis.operations import clear_of_zero
from plots.charts.drawing.canvas import Grid
from plots.charts.drawing.labels import End, label_ends, log_ticks
from plots.text.format import count_range, listing, nanoseconds, plural, times

_LABEL_PITCH = 0.18  # inches that the name of a line takes


class Series(NamedTuple):
    """One line: `rows` of operations(), ascending in `axis`; `places` are their x values."""

    name: str
    look: Appearance
    places: list[float]
    rows: pd.DataFrame

    @property
    def reference(self) -> bool:
        """Whether it is there only to compare others with."""
        return is_reference(self.rows.iloc[0])


def is_reference(row) -> bool:
    """Whether a benchmark is not itself a way of waiting, and is drawn hollow."""
    return row.role == "reference"


def series_along(axis: str, rows: pd.DataFrame, zero_at: float | None = None) -> list[Series]:
    """One series per model, in the order of the rows; 0 stands at `zero_at`."""
    found = []
    for model, group in rows.groupby("model", sort=False):
        group = group.sort_values(axis)
        first = group.iloc[0]
        name = f"{model} (reference)" if is_reference(first) else str(model)
        places = [float(value or zero_at or 0) for value in group[axis]]
        appearance = appearance_of(model, first["style"], first["engine"])
        found.append(Series(name, appearance, places, group))
    return found


def draw_series(axes: Axes, series: Sequence[Series]) -> None:
    """Medians with their spread, named at the right end; moved aside a little to stay apart."""
    ends = []
    for place, one in enumerate(series):
        aside = 2 ** (0.2 * ((place + 0.5) / len(series) - 0.5))
        points = [
            (x * aside, row.middle, row.low, row.high)
            for x, row, shown in zip(one.places, one.rows.itertuples(), clear_of_zero(one.rows))
            if shown
        ]
        if not points:
            continue
        x, y, low, high = zip(*points)
        fill = HOLLOW if one.reference else {}
        axes.plot(x, y, color=one.look.colour, linestyle=one.look.line, linewidth=1.2, zorder=3)
        axes.vlines(x, low, high, color=one.look.colour, linewidth=1.1, zorder=3)
        mark = {"marker": one.look.marker, "color": one.look.colour, "linestyle": "none"}
        axes.plot(x, y, zorder=4, **mark, **fill)
        ends.append(End(x[-1], y[-1], one.name, one.look, one.reference))
    label_ends(axes, ends)


def grid_for(panels: Iterable[Sequence[Series]]) -> Grid:
    """Panels below each other, high enough for the names of their lines at the side."""
    names = max(len(series) for series in panels)
    height = max(2.5, _LABEL_PITCH * names + 0.3)
    return Grid(columns=1, height=height, left=0.95, right=2.35, below=0.68)


def time_axis(axes: Axes, which: str, rows: pd.DataFrame) -> None:
    """Makes the "x" or "y" axis one of nanoseconds, logarithmic, that holds all that is drawn."""
    shown = rows[clear_of_zero(rows)]
    limits = (shown["low"].min() / 1.5, shown["high"].max() * 1.5)
    axes.set(**{f"{which}scale": "log", f"{which}lim": limits})
    axis = {"x": axes.xaxis, "y": axes.yaxis}[which]
    axis.set_major_locator(FixedLocator(log_ticks(*limits)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: nanoseconds(value)))
    axes.grid(axis=which)


def lost_sentence(rows: pd.DataFrame, name) -> str:
    """A sentence that names the rows lost in the noise; `name(row)` is what a row is called."""
    lost = [name(row) for row in rows[~clear_of_zero(rows)].itertuples()]
    return f"Left out, since not clear of zero: {listing(lost)}." if lost else ""


def spread_sentence(rows: pd.DataFrame) -> str:
    """What the bars are, which flags the rows have, and n."""
    count = count_range(rows["rounds"])
    return (
        f"Medians over rounds; bars span the middle half of them. {_flag_sentence(rows)}"
        f"n = {count} rounds, each a process of its own."
    )


def _flag_sentence(rows: pd.DataFrame) -> str:
    flags = sorted({flag for raised in rows["flags"] for flag in raised})
    if not flags:
        return ""
    flagged = f"{sum(map(bool, rows['flags']))} of {plural(len(rows), 'benchmark')}"
    return f"Flagged {listing(flags)}: {flagged}. "


def growth_sentence(series: Iterable[Series], what: str) -> str:
    """How the last value of an axis compares with the first, line by line."""
    parts = []
    for one in series:
        ends = one.rows[clear_of_zero(one.rows)]["middle"]
        if len(ends) > 1 and np.isfinite(ends).all():
            parts.append(f"{one.name} {times(ends.iloc[-1] / ends.iloc[0])}")
    return f"{what}: {', '.join(parts)}." if parts else ""

"""How the cost of an operation grows along one axis of its benchmarks: a line per model."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from plots.analysis.operations import clear_of_zero
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.labels import count_axis
from plots.charts.drawing.time_axes import (
    draw_series,
    grid_for,
    growth_sentence,
    lost_sentence,
    series_along,
    spread_sentence,
    time_axis,
)


class Growth(NamedTuple):
    """What a chart of growth is about: `name` is that of its files, `axis` the field that grows,
    `label` that axis in words, `place` one value of it in words, as in "at depth 8"."""

    name: str
    title: str
    subtitle: str
    axis: str
    label: str
    place: Callable[[float], str]

    def draw(self, rows: pd.DataFrame) -> Chart | None:
        """The chart of rows of operations(), or None where there is one value of the axis only."""
        if rows[self.axis].nunique() < 2 or not clear_of_zero(rows).any():
            return None
        series = series_along(self.axis, rows)
        with paper():
            figure, (axes,) = grid_for([series]).place([""], self.title, self.subtitle)
            values = {float(value): f"{value:,.0f}" for value in rows[self.axis].unique()}
            count_axis(axes, values, self.label)
            time_axis(axes, "y", rows)
            draw_series(axes, series)
        first, last = self.place(min(values)), self.place(max(values))
        caption = captions.caption(
            growth_sentence(series, f"{last.capitalize()}, over that {first}"),
            lost_sentence(rows, lambda row: f"{row.model} {self.place(getattr(row, self.axis))}"),
            spread_sentence(rows),
        )
        return Chart(self.name, self.title, caption, figure)

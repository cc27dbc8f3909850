"""How the cost of an operation grows along one axis of its benchmarks: a line per model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    def draw(self, panels: Mapping[str, pd.DataFrame]) -> Chart | None:
        """The chart of rows of operations(), a panel for each title; or None where there is one
        value of the axis only."""
        panels = {title: rows for title, rows in panels.items() if clear_of_zero(rows).any()}
        together = pd.concat([*panels.values()]) if panels else pd.DataFrame({self.axis: []})
        if together[self.axis].nunique() < 2:
            return None
        series = {title: series_along(self.axis, rows) for title, rows in panels.items()}
        values = {float(value): f"{value:,.0f}" for value in sorted(together[self.axis].unique())}
        with paper():
            grid = grid_for(series.values())
            figure, placed = grid.place(list(panels), self.title, self.subtitle)
            for axes, title in zip(placed, panels):
                count_axis(axes, values, self.label)
                time_axis(axes, "y", panels[title])
                draw_series(axes, series[title])
        first, last = self.place(min(values)), self.place(max(values))
        span = f"{last}, over that {first}"
        caption = captions.caption(
            *(growth_sentence(series[title], _opening(title, span)) for title in panels),
            lost_sentence(
                together, lambda row: f"{row.model} {self.place(getattr(row, self.axis))}"
            ),
            spread_sentence(together),
        )
        return Chart(self.name, self.title, caption, figure)


def _opening(title: str, span: str) -> str:
    """The beginning of a sentence about a panel."""
    opening = f"{title}, {span}" if title else span
    return opening[0].upper() + opening[1:]

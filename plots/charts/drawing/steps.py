"""A ladder: a row for each model, with what an operation costs on one CPU and across CPUs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from plots.analysis.appearance import HOLLOW, INK, MUTED, appearance_of
from plots.analysis.operations import CROSS_CPU, clear_of_zero
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, key, paper
from plots.charts.drawing.rows import height_for, margin_for, number_beside, rows_for
from plots.charts.drawing.time_axes import is_reference, lost_sentence, spread_sentence, time_axis
from plots.text.format import nanoseconds

_ONE, _ACROSS = {"marker": "o"}, {"marker": "D"}
_REFERENCE = {"marker": "o", **HOLLOW}
_COLUMNS = {False: 68, True: 122}  # points right of the panel: numbers of one CPU, across CPUs


class Ladder(NamedTuple):
    """What a ladder is about: `name` is that of its files."""

    name: str
    title: str
    subtitle: str

    def draw(self, rows: pd.DataFrame, panel: str, sentences: Sequence[str]) -> Chart | None:
        """The chart of rows of operations(), or None where none is clear of zero; `panel` is the
        title of its panel, and the caption begins with the sentences."""
        if rows.empty or not clear_of_zero(rows).any():
            return None
        names = list(dict.fromkeys(rows["model"]))
        grid = Grid(1, height_for(names), labels=margin_for(names), right=1.9)
        with paper():
            figure, (axes,) = grid.place([panel], self.title, self.subtitle)
            key(figure, {"on one CPU": _ONE, "across CPUs": _ACROSS, "reference": _REFERENCE})
            rows_for(axes, names, True)
            time_axis(axes, "x", rows)
            for row in rows.itertuples():
                _step(axes, names.index(row.model), row)
        caption = captions.caption(
            *sentences,
            "Numbers at the right: on one CPU, then across CPUs.",
            lost_sentence(rows, lambda row: row.model),
            spread_sentence(rows),
        )
        return Chart(self.name, self.title, caption, figure)


def _step(axes: Axes, place: int, row) -> None:
    """One operation at one placement: its marker, spread and number."""
    across = row.placement == CROSS_CPU
    colour = appearance_of(row.model, row.style, row.engine).colour
    mark = _REFERENCE if is_reference(row) else _ACROSS if across else _ONE
    if row.low > 0:
        axes.hlines(place, row.low, row.high, color=colour, linewidth=1.4, zorder=3)
        axes.plot([row.middle], [place], color=colour, linestyle="none", zorder=4, **mark)
    number = nanoseconds(row.middle, trimmed=False)
    number_beside(axes, place, number, _COLUMNS[across], color=INK if row.low > 0 else MUTED)

"""The ladder: what every kind of switch costs by itself, from nanoseconds to microseconds."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from plots.analysis.appearance import HOLLOW, INK, MUTED, appearance_of
from plots.analysis.operations import CROSS_CPU, clear_of_zero, plain_switches
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, key, paper
from plots.charts.drawing.rows import height_for, margin_for, number_beside, rows_for
from plots.charts.drawing.time_axes import is_reference, lost_sentence, spread_sentence, time_axis
from plots.text.format import nanoseconds

TITLE = "What a switch costs"
_ONE, _ACROSS = {"marker": "o"}, {"marker": "D"}
_REFERENCE = {"marker": "o", **HOLLOW}
_COLUMNS = {False: 68, True: 122}  # points right of the panel: numbers of one CPU, across CPUs


def draw(study: Study) -> Chart | None:
    """The chart, or None where no switch was measured."""
    rows = plain_switches(study.results)
    if rows.empty or not clear_of_zero(rows).any():
        return None
    names = list(dict.fromkeys(rows["model"]))
    grid = Grid(1, height_for(names), labels=margin_for(names), right=1.9)
    with paper():
        subtitle = "time for one switch, net of the empty loop; lower is better"
        figure, (axes,) = grid.place([_where(rows)], TITLE, subtitle)
        key(figure, {"on one CPU": _ONE, "across CPUs": _ACROSS, "reference": _REFERENCE})
        rows_for(axes, names, True)
        time_axis(axes, "x", rows)
        for row in rows.itertuples():
            _step(axes, names.index(row.model), row)
    caption = captions.caption(
        "One operation passes control on once, whether through a driver or directly; a round trip "
        "is two.",
        "Numbers at the right: on one CPU, then across CPUs.",
        "Only the kernel can switch across CPUs, and has to wake up one that went to sleep."
        if (rows["placement"] == CROSS_CPU).any()
        else "",
        lost_sentence(rows, lambda row: row.model),
        spread_sentence(rows),
    )
    return Chart("ladder", TITLE, caption, figure)


def _where(rows: pd.DataFrame) -> str:
    contexts = rows["contexts"].min()
    return f"{contexts:.0f} contexts in a ring" if contexts > 0 else ""


def _step(axes: Axes, place: int, row) -> None:
    """One kind of switch at one placement: its marker, spread and number."""
    across = row.placement == CROSS_CPU
    colour = appearance_of(row.model, row.style, row.engine).colour
    mark = _REFERENCE if is_reference(row) else _ACROSS if across else _ONE
    if row.low > 0:
        axes.hlines(place, row.low, row.high, color=colour, linewidth=1.4, zorder=3)
        axes.plot([row.middle], [place], color=colour, linestyle="none", zorder=4, **mark)
    number = nanoseconds(row.middle, trimmed=False)
    number_beside(axes, place, number, _COLUMNS[across], color=INK if row.low > 0 else MUTED)

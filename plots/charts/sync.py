"""What it costs tasks to wait for each other: each primitive, in each style."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from plots.analysis.appearance import appearance_of
from plots.analysis.operations import clear_of_zero, on_one_cpu, operations
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, key, paper
from plots.charts.drawing.rows import height_for, margin_for, rows_for
from plots.charts.drawing.time_axes import lost_sentence, spread_sentence, time_axis

TITLE = "What it costs to wait for another task"
_SITUATIONS = {
    "uncontended": "free",
    "handed-over": "handed over",
    "one-wakes-all": "one wakes all",
}
_APART = 0.11  # of a row, from one style to the next


def draw(study: Study) -> Chart | None:
    """The chart, or None where nothing was measured."""
    rows = on_one_cpu(operations(study.results, "sync"))
    rows = rows[~(rows["contexts"] > rows["contexts"].min())]
    if rows.empty or not clear_of_zero(rows).any():
        return None
    rows = rows.assign(what=[_what(row) for row in rows.itertuples()])
    order = {word: place for place, word in enumerate(_SITUATIONS)}
    rows = rows.sort_values("situation", key=lambda words: words.map(order), kind="stable")
    names = list(dict.fromkeys(rows["what"]))
    styles = list(dict.fromkeys(rows["style"]))
    grid = Grid(1, height_for(names) * 1.6, labels=margin_for(names), right=0.3)
    with paper():
        subtitle = "time for one operation on one CPU, net of the empty loop; lower is better"
        figure, (axes,) = grid.place([""], TITLE, subtitle)
        key(figure, {style: {"marker": "o", "color": _colour(style)} for style in styles})
        rows_for(axes, names, True)
        time_axis(axes, "x", rows)
        for row in rows[clear_of_zero(rows)].itertuples():
            aside = _APART * (styles.index(row.style) - (len(styles) - 1) / 2)
            _dot(axes, names.index(row.what) + aside, row)
    caption = captions.caption(
        "Free: nobody has to wait. Handed over: whoever has it gives it to one who waits, and "
        f"waits for it again, among {_contenders(rows)}. One wakes all: for each that is woken.",
        lost_sentence(rows, lambda row: f"{row.style}, {row.what}"),
        spread_sentence(rows),
    )
    return Chart("sync", TITLE, caption, figure)


def _what(row) -> str:
    return f"{row.primitive}, {_SITUATIONS[row.situation]}"


def _contenders(rows: pd.DataFrame) -> str:
    contexts = rows["contexts"].min()
    return f"{contexts:.0f}" if contexts > 0 else "those that want it"


def _colour(style: str) -> str:
    return appearance_of(style, style, None).colour


def _dot(axes: Axes, place: float, row) -> None:
    colour = _colour(row.style)
    axes.hlines(place, row.low, row.high, color=colour, linewidth=1.4, zorder=3)
    axes.plot([row.middle], [place], color=colour, marker="o", linestyle="none", zorder=4)

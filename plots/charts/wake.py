"""The cost of an engine's wake-up against the number of connections it watches, where one of them
is ready and where a tenth of them are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pandas as pd
from matplotlib.axes import Axes

from plots.analysis.appearance import MUTED
from plots.analysis.operations import clear_of_zero, operations, refused
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.labels import count_axis
from plots.charts.drawing.time_axes import (
    Series,
    draw_series,
    grid_for,
    growth_sentence,
    lost_sentence,
    series_along,
    spread_sentence,
    time_axis,
)
from plots.text.format import listing, nanoseconds

TITLE = "What watching many connections costs"
_PANELS = {"one is ready": True, "a tenth are ready": False}
_FLOOR = (0, (1.5, 1.5))


def draw(study: Study) -> Chart | None:
    """The chart, or None where no wake-up was measured."""
    rows = operations(study.results, "wake")
    engines = rows[rows["role"] == "model"]
    if engines.empty or not clear_of_zero(engines).any():
        return None
    panels = {title: engines[(engines["ready"] == 1) == one] for title, one in _PANELS.items()}
    panels = {title: _series(part) for title, part in panels.items() if len(part)}
    with paper():
        subtitle = "time for one byte sent, handed out and watched for again; lower is better"
        figure, placed = grid_for(panels.values()).place(list(panels), TITLE, subtitle)
        counts = {float(count): f"{count:,.0f}" for count in engines["watched"].unique()}
        for axes, series in zip(placed, panels.values()):
            count_axis(axes, counts, "connections watched")
            time_axis(axes, "y", pd.concat([_references(rows), *(one.rows for one in series)]))
            _floor(axes, rows)
            draw_series(axes, series)
    caption = captions.caption(
        *(growth_sentence(series, _span(title, series)) for title, series in panels.items()),
        _floor_sentence(rows),
        _limits(refused(study.results, "wake")),
        lost_sentence(engines, lambda row: f"{row.model} at {row.watched:,.0f}"),
        spread_sentence(rows),
    )
    return Chart("wake", TITLE, caption, figure)


def _series(rows: pd.DataFrame) -> list[Series]:
    """One line per engine; the name of one that got less far than others says how far."""
    most = rows["watched"].max()
    return [
        one
        if (reached := one.rows["watched"].max()) == most
        else one._replace(name=f"{one.name} (up to {reached:,.0f})")
        for one in series_along("watched", rows)
    ]


def _span(title: str, series: Sequence[Series]) -> str:
    counts = pd.concat([one.rows["watched"] for one in series])
    return f"Where {title}, with {counts.max():,.0f} watched over that with {counts.min():,.0f}"


def _references(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["role"] == "reference") & (rows["middle"] > 0)]


def _floor(axes: Axes, rows: pd.DataFrame) -> None:
    """The cost of sending and receiving without waiting."""
    for row in _references(rows).itertuples():
        axes.axhline(row.middle, color=MUTED, linewidth=1.0, linestyle=_FLOOR, zorder=2)


def _floor_sentence(rows: pd.DataFrame) -> str:
    parts = [
        f"{row.operation} ({nanoseconds(row.middle)})" for row in _references(rows).itertuples()
    ]
    return f"Dotted, for reference: {listing(parts)}." if parts else ""


def _limits(lost: pd.DataFrame) -> str:
    """Which models could not watch so many connections, and why."""
    rows = sorted({(row.model, row.reason, row.watched) for row in lost.itertuples()})
    parts = []
    for (model, reason), group in groupby(rows, key=lambda row: row[:2]):
        counts = listing([f"{watched:,.0f}" for *_, watched in group])
        parts.append(f"{model} at {counts}: {reason}")
    return f"Not measured: {'; '.join(parts)}." if parts else ""

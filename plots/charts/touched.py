"""What a switch costs with memory to touch at each turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from plots.analysis.operations import ring_switches
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.labels import count_axis
from plots.charts.drawing.time_axes import (
    Series,
    draw_series,
    grid_for,
    growth_sentence,
    series_along,
    spread_sentence,
    time_axis,
)
from plots.text.format import listing

TITLE = "What a switch costs with memory to touch"
_NOTHING_AT = 512.0  # where a working set of 0 bytes stands, left of all others
_WIDEST = 3  # times its lower end: a spread beyond that says nothing
_KIB = 1024


def draw(study: Study) -> Chart | None:
    """Cost against the bytes touched at each turn, a panel for each number of contexts: the
    switches that stand out from the noise there. None where there are none."""
    rows = ring_switches(study.results)
    counts = sorted(rows.loc[rows["working_set_bytes"] > 0, "contexts"].unique())
    panels = {count: _panel(rows[rows["contexts"] == count]) for count in counts}
    shown = {count: series for count, series in panels.items() if series}
    if not shown:
        return None
    drawn = pd.concat([one.rows for series in shown.values() for one in series])
    with paper():
        subtitle = "time for one switch on one CPU, net of touching the memory; lower is better"
        grid = grid_for(shown.values())
        figure, placed = grid.place(list(map(_where, shown)), TITLE, subtitle)
        ticks = {(size or _NOTHING_AT): _size(size) for size in drawn["working_set_bytes"].unique()}
        for axes, series in zip(placed, shown.values()):
            count_axis(axes, ticks, "memory that each context touches at its turn")
            time_axis(axes, "y", drawn)
            draw_series(axes, series)
    most = _size(drawn["working_set_bytes"].max())
    caption = captions.caption(
        "The same loop touching the same memory without a switch is subtracted: what grows is the "
        "effect of a switch on the caches.",
        *(
            growth_sentence(series, f"{_where(count)}, with {most} over that with none")
            for count, series in shown.items()
        ),
        _drowned(rows, panels),
        spread_sentence(drawn),
    )
    return Chart("touched", TITLE, caption, figure)


def _panel(rows: pd.DataFrame) -> list[Series]:
    """The series of one number of contexts that say something at each of their points."""
    series = series_along("working_set_bytes", rows, _NOTHING_AT)
    return [one for one in series if (one.rows["high"] < _WIDEST * one.rows["low"]).all()]


def _drowned(rows: pd.DataFrame, panels: Mapping[float, Sequence[Series]]) -> str:
    """Which switches are lost in the noise of touching the memory."""
    parts = []
    for count, series in panels.items():
        models = rows.loc[rows["contexts"] == count, "model"].unique()
        drawn = {one.rows["model"].iloc[0] for one in series}
        lost = [model for model in models if model not in drawn]
        if lost:
            parts.append(f"{listing(lost)} ({_where(count)})")
    return f"Lost in the noise of touching the memory: {'; '.join(parts)}." if parts else ""


def _where(count: float) -> str:
    return f"{count:,.0f} contexts in a ring"


def _size(size: float) -> str:
    return f"{size / _KIB:,.0f} KiB" if size else "none"

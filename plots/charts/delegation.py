"""What one value costs that comes up through nested generators, coroutines or calls."""

from __future__ import annotations

from plots.charts import captions
from plots.charts.canvas import Chart, Grid, paper
from plots.charts.labels import count_axis
from plots.charts.times import (
    draw_series,
    drawable,
    growth_words,
    height_of,
    lost_words,
    models_among,
    series_along,
    spread_words,
    time_axis,
)
from plots.operations import operations
from plots.study import Study

TITLE = "What depth costs"


def draw(study: Study) -> Chart | None:
    """Cost against the depth of nesting, or None where there is one depth only."""
    rows = models_among(operations(study.results, "delegate"))
    if rows["depth"].nunique() < 2 or not drawable(rows).any():
        return None
    series = series_along("depth", rows)
    grid = Grid(1, height_of(len(series)), left=0.95, right=2.35, below=0.68)
    with paper():
        subtitle = "time for one value, or one resumption, at the bottom; lower is better"
        figure, (axes,) = grid.place([""], TITLE, subtitle)
        depths = {float(depth): f"{depth:,.0f}" for depth in rows["depth"].unique()}
        count_axis(axes, depths, "nested calls, the innermost included")
        time_axis(axes, "y", rows)
        draw_series(axes, series)
    first, last = min(depths), max(depths)
    caption = captions.caption(
        growth_words(series, f"At depth {last:,.0f}, over that at {first:,.0f}"),
        lost_words(rows, lambda row: f"{row.model} at {row.depth:,.0f}"),
        spread_words(rows),
    )
    return Chart("depth", TITLE, caption, figure)

"""System calls per query, as the counting pass found them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from plots.analysis.appearance import appearance_of
from plots.analysis.count_summary import CellSummary, ModelSummary, cell_summaries
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.rows import number_beside, place_rows
from plots.text.format import count_range, significant

TITLE = "How often a query enters the kernel"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no system calls were counted."""
    cells = [summary for summary in cell_summaries(study) if _counted(summary)]
    if not cells:
        return None
    names = list(dict.fromkeys(model.model for summary in cells for model in _counted(summary)))
    spreads = [model.syscalls for summary in cells for model in _counted(summary)]
    lowest, highest = min(spreads).middle, max(spread.high for spread in spreads)
    with paper():
        subtitle = "system calls per query, median over counted turns; lower is better"
        of_cell = {summary.cell.number: summary for summary in cells}
        placed = [summary.cell for summary in cells]
        figure, panels = place_rows(placed, names, TITLE, subtitle, right=0.62)
        for axes, cell in panels:
            _panel(axes, _counted(of_cell[cell.number]), names, highest or 1.0)
    turns = count_range(count for summary in cells for count in summary.turns)
    caption = captions.caption(
        "Bars span all counted turns, from the lowest to the highest.",
        "Where there are fewer than one, a call served several queries." if lowest < 1 else "",
        f"n = {turns} turns of each model, alive alone.",
    )
    return Chart("syscalls", TITLE, caption, figure)


def _counted(summary: CellSummary) -> list[ModelSummary]:
    """Those whose system calls were counted."""
    return [model for model in summary.models if np.isfinite(model.syscalls.middle)]


def _panel(
    axes: Axes, models: Sequence[ModelSummary], names: Sequence[str], highest: float
) -> None:
    axes.set_xlim(0, highest * 1.06)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")
    for model, style, engine, syscalls, *_ in models:
        row, look = names.index(model), appearance_of(model, style, engine)
        ends = [syscalls.low, syscalls.high]
        axes.plot(ends, [row, row], color=look.colour, linewidth=1.8, zorder=3)
        mark = {"marker": look.marker, "color": look.colour, "markersize": 4.6}
        axes.plot([syscalls.middle], [row], linestyle="none", zorder=4, **mark)
        number_beside(axes, row, significant(syscalls.middle), 40)

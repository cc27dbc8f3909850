"""The latency of all queries on an axis of nines: where the tail begins, and how far it goes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.labels import End, label_ends, log_ticks
from plots.charts.drawing.lines import (
    Panel,
    behind_sentence,
    draw_behind,
    grid_for,
    models_of,
    others_of,
    split_by_style,
)
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, Cell
from plots.text.format import microseconds, plain

TITLE = "How long the slowest queries take"


def draw(study: Study) -> Chart | None:
    """The chart, of the cell of cost where most models have latencies; None without any."""
    cell = _fullest(study)
    if cell is None:
        return None
    panels = [Panel("in_flight", [cell])]
    with paper():
        parts = split_by_style(study, panels)
        subtitle = f"latency that a share of the queries does not exceed; {cell_phrase(cell)}"
        titles = [part.style or "all models" for part in parts]
        figure, axes = grid_for(study, parts).place(titles, TITLE, subtitle)
        for one, panel in zip(axes, parts):
            _panel(one, study, panel, cell)
    caption = captions.caption(
        "Each nine of the share takes the same room. From the histograms of all invocations "
        "together; a line ends where fewer than ten queries are slower.",
        behind_sentence(study, panels),
        captions.n_of(study, [cell]),
    )
    return Chart("spectrum", TITLE, caption, figure)


def _fullest(study: Study) -> Cell | None:
    def known(cell: Cell) -> int:
        return sum(bool(study.spectrum(cell.number, m)) for m in study.models_in(cell.number))

    cells = [cell for cell in study.asking(COST) if known(cell)]
    return max(cells, key=lambda cell: (known(cell), cell.in_flight)) if cells else None


def _panel(axes: Axes, study: Study, panel: Panel, cell: Cell) -> None:
    everybody = {
        model: found
        for model in study.models_in(cell.number)
        if (found := study.spectrum(cell.number, model))
    }
    _scales(axes, [x for x, _ in everybody.values()], [y for _, y in everybody.values()])
    others = [model for model in others_of(study, panel) if model in everybody]
    draw_behind(axes, [[*zip(*everybody[model])] for model in others])
    ends = []
    for model in models_of(study, panel):
        if model in everybody:
            x, y = everybody[model]
            look = study.appearance(model)
            axes.plot(x, y, color=look.colour, linestyle=look.line, linewidth=1.3, zorder=3)
            ends.append(End(x[-1], y[-1], model, look))
    label_ends(axes, ends)


def _scales(axes: Axes, shares: list[list[float]], latencies: list[list[float]]) -> None:
    """Both axes logarithmic: the one below in 1 / (1 - share)."""
    last = max(max(x) for x in shares)
    nines = [10.0**power for power in range(0, int(np.log10(last)) + 1)]
    low = min(min(y) for y in latencies) / 1.2
    high = max(max(y) for y in latencies) * 1.2
    axes.set(xscale="log", yscale="log", xlim=(1, last * 1.02), ylim=(low, high))
    axes.xaxis.set_major_locator(FixedLocator([2.0, *nines[1:]]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{plain(100 - 100 / x)}%"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: microseconds(value)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("share of the queries")
    axes.grid(axis="both")

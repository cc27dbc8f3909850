"""The memory of a connection: what the model itself takes, and what the kernel keeps for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from plots.analysis.appearance import INK
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.bars import HATCH, THICK, bar_axis, cut_sentence
from plots.charts.drawing.canvas import Chart, legend, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.rows import number_beside, place_rows
from plots.data.cells import MEMORY, Cell
from plots.text.format import plural, significant

TITLE = "What a connection takes in memory"
USER, KERNEL, TOTAL = "memory_user_kib", "memory_kernel_kib", "memory_total_kib"
_PARTS = {
    "its own": {"facecolor": INK, "edgecolor": INK},
    "the kernel's": {"facecolor": "white", "edgecolor": INK, "hatch": HATCH},
}


def draw(study: Study) -> Chart | None:
    """The chart, or None where memory was not measured."""
    found = [cell for cell in study.cells.values() if _models(study, cell)]
    cells = drawn_of(found)
    if not cells:
        return None
    rows = [m for m in study.models if any(m in _models(study, cell) for cell in cells)]
    with paper():
        subtitle = "KiB per connection, mean over invocations; lower is better"
        figure, panels = place_rows(cells, rows, TITLE, subtitle, right=1.15)
        legend(figure, [Patch(label=part, **look) for part, look in _PARTS.items()])
        for axes, cell in panels:
            _panel(axes, study, cell, rows)
    caption = captions.caption(
        "What each further connection adds, with one model alive alone, written as its own + the "
        "kernel's.",
        "Its own is the memory that its processes have touched: stacks and heap. The kernel's is "
        "what the whole machine gained: sockets on both sides of the connection, kernel stacks, "
        "page tables and other bookkeeping of threads and processes.",
        crowd_sentence(found),
        cut_sentence(_sums(study, cell) for cell in cells),
        "Thin lines are 95% intervals of the sum over invocations (t distribution)."
        if study.invocations(cells) > 1
        else captions.intervals(study, cells),
        f"n = {plural(study.invocations(cells), 'invocation')}.",
    )
    return Chart("memory", TITLE, caption, figure)


def _models(study: Study, cell: Cell) -> list[str]:
    """Models of a cell with some memory figure."""
    if cell.purpose != MEMORY:
        return []
    known = {
        model
        for metric in (USER, KERNEL)
        for model in study.models_in(cell.number)
        if np.isfinite(study.level(cell.number, model, metric).mean)
    }
    return [model for model in study.models if model in known]


def _panel(axes: Axes, study: Study, cell: Cell, rows: Sequence[str]) -> None:
    bar_axis(axes, _sums(study, cell), "KiB")
    for model in _models(study, cell):
        _bar(axes, study, cell.number, model, rows.index(model))


def _bar(axes: Axes, study: Study, cell: int, model: str, row: int) -> None:
    """One model: its own memory, the kernel's, the interval of the sum, and the numbers."""
    colour = study.appearance(model).colour
    own, kernel = (study.level(cell, model, metric).mean for metric in (USER, KERNEL))
    start = own if np.isfinite(own) else 0.0
    axes.barh(row, start, THICK, color=colour, zorder=3)
    if np.isfinite(kernel):
        hollow = {"facecolor": "white", "edgecolor": colour, "hatch": HATCH, "linewidth": 0.8}
        axes.barh(row, kernel, THICK, left=start, zorder=3, **hollow)
    total = study.level(cell, model, TOTAL)
    if np.isfinite(total.low):
        ends = [max(0.0, total.low), total.high]
        axes.plot(ends, [row, row], color=INK, linewidth=1.1, zorder=4)
    number_beside(axes, row, f"{significant(own)} + {significant(kernel)}", 78)


def _sums(study: Study, cell: Cell) -> list[float]:
    """The lengths of a cell's bars."""
    parts = [
        [study.level(cell.number, model, metric).mean for metric in (USER, KERNEL)]
        for model in _models(study, cell)
    ]
    return [float(np.nansum(pair)) for pair in parts]

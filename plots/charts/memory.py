"""What a connection takes in memory: the model's own, and what the kernel keeps for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from plots import words
from plots.cells import MEMORY, Cell
from plots.charts import captions
from plots.charts.canvas import WIDTH, Chart, Grid, paper
from plots.charts.dots import height_for
from plots.charts.labels import margin_for, plain_ticks, rows_for
from plots.study import Study
from plots.style import INK

TITLE = "What a connection takes in memory"
USER, KERNEL, TOTAL = "memory_user_kib", "memory_kernel_kib", "memory_total_kib"
_HATCH = "//////"
_THICK = 0.62  # of a row
_WIDEST = 8  # times the median, beyond which bars are cut


def draw(study: Study) -> Chart | None:
    """The chart, or None where memory was not measured."""
    cells = [cell for cell in study.cells.values() if _models(study, cell)]
    if not cells:
        return None
    rows = [m for m in study.models if any(m in _models(study, cell) for cell in cells)]
    columns = min(2, len(cells))
    grid = Grid(columns, height_for(rows), labels=margin_for(rows), right=1.15)
    names = words.short_names(cells)
    with paper():
        subtitle = "KiB per connection, mean over invocations; lower is better"
        figure, panels = grid.place([names[cell.number] for cell in cells], TITLE, subtitle)
        _key(figure)
        for place, (axes, cell) in enumerate(zip(panels, cells)):
            rows_for(axes, rows, place % columns == 0)
            _panel(axes, study, cell, rows)
    caption = captions.caption(
        "What each further connection adds, with one model alive alone, written as its own + the "
        "kernel's.",
        "Its own is the memory that its processes have touched: stacks and heap. The kernel's is "
        "what the whole machine gained: sockets on both sides of the connection, kernel stacks, "
        "page tables and other bookkeeping of threads and processes.",
        _cut_words(study, cells),
        "Thin lines are 95% intervals of the sum over invocations (t distribution)."
        if study.invocations(cells) > 1
        else captions.intervals(study, cells),
        f"n = {words.plural(study.invocations(cells), 'invocation')}.",
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


def _key(figure) -> None:
    """Names the two parts of a bar, at the top right."""
    parts = [
        Patch(facecolor=INK, edgecolor=INK, label="its own"),
        Patch(facecolor="white", edgecolor=INK, hatch=_HATCH, label="the kernel's"),
    ]
    at = (1 - 0.1 / WIDTH, 1 - 0.08 / figure.get_figheight())
    figure.legend(
        handles=parts, loc="upper right", bbox_to_anchor=at, ncol=2, frameon=False, fontsize=8.5
    )


def _panel(axes: Axes, study: Study, cell: Cell, rows: Sequence[str]) -> None:
    axes.set_xlim(0, _limit(study, cell))
    axes.set_xlabel("KiB")
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")
    for model in _models(study, cell):
        _bar(axes, study, cell.number, model, rows.index(model))


def _bar(axes: Axes, study: Study, cell: int, model: str, row: int) -> None:
    """One model: its own memory, the kernel's beside it, the interval of the sum, the numbers."""
    colour = study.look(model).colour
    own, kernel = (study.level(cell, model, metric).mean for metric in (USER, KERNEL))
    start = own if np.isfinite(own) else 0.0
    axes.barh(row, start, _THICK, color=colour, zorder=3)
    if np.isfinite(kernel):
        hollow = {"facecolor": "white", "edgecolor": colour, "hatch": _HATCH, "linewidth": 0.8}
        axes.barh(row, kernel, _THICK, left=start, zorder=3, **hollow)
    total = study.level(cell, model, TOTAL)
    if np.isfinite(total.low):
        ends = [max(0.0, total.low), total.high]
        axes.plot(ends, [row, row], color=INK, linewidth=1.1, zorder=4)
    axes.annotate(
        f"{words.significant(own)} + {words.significant(kernel)}",
        (1, row),
        xycoords=axes.get_yaxis_transform(),
        xytext=(78, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        size=8.5,
    )


def _sums(study: Study, cell: Cell) -> list[float]:
    """The lengths of a cell's bars."""
    parts = [
        [study.level(cell.number, model, metric).mean for metric in (USER, KERNEL)]
        for model in _models(study, cell)
    ]
    return [float(np.nansum(pair)) for pair in parts]


def _limit(study: Study, cell: Cell) -> float:
    """The end of the axis: for all bars, unless a few dwarf the others."""
    sums = _sums(study, cell)
    return 1.06 * min(max(sums), _WIDEST * float(np.median(sums))) or 1.0


def _cut_words(study: Study, cells: Sequence[Cell]) -> str:
    cut = any(max(_sums(study, cell)) > _limit(study, cell) for cell in cells)
    return "Bars that meet the right edge go on beyond it." if cut else ""

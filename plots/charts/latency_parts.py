"""Where the time of a query goes, beside the delay that was asked for: stacked means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from plots import words
from plots.cells import COST, Cell
from plots.charts import captions
from plots.charts.canvas import WIDTH, Chart, Grid, paper
from plots.charts.dots import height_for
from plots.charts.labels import margin_for, plain_ticks, rows_for
from plots.study import Study
from plots.style import INK

TITLE = "Where the time of a query goes"
# Each part with its filling, in the order of time; the delay asked for lies after the second.
PARTS = {
    "send_lag": ("the client begins late", "", 0.3),
    "transit": ("way there", "", 0.75),
    "delay_error": ("the backend is late", "//////", 0.0),
    "resume_lag": ("way back", "", 1.0),
}
_THICK = 0.62  # of a row
_WIDEST = 8  # times the median, beyond which bars are cut


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell that ranks cost has latencies taken apart."""
    cells = [cell for cell in study.asking(COST) if _models(study, cell)]
    if not cells:
        return None
    rows = [m for m in study.models if any(m in _models(study, cell) for cell in cells)]
    columns = min(2, len(cells))
    grid = Grid(columns, height_for(rows), labels=margin_for(rows))
    names = words.short_names(cells)
    with paper():
        subtitle = "mean latency in µs, without the delay asked for; lower is better"
        figure, panels = grid.place([names[cell.number] for cell in cells], TITLE, subtitle)
        _key(figure)
        for place, (axes, cell) in enumerate(zip(panels, cells)):
            rows_for(axes, rows, place % columns == 0)
            _panel(axes, study, cell, rows)
    caption = captions.caption(
        "The way there ends when the backend has read the request, the way back when the client "
        "has the whole reply; of a pool, the way there begins in its queue. A client begins late "
        "only in an open loop, where a query is intended to start when the schedule says.",
        _left_out(study, cells),
        _cut_words(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("latency_parts", TITLE, caption, figure)


def mean_parts_us(study: Study, cell: int, model: str) -> dict[str, float] | None:
    """The mean of each part in microseconds, over the queries of all invocations; None where no
    latency was taken apart."""
    stored = [parts for parts in study.entries(cell, model)["latency_parts"] if parts]
    if not stored:
        return None
    counts = [parts["count"] for parts in stored]
    return {
        name: float(np.average([parts[name]["mean"] for parts in stored], weights=counts))
        for name in PARTS
    }


def _models(study: Study, cell: Cell) -> list[str]:
    """Models of a cell that kept up, with latencies taken apart."""
    return [
        model
        for model in study.models_in(cell.number)
        if "unstable" not in study.flags(cell.number, model)
        and mean_parts_us(study, cell.number, model)
    ]


def _filling(colour: str, hatch: str, strength: float) -> dict:
    fill = [1 - (1 - part) * strength for part in to_rgb(colour)]  # opaque, unlike an alpha
    return {"facecolor": fill, "edgecolor": colour, "hatch": hatch, "linewidth": 0.6}


def _key(figure) -> None:
    """Names the parts, below the subtitle's right end."""
    named = [
        Patch(label=label, **_filling(INK, hatch, strength))
        for label, hatch, strength in PARTS.values()
    ]
    at = (1 - 0.1 / WIDTH, 1 - 0.04 / figure.get_figheight())
    figure.legend(
        handles=named, loc="upper right", bbox_to_anchor=at, ncol=2, frameon=False, fontsize=8.0
    )


def _panel(axes: Axes, study: Study, cell: Cell, rows: Sequence[str]) -> None:
    axes.set_xlim(0, _limit(study, cell))
    axes.set_xlabel("µs")
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")
    for model in _models(study, cell):
        colour, start = study.look(model).colour, 0.0
        parts = mean_parts_us(study, cell.number, model) or {}
        for name, (_, hatch, strength) in PARTS.items():
            filling = _filling(colour, hatch, strength)
            axes.barh(rows.index(model), parts[name], _THICK, left=start, zorder=3, **filling)
            start += parts[name]


def _sums(study: Study, cell: Cell) -> list[float]:
    """The lengths of a cell's bars."""
    found = [mean_parts_us(study, cell.number, model) for model in _models(study, cell)]
    return [sum(parts.values()) for parts in found if parts]


def _limit(study: Study, cell: Cell) -> float:
    """The end of the axis: for all bars, unless a few dwarf the others."""
    sums = _sums(study, cell)
    return 1.06 * min(max(sums), _WIDEST * float(np.median(sums))) or 1.0


def _cut_words(study: Study, cells: Sequence[Cell]) -> str:
    cut = any(max(_sums(study, cell)) > _limit(study, cell) for cell in cells)
    return "Bars that meet the right edge go on beyond it." if cut else ""


def _left_out(study: Study, cells: Sequence[Cell]) -> str:
    """Who could not keep up with an open loop: that lateness is a backlog, not a latency."""
    lost = {
        model
        for cell in cells
        for model in study.models_in(cell.number)
        if "unstable" in study.flags(cell.number, model)
    }
    named = words.listing([model for model in study.models if model in lost])
    return f"Left out where they could not keep up: {named}." if lost else ""

"""What a call that blocks does to the others in its loop, by where it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots.analysis.appearance import HOLLOW, INK
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, key, paper
from plots.charts.drawing.labels import log_ticks
from plots.charts.drawing.marks import Mark, draw_marks
from plots.charts.drawing.rows import height_for, margin_for, rows_for
from plots.data.axes import axis_phrase
from plots.data.cell_names import shared_phrase
from plots.data.cells import Cell
from plots.text.format import listing, microseconds, times

TITLE = "What a blocking call does to the others"
_OF_CALLS = ("block_us", "offload", "callers")
_MOST_PANELS = 6
_MARK = 5.5  # points
_LATENCY = {"marker": "o"}
_WAY_BACK = {"marker": "D", **HOLLOW}


class _Group(NamedTuple):
    """Cells that differ in where their calls are made alone; `quiet`: the same without calls."""

    cells: list[Cell]
    quiet: Cell | None

    def rows(self) -> dict[str, Cell]:
        """What is compared: no calls at first, then each place."""
        quiet = {"no calls": self.quiet} if self.quiet else {}
        cells = sorted(self.cells, key=_place)
        return quiet | {axis_phrase("offload", c.axes["offload"]): c for c in cells}


def draw(study: Study) -> Chart | None:
    """The chart, or None where no clients make calls that block."""
    groups = [group for group in _groups(study) if _models(study, group)]
    if not groups:
        return None
    panels = [(g, model) for g in groups for model in _models(study, g)[:_MOST_PANELS]]
    together = len(groups) == 1
    titles = [model if together else f"{model}, {_where(g)}" for g, model in panels]
    with paper():
        subtitle = _where(groups[0]) if together else "where the call is made"
        longest = max((group.rows() for group in groups), key=len)
        grid = Grid(2, height_for([*longest]), labels=margin_for([*longest]), right=0.3)
        figure, axes = grid.place(titles, TITLE, subtitle)
        key(figure, {"p99 latency": _LATENCY, "p99 of the way back": _WAY_BACK})
        for number, (panel, (group, model)) in enumerate(zip(axes, panels)):
            rows_for(panel, [*group.rows()], number % 2 == 0)
            _panel(panel, study, group, model)
    cells = [cell for group in groups for cell in group.rows().values()]
    caption = captions.caption(
        "After its reply a client makes a call that blocks. In place, nobody else of its loop goes "
        "on meanwhile, and their replies lie there: the way back is from the reply's sending until "
        "the client has it.",
        *(_grown(study, group) for group in groups),
        _not_drawn(study, groups),
        captions.n_of(study, cells),
    )
    return Chart("offload", TITLE, caption, figure)


def _groups(study: Study) -> list[_Group]:
    found: dict[tuple, list[Cell]] = {}
    quiet = {}
    for cell in study.cells.values():
        if cell.axes["block_us"]:
            found.setdefault(cell.beside("offload"), []).append(cell)
        elif cell.axes["block_us"] == 0:
            quiet[cell.beside(*_OF_CALLS)] = cell
    return [_Group(cells, quiet.get(cells[0].beside(*_OF_CALLS))) for cells in found.values()]


def _place(cell: Cell) -> tuple[int, int]:
    """In place first, and then by more and more workers, threads before processes."""
    kind, _, workers = str(cell.axes["offload"]).partition(":")
    return ["inline", "threads", "processes"].index(kind), int(workers or 0)


def _models(study: Study, group: _Group) -> list[str]:
    """Those that were measured in some place, the baseline first."""
    found = [m for m in study.models if any(m in study.models_in(c.number) for c in group.cells)]
    return sorted(found, key=lambda model: model != study.baseline)


def _where(group: _Group) -> str:
    clients = axis_phrase("in_flight", group.cells[0].in_flight)
    return f"{clients}, {shared_phrase(group.cells)}"


def _p99(study: Study, cell: Cell, model: str) -> float:
    latency = study.latency(cell.number, model)
    return latency["p99"] if latency else float("nan")


def _way_back(study: Study, cell: Cell, model: str) -> float:
    """The p99 of the way back in microseconds: the median over invocations."""
    parts = [parts for parts in study.entries(cell.number, model)["latency_parts"] if parts]
    return float(np.median([p["resume_lag"]["p99"] for p in parts])) if parts else float("nan")


def _panel(axes: Axes, study: Study, group: _Group, model: str) -> None:
    colour = study.appearance(model).colour or INK
    axes.set_xscale("log")
    for height, look in ((_p99, _LATENCY), (_way_back, _WAY_BACK)):
        values = [height(study, cell, model) for cell in group.rows().values()]
        found = [
            Mark(x, row, colour, look["marker"], hollow=look is _WAY_BACK)
            for row, x in enumerate(values)
            if x > 0
        ]
        draw_marks(axes, found, _MARK)
    low, high = _span(study, group)
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: microseconds(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x")


def _span(study: Study, group: _Group) -> tuple[float, float]:
    """One axis for all panels of a group, so that models can be compared."""
    models = _models(study, group)[:_MOST_PANELS]
    cells = group.rows().values()
    found = [f(study, c, m) for f in (_p99, _way_back) for c in cells for m in models]
    known = [value for value in found if value > 0] or [1.0]
    return min(known) / 1.4, max(known) * 1.4


def _grown(study: Study, group: _Group) -> str:
    """By how much the p99 grows in each place, of the first model."""
    if group.quiet is None:
        return ""
    model = _models(study, group)[0]
    before = _p99(study, group.quiet, model)
    grown = [
        f"{times(_p99(study, cell, model) / before)} {place}"
        for place, cell in group.rows().items()
        if cell is not group.quiet and _p99(study, cell, model) > 0 and before > 0
    ]
    return f"p99 over that without calls ({model}): {listing(grown)}." if grown else ""


def _not_drawn(study: Study, groups: Sequence[_Group]) -> str:
    more = {model for group in groups for model in _models(study, group)[_MOST_PANELS:]}
    named = [model for model in study.models if model in more]
    return f"Not drawn: {listing(named)}." if named else ""

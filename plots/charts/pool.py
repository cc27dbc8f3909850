"""Throughput and p99 latency against the number of connections that clients share, for each rule by
which a query gets one of a pool, and where so many clients pipeline theirs on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots.analysis.appearance import rule_appearance
from plots.analysis.study import Study
from plots.analysis.within_rounds import RATE
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, paper
from plots.charts.drawing.labels import End, count_axis, label_ends, log_ticks
from plots.data.axes import pool_size
from plots.data.cell_names import axis_phrase, shared_phrase
from plots.data.cells import Cell
from plots.text.format import microseconds, times

TITLE = "How large a pool, and which connection of it"
PIPELINED = "pipelined"

Height = Callable[[Study, str, Cell], float]  # of a model in a cell


class _Group(NamedTuple):
    """The cells of one model that differ alone in how clients share connections."""

    model: str
    cells: list[Cell]

    def rules(self) -> list[str]:
        """The rules of its cells, in the order of the results."""
        return list(dict.fromkeys(_rule(cell) for cell in self.cells))

    def of_rule(self, rule: str) -> list[Cell]:
        """Its cells by one rule, from the smallest pool to the largest."""
        return sorted((c for c in self.cells if _rule(c) == rule), key=_size)


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cells differ alone in how clients share connections."""
    groups = _groups(study)
    if not groups:
        return None
    with paper():
        subtitle = "with each number of connections that all clients share"
        titles = [title for group in groups for title in _titles(group)]
        grid = Grid(columns=1, height=2.2, left=0.95, right=1.6, below=0.68)
        figure, axes = grid.place(titles, TITLE, subtitle)
        for group, rate, tail in zip(groups, axes[::2], axes[1::2]):
            _rates(rate, _drawn(rate, group, study, _rate))
            _tails(tail, _drawn(tail, group, study, _p99))
    cells = [cell for group in groups for cell in group.cells]
    caption = captions.caption(
        "A query begins when it is issued, so its latency has the wait for a connection in it.",
        "By least-loaded and random it is bound to a connection then, by first-free when one is "
        "idle.",
        _pipelining(cells),
        *(_compared(study, group) for group in groups),
        captions.n_of(study, cells),
    )
    return Chart("pool", TITLE, caption, figure)


def _groups(study: Study) -> list[_Group]:
    """Of the baseline where it was measured, else of the first model."""
    found: dict[tuple, list[Cell]] = {}
    for cell in study.cells.values():
        if _size(cell) and study.models_in(cell.number):
            found.setdefault(cell.beside("connections", "dispatch", "pipeline"), []).append(cell)
    groups = []
    for cells in found.values():
        models = [m for m in study.models if all(m in study.models_in(c.number) for c in cells)]
        if len(cells) > 1 and models:
            model = study.baseline if study.baseline in models else models[0]
            groups.append(_Group(str(model), cells))
    return groups


def _titles(group: _Group) -> list[str]:
    clients = axis_phrase("in_flight", group.cells[0].in_flight)
    where = f"{group.model}, {clients}, {shared_phrase(group.cells)}"
    return [f"queries per second: {where}", f"p99 latency: {where}"]


def _rule(cell: Cell) -> str:
    return PIPELINED if cell.pipeline > 1 else str(cell.axes["dispatch"])


def _size(cell: Cell) -> int:
    """How many connections the clients share; 0: each has its own."""
    if cell.pipeline > 1:
        return cell.in_flight // cell.pipeline
    return pool_size(cell.axes["connections"]) or 0


def _pipelining(cells: Sequence[Cell]) -> str:
    if not any(cell.pipeline > 1 for cell in cells):
        return ""
    return (
        "Pipelined queries are sent at once, behind those of the other clients of the same "
        "connection, of which each has as many."
    )


def _rate(study: Study, model: str, cell: Cell) -> float:
    return study.level(cell.number, model, RATE).mean


def _p99(study: Study, model: str, cell: Cell) -> float:
    latency = study.latency(cell.number, model)
    return latency["p99"] if latency else float("nan")


def _drawn(axes: Axes, group: _Group, study: Study, height: Height) -> list[End]:
    """A line for each rule, named when the axes have their scales; gives the ends of all."""
    axes.grid(axis="both")
    sizes = sorted({_size(cell) for cell in group.cells})
    count_axis(axes, {size: f"{size:,}" for size in sizes}, "connections that clients share")
    ends = []
    for rule in group.rules():
        look = rule_appearance(rule)
        points = [(_size(c), height(study, group.model, c)) for c in group.of_rule(rule)]
        points = [point for point in points if np.isfinite(point[1]) and point[1] > 0]
        if points:
            x, y = zip(*points)
            axes.plot(x, y, color=look.colour, linestyle=look.line, marker=look.marker, zorder=3)
            ends.append(End(x[-1], y[-1], rule, look))
    return ends


def _rates(axes: Axes, ends: Sequence[End]) -> None:
    axes.set_ylim(0, None)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    label_ends(axes, ends)


def _tails(axes: Axes, ends: Sequence[End]) -> None:
    """On a logarithmic axis: a pool that is too small may have a tail a hundred times as long."""
    axes.set_yscale("log")
    low, high = axes.dataLim.intervaly
    if not ends:
        return
    low, high = low / 1.3, high * 1.3
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: microseconds(value)))
    axes.yaxis.set_minor_locator(NullLocator())
    label_ends(axes, ends)


def _compared(study: Study, group: _Group) -> str:
    """What it makes to bind a query early instead of late, and to send it early instead of when its
    connection is idle."""
    pairs = (
        ("p99", _p99, "least-loaded", "first-free"),
        ("throughput", _rate, PIPELINED, "first-free"),
        ("p99", _p99, PIPELINED, "first-free"),
    )
    return " ".join(filter(None, (_ratios(study, group, *pair) for pair in pairs)))


def _ratios(
    study: Study, group: _Group, what: str, height: Height, one: str, other: str
) -> str:
    """What cells have by one rule over what they have by another, by their size."""
    above = {_size(c): height(study, group.model, c) for c in group.of_rule(one)}
    below = {_size(c): height(study, group.model, c) for c in group.of_rule(other)}
    ratios = [
        f"{times(above[size] / below[size])} with {size:,}"
        for size in sorted({*above} & {*below})
        if np.isfinite(above[size]) and below[size] > 0
    ]
    if not ratios:
        return ""
    return f"{what} of {one} over that of {other} ({group.model}): {', '.join(ratios)}."

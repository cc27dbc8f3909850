"""All that a query costs, side by side: a row for each model, a panel for each kind of cost."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from plots.analysis.count_summary import instructions_of_styles, syscalls_of_models
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.analysis.within_rounds import BACKEND_CPU, CPU, INVOLUNTARY, VOLUNTARY
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, paper
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.marks import Dot, draw_dots
from plots.charts.drawing.rows import height_for, margin_for, number_beside, rows_for
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, Cell
from plots.text.format import significant

TITLE = "All that a query costs, side by side"
_NUMBER_WIDTH = 0.56  # inches right of a panel
_AIR = 1.06
_USUAL_IN_FLIGHT = 64
_LONGEST = 1.6  # times the highest mean, beyond which intervals are cut


class Kind(NamedTuple):
    """One kind of cost, and what it is of a model in the cell; NaN where it is not known."""

    words: str
    of: Callable[[str], Interval]


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell shows what a query costs in two kinds at least."""
    cell = _cell(study)
    if cell is None:
        return None
    models = study.models_in(cell.number)
    known = [kind for kind in _kinds(study, cell) if _values(kind, models)]
    if len(known) < 2:
        return None
    with paper():
        grid = Grid(len(known), height_for(models), labels=margin_for(models), right=_NUMBER_WIDTH)
        subtitle = f"per query, at {cell_phrase(cell)} ({cell.purpose}); left is better"
        figure, panels = grid.place([kind.words for kind in known], TITLE, subtitle)
        for place, (axes, kind) in enumerate(zip(panels, known)):
            rows_for(axes, models, place == 0)
            _panel(axes, study, cell, kind)
    words = {kind.words for kind in known}
    caption = captions.caption(
        "Each panel has an axis of its own, from zero.",
        captions.intervals(study, [cell]),
        _cut_sentence(known, models),
        _counted_sentence(words),
        captions.references(study, [cell]),
        captions.outside(study, [cell]),
        captions.n_of(study, [cell]),
    )
    return Chart("costs", TITLE, caption, figure)


def _cell(study: Study) -> Cell | None:
    """The cell in which most is known: where system calls were counted, of these one with the most
    models that are ranked, and of these the one nearest to what is usual in flight."""
    counted = syscalls_of_models(study)

    def known(cell: Cell) -> tuple[bool, int, float]:
        models = study.models_in(cell.number)
        is_counted = any((cell.beside(), model) in counted for model in models)
        ranked = sum(not study.outside(cell.number, model) for model in models)
        return is_counted, ranked, -abs(math.log(max(cell.in_flight, 1) / _USUAL_IN_FLIGHT))

    cells = study.asking(COST)
    return max(cells, key=known) if cells else None


def _kinds(study: Study, cell: Cell) -> list[Kind]:
    counted, scripted = syscalls_of_models(study), instructions_of_styles(study, cell)

    def level(metric: str) -> Callable[[str], Interval]:
        return lambda model: study.level(cell.number, model, metric)

    def switches(model: str) -> Interval:
        both = [study.level(cell.number, model, metric) for metric in (VOLUNTARY, INVOLUNTARY)]
        return _exactly(sum(one.mean for one in both))

    def instructions(model: str) -> Interval:
        return _exactly(scripted.get(study.parts(model)[0] or "", np.nan))

    return [
        Kind("client CPU, µs", level(CPU)),
        Kind("backend CPU, µs", level(BACKEND_CPU)),
        Kind("switches", switches),
        Kind("system calls", lambda model: _exactly(counted.get((cell.beside(), model), np.nan))),
        Kind("instructions", instructions),
    ]


def _exactly(value: float) -> Interval:
    """A value without an interval."""
    return Interval(float(value), np.nan, np.nan, 1, np.nan)


def _values(kind: Kind, models: list[str]) -> list[float]:
    return [value for model in models if np.isfinite(value := kind.of(model).mean)]


def _widest(kind: Kind, models: list[str]) -> float:
    """What a panel has to show: all intervals, unless they dwarf the means."""
    most = _LONGEST * max(_values(kind, models))
    highs = [high for model in models if np.isfinite(high := kind.of(model).high)]
    return max([*_values(kind, models), *(min(high, most) for high in highs)]) or 1.0


def _panel(axes: Axes, study: Study, cell: Cell, kind: Kind) -> None:
    models = study.models_in(cell.number)
    axes.set_xlim(0, _AIR * _widest(kind, models))
    axes.xaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")
    dots = [
        Dot(row, *found[:3], study.appearance(model), study.outside(cell.number, model))
        for row, model in enumerate(models)
        if np.isfinite((found := kind.of(model)).mean)
    ]
    draw_dots(axes, dots)
    for dot in dots:
        number_beside(axes, int(dot.row), significant(dot.value), 38)


def _cut_sentence(kinds: list[Kind], models: list[str]) -> str:
    cut = any(kind.of(m).high > _widest(kind, models) * _AIR for kind in kinds for m in models)
    return "Bars that meet the edge of a panel go on beyond it." if cut else ""


def _counted_sentence(words: set[str]) -> str:
    sentences = [
        "Switches are voluntary and involuntary ones together." if "switches" in words else "",
        "System calls were counted in turns of their own." if "system calls" in words else "",
        "Instructions are those that a style executes in user space, counted in scripted trials."
        if "instructions" in words
        else "",
    ]
    return captions.caption(*sentences)

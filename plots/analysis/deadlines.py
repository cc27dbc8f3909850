"""What it costs to give queries a deadline: cells with one beside the same without. Where it fires
for none, that is the price of a timer; where it fires for some, of a query that is cancelled."""

from __future__ import annotations

from typing import NamedTuple

from plots.analysis import stats
from plots.analysis.priced import Priced, load_of, priced
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.data.cells import Cell

_TOO_FEW = 0.05  # of the queries: what they cost is lost in how far cells differ


class Deadline(NamedTuple):
    """Of one model: what a query costs without the deadline and with it; which share of those with
    it was cancelled; and what one that is cancelled costs relative to one without a deadline, NaN
    where too few are."""

    model: str
    query: Priced
    share: float
    cancelled: stats.Interval


def deadline_cells(study: Study) -> list[tuple[Cell, Cell]]:
    """Cells with results without a deadline and with one, which differ in nothing else."""
    there = [cell for cell in study.cells.values() if study.models_in(cell.number)]
    without = {_load(cell): cell for cell in there if cell.axes["deadline_us"] == 0}
    timed = [cell for cell in there if cell.axes["deadline_us"]]
    return [(without[_load(cell)], cell) for cell in timed if _load(cell) in without]


def deadlines(study: Study, without: Cell, timed: Cell) -> list[Deadline]:
    """Of each model that has results in both cells, in display order."""
    shared = [m for m in study.models_in(without.number) if m in study.models_in(timed.number)]
    return [_deadline(study, model, without, timed) for model in shared]


def _deadline(study: Study, model: str, without: Cell, timed: Cell) -> Deadline:
    entries = study.entries(timed.number, model)
    share = float(entries["cancelled"].sum() / entries["queries"].sum())
    query = priced(study, model, without, timed, CPU)
    return Deadline(model, query, share, _of_cancelled(query.ratio, share))


def _of_cancelled(ratio: stats.Interval, share: float) -> stats.Interval:
    """The mean over all queries is that of those that were answered, which cost what they do
    without a deadline, and of those that were cancelled."""
    known = share >= _TOO_FEW

    def of_cancelled(value: float) -> float:
        return 1 + (value - 1) / share if known else float("nan")

    mean, low, high = (of_cancelled(value) for value in (ratio.mean, ratio.low, ratio.high))
    return ratio._replace(mean=mean, low=low, high=high)


def _load(cell: Cell) -> tuple:
    return load_of(cell, "deadline_us")

"""What it costs to open a connection for each query, beside one that is kept: cells that differ in
nothing else. They share no rounds, so their costs are compared as those of independent samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis import stats
from plots.analysis.study import Study
from plots.analysis.within_rounds import BACKEND_CPU, CPU, INVOCATION
from plots.data.cells import Cell

KEPT, FRESH = "kept", "fresh"


class Priced(NamedTuple):
    """A cost in microseconds with kept connections and with fresh ones, and the latter relative to
    the former; NaN where it is not known."""

    kept: float
    fresh: float
    ratio: stats.Interval


class Reuse(NamedTuple):
    """Of one model: what a query costs its client, and the server."""

    model: str
    client: Priced
    server: Priced


def reuse_cells(study: Study) -> list[tuple[Cell, Cell]]:
    """Cells with results that differ in whether connections are kept or fresh, and in nothing
    else."""
    there = [cell for cell in study.cells.values() if study.models_in(cell.number)]
    fresh = {_load(cell): cell for cell in there if cell.axes["connections"] == FRESH}
    kept = [cell for cell in there if cell.axes["connections"] == KEPT]
    return [(cell, fresh[_load(cell)]) for cell in kept if _load(cell) in fresh]


def reuse(study: Study, kept: Cell, fresh: Cell) -> list[Reuse]:
    """Of each model that has results in both cells, in display order."""
    shared = [m for m in study.models_in(kept.number) if m in study.models_in(fresh.number)]
    return [
        Reuse(
            model,
            _priced(study, model, kept, fresh, CPU),
            _priced(study, model, kept, fresh, BACKEND_CPU),
        )
        for model in shared
    ]


def _load(cell: Cell) -> tuple:
    """All that two cells to be compared have in common."""
    seam = cell.purpose == "seam"
    return (seam, *cell.beside("connections"))


def _priced(study: Study, model: str, kept: Cell, fresh: Cell, metric: str) -> Priced:
    fresh_log, kept_log = (_log_cost(study, cell, model, metric) for cell in (fresh, kept))
    return Priced(
        study.level(kept.number, model, metric).mean,
        study.level(fresh.number, model, metric).mean,
        stats.as_ratio(stats.interval(stats.difference(fresh_log, kept_log))),
    )


def _log_cost(study: Study, cell: Cell, model: str, metric: str) -> stats.Estimate:
    """Over invocations. A cost of 0 has no logarithm: it is not known."""
    costs = study.entries(cell.number, model).groupby(INVOCATION)[metric].mean()
    return stats.estimate(np.log(costs.where(costs > 0).astype(float)))

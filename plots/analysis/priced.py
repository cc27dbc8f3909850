"""What a query costs one model in two cells. These share no rounds, so the costs are compared as
those of independent samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis import stats
from plots.analysis.study import Study
from plots.analysis.within_rounds import INVOCATION
from plots.data.cells import Cell


class Priced(NamedTuple):
    """A cost in microseconds before a change and after it, and the latter relative to the former;
    NaN where it is not known."""

    before: float
    after: float
    ratio: stats.Interval


def priced(study: Study, model: str, before: Cell, after: Cell, metric: str) -> Priced:
    """One metric of a model in the two cells."""
    after_log, before_log = (_log_cost(study, cell, model, metric) for cell in (after, before))
    return Priced(
        study.level(before.number, model, metric).mean,
        study.level(after.number, model, metric).mean,
        stats.as_ratio(stats.interval(stats.difference(after_log, before_log))),
    )


def load_of(cell: Cell, *but: str) -> tuple:
    """All that two cells to be compared have in common: the axes but these."""
    return (cell.purpose == "seam", *cell.beside(*but))


def _log_cost(study: Study, cell: Cell, model: str, metric: str) -> stats.Estimate:
    """Over invocations. A cost of 0 has no logarithm: it is not known."""
    costs = study.entries(cell.number, model).groupby(INVOCATION)[metric].mean()
    return stats.estimate(np.log(costs.where(costs > 0).astype(float)))

"""What pairing within rounds gains: how much wider intervals of the same turns would be without.

Intervals here are plain t intervals, so that the three ways to pair differ in nothing else:

- within rounds, as everywhere: a model's turn against the baseline's turns of the same round;
- across rounds: against those of another round of the same invocation (the mean variance over all
  shifts of one against the other). Every round still counts on both sides, so what distinguishes
  invocations cancels, and with few rounds much of what distinguishes rounds does, too;
- apart, as runs one after another are compared: the levels of a model over its invocations against
  those of the baseline, as two samples that do not pair.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from plots.analysis import stats
from plots.analysis.study import METRIC_OF, Study
from plots.analysis.within_rounds import INVOCATION, by_model, logs_in
from plots.data.cells import COST, THROUGHPUT, Cell


class Gain(NamedTuple):
    """Of one ranked model in one cell: the half-widths of its interval across rounds and apart, as
    multiples of the one within rounds. `across_rounds` is NaN where invocations have one round."""

    cell: int
    model: str
    across_rounds: float
    apart: float


def gains(study: Study) -> list[Gain]:
    """One for each ranked model of each cell that ranks models, where two invocations have both."""
    cells = [*study.asking(COST), *study.asking(THROUGHPUT)]
    return [gain for cell in cells if study.ranks(cell.number) for gain in _of_cell(study, cell)]


def _of_cell(study: Study, cell: Cell) -> list[Gain]:
    logs = by_model(logs_in(study.results, cell.number, METRIC_OF[cell.question]))
    baseline = str(study.baseline)
    if baseline not in logs.columns:
        return []
    together = list(logs.groupby(level=[*INVOCATION, "cohort"]).indices.values())
    invocation_of = logs.index.to_frame(index=False).groupby(INVOCATION).ngroup().to_numpy()
    beside = logs[baseline].to_numpy()
    found = []
    for model in study.models_in(cell.number):
        if model == baseline or study.outside(cell.number, model):
            continue
        both = np.column_stack([logs[model].to_numpy(), beside])
        sound = np.isfinite(both).all(axis=1)
        tables = [both[rows[sound[rows]]] for rows in together]
        tables = [table for table in tables if len(table)]
        if len(tables) < 2:
            continue
        within = _half_width(_paired(tables, 0))
        if within > 0:
            apart = _apart(both[sound], invocation_of[sound]) / within
            found.append(Gain(cell.number, model, _across(tables) / within, apart))
    return found


def _paired(tables: list[NDArray[np.float64]], shift: int) -> NDArray[np.float64]:
    """One log ratio for each invocation: the median over the rounds of the model against the
    baseline of so many rounds later, the first following the last."""
    return np.array([np.median(t[:, 0] - np.roll(t[:, 1], -shift)) for t in tables])


def _across(tables: list[NDArray[np.float64]]) -> float:
    rounds = min(len(table) for table in tables)
    widths = [_half_width(_paired(tables, shift)) for shift in range(1, rounds)]
    return float(np.sqrt(np.mean(np.square(widths)))) if widths else np.nan


def _apart(both: NDArray[np.float64], invocation_of: NDArray[np.int64]) -> float:
    levels = [np.median(both[invocation_of == n], axis=0) for n in np.unique(invocation_of)]
    one, other = (stats.estimate(values) for values in zip(*levels))
    return _half(stats.difference(one, other))


def _half_width(values: NDArray[np.float64]) -> float:
    return _half(stats.estimate(values))


def _half(of: stats.Estimate) -> float:
    return float(special.stdtrit(of.freedom, (1 + stats.LEVEL) / 2)) * of.error

"""How far one model differs from itself (A/A): what a difference between two models may mean.

A model entered several times in a cell is compared with itself in the same way as any two models.
The source of the A/A figures is a cell with enough pairs for a statement about 95% of them, since a
few pairs of a few rounds say little. A difference shrinks as rounds are added, so a cell with fewer
rounds is judged by the source's rounds cut into blocks of that many.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plots.analysis import moderation, stats
from plots.analysis.remember import remembered
from plots.analysis.within_rounds import CPU, INVOCATION, logs_in, measured
from plots.data.cells import THROUGHPUT, Cell
from plots.data.load import Results


class SelfComparison:
    """The A/A figures of some results, by cell and metric."""

    def __init__(self, results: Results) -> None:
        self._results = results

    @remembered
    def source(self) -> Cell | None:
        """The cell with the most pairs, if these suffice to speak of 95% of them; else None."""
        cells = self._results.cells.values()
        most = max(cells, key=lambda cell: len(self._pairs(cell.number, CPU)), default=None)
        own = self._own(most.number, CPU) if most else None
        return most if own and own.share < 1 else None

    def headline(self) -> stats.AaSpread | None:
        """Client CPU per query against itself: that of the source, else of all pairs there are."""
        source = self.source()
        return self._own(source.number, CPU) if source else self._pooled(CPU)

    @remembered
    def of(self, cell: int, metric: str) -> stats.AaSpread | None:
        """The figure by which a cell is judged: its own, if it has pairs enough; for client CPU
        that of the source in blocks of as many rounds as the cell has; else that of all pairs."""
        own = self._own(cell, metric)
        if own and own.share < 1:
            return own
        source = self.source()
        if metric != CPU or source is None:
            return self._pooled(metric)
        rounds = measured(self._results, cell)["rounds"].median()
        return self._in_blocks(source.number, max(1, int(rounds))) if np.isfinite(rounds) else None

    def _own(self, cell: int, metric: str) -> stats.AaSpread | None:
        return self._described(self._pairs(cell, metric), cell, None)

    @remembered
    def _in_blocks(self, source: int, block: int) -> stats.AaSpread | None:
        pairs = against_itself(self._results, source, CPU, block)
        return self._described(pairs, source, block)

    @remembered
    def _pooled(self, metric: str) -> stats.AaSpread | None:
        """All pairs together; of throughput only in cells that rank it, as elsewhere the delay
        dictates it."""
        cells = self._results.cells.values()
        chosen = [cell for cell in cells if metric == CPU or cell.question == THROUGHPUT]
        pairs = [self._pairs(cell.number, metric) for cell in chosen]
        return stats.aa_spread(np.concatenate([*pairs, []]))

    def _described(
        self, pairs: NDArray[np.float64], cell: int, block: int | None
    ) -> stats.AaSpread | None:
        """The spread of pairs of one cell, with the rounds and invocations that each rests on."""
        spread = stats.aa_spread(pairs)
        if spread is None:
            return None
        entries = measured(self._results, cell)
        rounds = int(entries["rounds"].median())
        invocations = len(entries[INVOCATION].drop_duplicates())
        return spread._replace(invocations=invocations, rounds=min(block or rounds, rounds))

    @remembered
    def _pairs(self, cell: int, metric: str) -> NDArray[np.float64]:
        return against_itself(self._results, cell, metric)


def against_itself(
    results: Results, cell: int, metric: str, block: int | None = None
) -> NDArray[np.float64]:
    """For each pair of entries of one model, the log ratio as any two models are compared: the
    median over rounds, then the mean over invocations. Entries that share a cohort pair.

    With `block`, each pair gives one log ratio for every whole block of that many rounds; where
    there are fewer rounds than that, one for all of them."""
    logs = logs_in(results, cell, metric)
    pairs = _pairs_of_entries(logs)
    if not pairs:
        return np.array([])
    one, other = np.array(pairs).T
    return np.concatenate([_log_ratios(part, one, other) for part in _blocks(logs, block)])


def _pairs_of_entries(logs: pd.DataFrame) -> list[tuple[int, int]]:
    """The columns of two entries of one model, for all such pairs."""
    places: dict[str, list[tuple[int, int]]] = {}
    for place, (model, entry) in enumerate(logs.columns):
        places.setdefault(model, []).append((entry, place))
    return [
        (one, other)
        for entries in places.values()
        for (_, one), (_, other) in combinations(sorted(entries), 2)
    ]


def _log_ratios(
    part: pd.DataFrame, one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.float64]:
    """For each pair of columns the median over rounds, then the mean over invocations."""
    values = part.to_numpy()
    together = part.groupby(level=[*INVOCATION, "cohort"]).indices.values()
    medians = [moderation.medians((values[rows][:, other] - values[rows][:, one]).T)
               for rows in together]  # fmt: skip
    if not medians:
        return np.full(len(one), np.nan)
    there = np.isfinite(medians)
    with np.errstate(invalid="ignore"):
        return np.where(there, medians, 0.0).sum(axis=0) / there.sum(axis=0)


def _blocks(logs: pd.DataFrame, block: int | None) -> list[pd.DataFrame]:
    """The rounds of each invocation cut into whole blocks; what is left over is left out."""
    if block is None or logs.empty:
        return [logs]
    number = logs.index.get_level_values("round")
    shortest = number.to_series(index=logs.index).groupby(level=INVOCATION).max().min() + 1
    if shortest <= block:
        return [logs]
    return [logs[number // block == place] for place in range(int(shortest) // block)]

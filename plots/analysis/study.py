"""The questions that a report asks of the results, each answered once and kept.

A Study gives charts, tables and sentences the same numbers: what was measured
(plots.analysis.measurements), what may be ranked (plots.analysis.ranking), and, here, how models
compare.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from plots.analysis import stats, within_rounds
from plots.analysis.a_a import SelfComparison
from plots.analysis.factorial import Factorial, fit
from plots.analysis.ranking import Ranking
from plots.analysis.remember import remembered
from plots.analysis.within_rounds import CPU, RATE
from plots.data.cells import COST, SEAM, THROUGHPUT, Cell
from plots.data.load import Results

METRIC_OF = {COST: CPU, THROUGHPUT: RATE}


class Study(Ranking):
    """Results with a declared baseline. Raises ResultsError for a baseline that was not
    measured."""

    def __init__(self, results: Results, baseline: str | None = None) -> None:
        super().__init__(results, baseline)
        self.against_itself = SelfComparison(results)

    def baseline_levels(self, cells: Sequence[Cell], metric: str) -> list[float]:
        """The baseline's means in those of the cells where it has any."""
        levels = [self.level(cell.number, self.baseline or "", metric).mean for cell in cells]
        return [level for level in levels if np.isfinite(level)]

    def baseline_entries(self, cell: int) -> int:
        """How often the baseline was entered in a cell."""
        return self.entries(cell, self.baseline or "")["entry"].nunique()

    @remembered
    def ratios(self, cell: int) -> pd.DataFrame:
        """The frame of comparisons(), and `inside_aa`: whether a ratio lies in the A/A band."""
        frame = self.comparisons(cell).copy()
        spread = self.aa(cell, METRIC_OF.get(self.cells[cell].question, CPU))
        limit = spread.limit if spread else np.nan
        frame["inside_aa"] = np.abs(np.log(frame["ratio"].astype(float))) <= limit
        return frame

    @remembered
    def comparisons(self, cell: int) -> pd.DataFrame:
        """The frame of within_rounds.against_baseline for a cell, by the metric that the cell
        ranks, in display order."""
        question = self.cells[cell].question
        rankable = {m for m in self.models_in(cell) if not self.outside(cell, m)}
        metric = METRIC_OF.get(question, CPU)
        frame = within_rounds.against_baseline(
            self.results, cell, metric, self.baseline or "", rankable
        )
        frame = frame.sort_values("model", key=lambda names: names.map(self.models.index))
        return frame.reset_index(drop=True)

    def aa(self, cell: int | None, metric: str = CPU) -> stats.AaSpread | None:
        """The A/A figure by which a cell is judged; for None, the one to quote."""
        if cell is None:
            return self.against_itself.headline()
        return self.against_itself.of(cell, metric)

    @remembered
    def seam(self, cell: int) -> pd.DataFrame:
        """Models against their straight-line counterparts in a cell, in display order."""
        frame = within_rounds.against_handwritten(self.results, cell)
        return frame.sort_values("model", key=lambda names: names.map(self.models.index))

    def seam_cells(self) -> list[Cell]:
        """Cells in which some model has its straight-line counterpart beside it."""
        return [cell for cell in self.cells.values() if len(self.seam(cell.number))]

    @remembered
    def factorial(self, cell: int) -> Factorial | None:
        """The effects of styles and engines in a cell, relative to those of the baseline; None
        where the cell has no complete matrix of them."""
        base = self._parts.get(self.baseline or "", (None, None))
        return fit(self.results, cell, base)

    def additive(self, cell: int) -> bool:
        """Whether styles and engines of a cell may be read one by one: the test finds no
        interaction, or none is larger than what one model differs from itself. Only for the cells
        of matrix_cells."""
        terms, spread = self.matrix(cell), self.aa(cell)
        return terms.p_value >= stats.ERROR_RATE or bool(spread and terms.largest <= spread.limit)

    def matrix(self, cell: int) -> Factorial:
        """As factorial, for the cells of matrix_cells."""
        terms = self.factorial(cell)
        if terms is None:
            raise ValueError(f"cell {cell} has no complete matrix of styles and engines")
        return terms

    def matrix_cells(self) -> list[Cell]:
        """Cells of cost or of the seam in which every style stands on every engine."""
        asked = [*self.asking(COST), *self.asking(SEAM)]
        return [cell for cell in asked if self.factorial(cell.number)]

    def matrix_ranked(self, cell: int) -> bool:
        """Whether all models with an engine are ranked in a cell. Where they are not, their costs
        are those of different loads, and do not separate into styles and engines."""
        models = [model for model in self.models_in(cell) if self._parts[model][1]]
        return not any(self.outside(cell, model) for model in models)

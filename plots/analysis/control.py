"""The positive control: the baseline with a known amount of CPU more per query, which the
comparison has to find.

It is compared as one more model of its cell would be: judged together with those that are ranked,
and adjusted for their number. Their own intervals and verdicts do not know of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis import stats, within_rounds
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.data.cells import COST, Cell

ROLE = "positive-control"


class Control(NamedTuple):
    """The control of one cell: the `planted_us` of CPU per query, the model that it is planted in,
    the ratio that follows from the model's measured cost, and what was measured: the ratio with its
    interval, its p value adjusted as one of `family` comparisons, and whether it was found, that
    is, whether it has the verdict "slower"."""

    cell: Cell
    model: str
    planted_us: float
    expected: float
    ratio: stats.Interval
    adjusted_p: float
    family: int

    @property
    def found(self) -> bool:
        return self.ratio.mean > 1 and self.adjusted_p < stats.ERROR_RATE


def controls(study: Study) -> list[Control]:
    """The controls of all cells of cost that rank models and have one with results."""
    found = [_control(study, cell) for cell in study.asking(COST) if study.ranks(cell.number)]
    return [control for control in found if control is not None]


def _control(study: Study, cell: Cell) -> Control | None:
    entries = study.entries(cell.number, role=ROLE)
    if entries.empty or entries["planted_ns"].isna().all():
        return None
    first = entries.iloc[0]
    named = study.parts_named(first["style"], first["engine"])
    model = next((name for name in study.models_in(cell.number) if name == named), None)
    if model is None or study.why_outside(cell.number, model):
        return None
    ratios = within_rounds.relative_to(study.results, cell.number, CPU, model)
    control = within_rounds.logs_in(study.results, cell.number, CPU, ROLE)
    own = within_rounds.by_model(within_rounds.logs_in(study.results, cell.number, CPU))
    name = str(first["model"])
    ratios[name] = within_rounds.by_model(control)[name] - own[model]
    together = {m for m in ratios if m == name or not study.outside(cell.number, m)}
    found = within_rounds.estimates(ratios, together)
    intervals = {m: stats.interval(found[m]) for m in together}
    p_values = [intervals[m].p_value for m in sorted(together)]
    adjusted = dict(zip(sorted(together), stats.holm(p_values)))
    planted_us = float(entries["planted_ns"].median()) / 1000
    level = study.level(cell.number, model, CPU).mean
    return Control(
        cell,
        model,
        planted_us,
        1 + planted_us / level if level else np.nan,
        stats.as_ratio(intervals[name]),
        float(adjusted[name]),
        len(together),
    )

"""The same suite on several machines: ratios within each machine, and how these differ.

A machine is one observation: its ratio is taken within its own rounds, with an interval over its
invocations. Over machines there is the mean of their log ratios, each counted once, with an
interval over machines (t); and how far they differ, as a level of its own. Turns of different
machines are never pooled. Several runs of one machine are one observation, their mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from scipy import stats as distributions

from plots.analysis import stats
from plots.analysis.appearance import Appearance
from plots.analysis.study import METRIC_OF, Study
from plots.data.axes import AXES, axis_phrase
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, THROUGHPUT, Cell, cell_order

FEWEST_TO_FORESEE = 3  # machines, for a range in which a further one would lie
_QUARTERS = (0, 0.25, 0.5, 0.75, 1)
CellKey = tuple[object, ...]


class Ratio(NamedTuple):
    """A model relative to the baseline in one run: the log ratio with its standard error and the
    degrees of freedom of that, the interval, and the verdict within the run."""

    model: str
    log: float
    error: float
    freedom: float
    low: float
    high: float
    verdict: str
    ranked: bool

    @property
    def ratio(self) -> float:
        """It itself, not its logarithm."""
        return math.exp(self.log)


class CellOfRun(NamedTuple):
    """A cell of one run. `title` leaves out the loads that followed from the machine, which `loads`
    words; `note` says why nothing is ranked, where that is so; `band` is the A/A figure."""

    title: str
    metric: str
    loads: str
    note: str
    ratios: list[Ratio]
    band: stats.AaSpread | None


class MachineRun(NamedTuple):
    """One results file: what it is called, the machine that made it (two files of equal `machine`
    are of one), the baseline of its ratios, its cells, the file's `context`, and how its models
    look."""

    name: str
    machine: str
    baseline: str
    cells: dict[CellKey, CellOfRun]
    context: dict[str, Any]
    looks: dict[str, Appearance]


class Extent(NamedTuple):
    """How far the ratios of a model reach over runs: all of them, their middle half, and the
    median."""

    lowest: float
    low: float
    middle: float
    high: float
    highest: float


class Across(NamedTuple):
    """A model over machines, in logarithms: the interval over machines; `spread`, the standard
    deviation between them beyond what their own intervals explain (NaN: unknown); `differ_p`, the
    p value of their being alike; and the `further` interval, in which another machine would lie."""

    interval: stats.Interval
    spread: float
    differ_p: float
    further: stats.Interval


def run_of(study: Study, name: str) -> MachineRun:
    """What is to be compared of one file."""
    context = study.results.files[0].context
    cells: dict[CellKey, CellOfRun] = {}
    for cell in [*study.asking(COST), *study.asking(THROUGHPUT)]:
        cells[_key(cell, cells)] = _cell_of_run(study, cell)
    machine = context["host"].get("boot_id") or name
    looks = {model: study.appearance(model) for model in study.models}
    return MachineRun(name, str(machine), str(study.baseline), cells, context, looks)


def _cell_of_run(study: Study, cell: Cell) -> CellOfRun:
    frame = study.comparisons(cell.number)
    ratios = [
        Ratio(row.model, float(np.log(row.ratio)), row.error, row.freedom, row.low, row.high,
              row.verdict, bool(row.ranked))
        for row in frame.itertuples()
    ]  # fmt: skip
    fitted = [axis for axis in AXES if axis in cell.fitted]
    loads = ", ".join(axis_phrase(axis, cell.axes[axis]) for axis in fitted)
    title = f"{cell.purpose}: {cell_phrase(_without_loads(cell))}"
    note = study.why_unranked(cell.number)
    metric = METRIC_OF[cell.question]
    return CellOfRun(title, metric, loads, note, ratios, study.aa(cell.number, metric))


def _without_loads(cell: Cell) -> Cell:
    axes = {axis: None if axis in cell.fitted else value for axis, value in cell.axes.items()}
    return replace(cell, axes=axes)


def _key(cell: Cell, known: dict[CellKey, CellOfRun]) -> CellKey:
    """What a cell has in common with that of another machine, whose loads may be others. Cells that
    differ in their loads only are told apart by their order, which is that of the loads."""
    order = cell_order(cell.purpose, _without_loads(cell).axes)
    number = sum(key[:-1] == order for key in known)
    return (*order, number)


def extent_over(ratios: Sequence[Ratio]) -> Extent:
    """How far these ratios reach."""
    return Extent(*(float(end) for end in np.quantile([r.ratio for r in ratios], _QUARTERS)))


def by_machine(found: Iterable[tuple[str, Ratio]]) -> list[stats.Estimate]:
    """One estimate for each machine, from (machine, ratio) pairs: the mean of its runs."""
    runs: dict[str, list[Ratio]] = {}
    for machine, ratio in found:
        runs.setdefault(machine, []).append(ratio)
    return [
        stats.Estimate(
            float(np.mean([ratio.log for ratio in ratios])),
            float(np.sqrt(np.sum([ratio.error**2 for ratio in ratios]))) / len(ratios),
            float(np.sum([ratio.freedom for ratio in ratios])),
            len(ratios),
        )
        for ratios in runs.values()
    ]


def across(machines: Sequence[stats.Estimate]) -> Across:
    """A model over machines. With one machine there is no interval, and no spread."""
    logs = np.array([machine.mean for machine in machines])
    errors = np.array([machine.error for machine in machines])
    interval = stats.t_interval(logs)
    if len(machines) < 2:
        unknown = stats.Interval(interval.mean, np.nan, np.nan, len(machines), np.nan)
        return Across(interval, np.nan, np.nan, unknown)
    variance = float(np.var(logs, ddof=1))
    own = float(np.mean(errors**2))
    spread = np.sqrt(max(0.0, variance - own)) if np.isfinite(own) else np.nan
    freedoms = np.array([machine.freedom for machine in machines])
    return Across(interval, float(spread), differ_p(logs, errors, freedoms), _further(logs))


def differ_p(logs: np.ndarray, errors: np.ndarray, freedoms: np.ndarray) -> float:
    """The p value of equal ratios on all machines, by Welch's analysis of variance (1951), which
    takes each machine's error as it is; NaN where one is not known."""
    sound = np.isfinite(errors) & (errors > 0) & (freedoms > 0)
    if not sound.all():
        return np.nan
    weights = errors**-2.0
    shares = weights / weights.sum()
    count = len(logs)
    between = float((weights * (logs - (shares * logs).sum()) ** 2).sum()) / (count - 1)
    lean = float(((1 - shares) ** 2 / freedoms).sum())
    ratio = between / (1 + 2 * (count - 2) / (count**2 - 1) * lean)
    return float(distributions.f.sf(ratio, count - 1, (count**2 - 1) / (3 * lean)))


def _further(logs: np.ndarray) -> stats.Interval:
    """Where the ratio of another machine would lie, were it drawn as these were: 95% of such
    intervals hold it."""
    count = len(logs)
    mean = float(np.mean(logs))
    if count < FEWEST_TO_FORESEE:
        return stats.Interval(mean, np.nan, np.nan, count, np.nan)
    reach = float(distributions.t.ppf((1 + stats.LEVEL) / 2, count - 1))
    half = reach * float(np.std(logs, ddof=1)) * np.sqrt(1 + 1 / count)
    return stats.Interval(mean, mean - half, mean + half, count, np.nan)

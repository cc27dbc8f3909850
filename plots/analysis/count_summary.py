"""The counting pass in figures: for each model and cell the median over counted turns and the range
of these, and for comparison the switches of turns that were timed and not counted."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plots.analysis.appearance import display_order
from plots.analysis.study import Study
from plots.analysis.within_rounds import INVOLUNTARY, VOLUNTARY
from plots.data.cells import Cell
from plots.data.counts import INSTRUCTIONS, MIGRATIONS, PROC_SWITCHES, SLOWDOWN, SWITCHES, SYSCALLS

_ROLES = ("model", "handwritten", "pitfall", "no-op")  # in the order in which they are shown
_SUMMED_DIGITS = 9  # what floating-point sums are good for


class Spread(NamedTuple):
    """Values per query of counted turns: median, lowest, highest; NaN where not counted."""

    middle: float
    low: float
    high: float


class ModelSummary(NamedTuple):
    """One model in one cell. `switches` are those of perf events, `proc_switches` those that /proc
    reports for the same turns, `disagreement` the share by which the sums of the two differ;
    `timed_switches` are a query's in turns that were timed. NaN where unknown."""

    model: str
    style: str | None
    engine: str | None
    syscalls: Spread
    switches: Spread
    proc_switches: Spread
    disagreement: float
    timed_switches: float
    migrations: Spread
    slowdown: Spread
    flags: tuple[str, ...]


class CellSummary(NamedTuple):
    """A cell of the counting pass: its models in display order, and in how many turns they were
    counted."""

    cell: Cell
    models: list[ModelSummary]
    turns: list[int]


class Instructions(NamedTuple):
    """User-space instructions of a query in a scripted trial: `model` is that trial's, `beside`
    what is left without the harness's own. The values of several builds may differ: `counts`."""

    model: str
    counts: list[float]
    beside: list[float]


def cell_summaries(study: Study) -> list[CellSummary]:
    """The cells in which events were counted, in their order."""
    turns = study.results.counted_rounds.merge(study.results.counted[["id", "cell"]], on="id")
    return [
        CellSummary(
            study.results.counted_cells[number],
            _summaries(study, number),
            sorted(set(group.groupby("id").size())),
        )
        for number, group in turns.groupby("cell")
    ]


def _summaries(study: Study, cell: int) -> list[ModelSummary]:
    counted = study.results.counted
    rows = counted[counted["cell"] == cell]
    groups = [group for _, group in rows.groupby(["role", "model"])]
    return [_summary(study, cell, group) for group in sorted(groups, key=_order)]


def _order(entries: pd.DataFrame) -> tuple[Any, ...]:
    first = entries.iloc[0]
    return (_ROLES.index(first["role"]), *display_order(*first[["model", "style", "engine"]]))


def _summary(study: Study, cell: int, entries: pd.DataFrame) -> ModelSummary:
    first = entries.iloc[0]
    rounds = study.results.counted_rounds
    turns = rounds[rounds["id"].isin(entries["id"])]
    return ModelSummary(
        first["model"],
        first["style"],
        first["engine"],
        _spread(turns[SYSCALLS]),
        _spread(turns[SWITCHES]),
        _spread(turns[PROC_SWITCHES]),
        _disagreement(turns),
        _timed_switches(study, study.results.counted_cells[cell], first),
        _spread(turns[MIGRATIONS]),
        _spread(turns[SLOWDOWN]),
        tuple(sorted(set().union(*entries["flags"]))),
    )


def _spread(values: pd.Series) -> Spread:
    known = values.dropna()  # without any, numpy would warn of a median of nothing
    return Spread(float(known.median()), float(known.min()), float(known.max()))


def _disagreement(turns: pd.DataFrame) -> float:
    """The share by which two counts of the same turns' switches differ; NaN without both."""
    both = turns[[SWITCHES, PROC_SWITCHES]].dropna().sum()
    by_events, by_proc = both[SWITCHES], both[PROC_SWITCHES]
    return round(abs(by_events - by_proc) / by_proc, _SUMMED_DIGITS) if by_proc else np.nan


def _timed_switches(study: Study, cell: Cell, entry: pd.Series) -> float:
    """Switches per query of the same model at the same axes where it was timed: the mean over
    invocations, of the first such cell."""
    for timed in study.cells.values():
        if timed.beside() != cell.beside():
            continue
        levels = [
            study.level(timed.number, entry["model"], metric, entry["role"]).mean
            for metric in (VOLUNTARY, INVOLUNTARY)
        ]
        if np.isfinite(sum(levels)):
            return float(sum(levels))
    return np.nan


def syscalls_of_models(study: Study) -> dict[tuple, float]:
    """System calls per query by all axes of a cell and model: the median over counted turns."""
    found: dict[tuple, float] = {}
    counted = study.results.counted
    for number, cell in study.results.counted_cells.items():
        rows = counted[(counted["cell"] == number) & (counted["role"] == "model")]
        for model, value in rows.groupby("model")[SYSCALLS].median().dropna().items():
            found[cell.beside(), model] = float(value)
    return found


def instructions_of_styles(study: Study, cell: Cell) -> dict[str, float]:
    """User-space instructions per query by style, without the harness's own, at the number in
    flight, the depth and the size of replies of a cell: the median over files."""
    counted = study.results.counted.dropna(subset=INSTRUCTIONS)
    for axis in ("in_flight", "depth", "reply_bytes"):
        counted = counted[counted[axis] == cell.axes[axis]]
    harness = counted[counted["role"] == "no-op"].groupby("run")[INSTRUCTIONS].median()
    styles = counted[counted["role"] != "no-op"]
    own = styles[INSTRUCTIONS] - styles["run"].map(harness)
    found = own.groupby(styles["style"]).median().dropna()
    return {str(style): float(value) for style, value in found.items()}


def instructions(study: Study) -> list[tuple[Cell, list[Instructions]]]:
    """The cells in which instructions were counted, each with its scripted trials: the harness
    alone first."""
    counted = study.results.counted.dropna(subset=INSTRUCTIONS)
    found = []
    for number, rows in counted.groupby("cell"):
        harness = rows[rows["role"] == "no-op"].set_index("run")[INSTRUCTIONS]
        trials = []
        ordered = rows.sort_values("role", key=lambda roles: roles != "no-op", kind="stable")
        for model, group in ordered.groupby("model", sort=False):
            beside = group[INSTRUCTIONS] - group["run"].map(harness)
            own = [] if group["role"].iloc[0] == "no-op" else _distinct(beside)
            trials.append(Instructions(model, _distinct(group[INSTRUCTIONS]), own))
        found.append((study.results.counted_cells[number], trials))
    return found


def _distinct(values: pd.Series) -> list[float]:
    return sorted(set(values.dropna()))

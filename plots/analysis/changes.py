"""Two runs, old and new: whether a model's cost or throughput has changed between them.

Rounds of different runs do not pair, and the machine's speed lies between them. So each model is
taken relative to a reference that both runs have in the cell, within the rounds of each run, and
these ratios are compared: what slows the whole machine cancels. In each run the models that are
ranked are judged together (plots.analysis.moderation). The reference itself is taken
relative to the mean of the other models that both runs have. Where a cell has one model only, its
levels are all there is, and what the machine did between the runs is in the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from plots.analysis import stats
from plots.analysis.study import METRIC_OF, Study
from plots.analysis.within_rounds import (
    by_model,
    estimates,
    judged,
    logs_in,
    named_interval,
)
from plots.data.cells import COST, SEAM, THROUGHPUT, Cell, paired_cells
from plots.data.errors import NotComparable
from plots.data.queries import COMPETING

LEVELS, OTHERS = "levels", "the mean of the other models"


@dataclass(frozen=True)
class Change:
    """What became of one cell, which was `before` in the old run. `comparisons` has the columns of
    within_rounds.judged (ratio: new over old) and `against`: the reference of each row, or LEVELS;
    `why_unranked` says why nothing is ranked, where that is so."""

    cell: Cell
    before: Cell
    metric: str
    comparisons: pd.DataFrame
    why_unranked: str


class Loss(NamedTuple):
    """A model with results in a cell of the old run that has none there in the new one: why not,
    and whether the old run ranked it there."""

    cell: Cell
    model: str
    reason: str
    ranked: bool


def changes(old: Study, new: Study) -> list[Change]:
    """All cells that rank something and that both runs have, in the order of the new run. Raises
    NotComparable where they have none in common."""
    shared = paired_cells(_ranking_cells(old), _ranking_cells(new))
    if not shared:
        raise NotComparable("the two runs have no cell in common that ranks anything")
    found = [_change(old, before, new, after) for before, after in shared]
    return [change for change in found if len(change.comparisons)]


def losses(old: Study, new: Study) -> list[Loss]:
    """What the old run has and the new one lacks, in the order of the old run: models with a value
    of what their cell ranks, which have none in the new run."""
    shared = paired_cells(_ranking_cells(old), _ranking_cells(new))
    after = {before.number: cell for before, cell in shared}
    found = []
    for cell in _ranking_cells(old):
        ranks = not _why_unranked_before(old, cell)
        there = after.get(cell.number)
        lost = set(_logs(old, cell)) - (set(_logs(new, there)) if there else set())
        found += [
            Loss(
                cell,
                model,
                why_missing(new, there, model),
                ranks and not old.why_outside(cell.number, model),
            )
            for model in old.models
            if model in lost
        ]
    return found


def why_missing(study: Study, cell: Cell | None, model: str) -> str:
    """Why a run has no value of a model in a cell that ranks something."""
    if cell is None:
        return "the new run has no such cell"
    entries = study.results.entries
    rows = entries[(entries["model"] == model) & entries["role"].isin(COMPETING)]
    if rows.empty:
        return "the new run has no such model"
    lost = rows[(rows["cell"] == cell.number) & (rows["status"] != "ok")]
    if lost.empty:
        here = (rows["cell"] == cell.number).any()
        return f"no values of {_metric(cell)}" if here else "not measured in this cell"
    first = lost.iloc[0]
    return f"{first['status']}: {first['reason']}"


def _ranking_cells(study: Study) -> list[Cell]:
    return [cell for cell in study.cells.values() if cell.question in (COST, THROUGHPUT, SEAM)]


def _metric(cell: Cell) -> str:
    """What a cell ranks: a column of Results.rounds."""
    return METRIC_OF.get(cell.question, METRIC_OF[COST])


def _logs(study: Study, cell: Cell) -> pd.DataFrame:
    """Logarithms of what a cell ranks, one column for each model that has any value."""
    logs = by_model(logs_in(study.results, cell.number, _metric(cell)))
    return logs.dropna(axis="columns", how="all")


def _change(old: Study, before: Cell, new: Study, after: Cell) -> Change:
    logs = [_logs(old, before), _logs(new, after)]
    shared = [m for m in new.models if all(m in table.columns for table in logs)]
    why_unranked = _why_unranked(old, before, new, after)
    against = {model: _reference(model, shared, new.baseline) for model in shared}
    ranked = {
        model
        for model in shared
        if not old.why_outside(before.number, model) and new.carries_load(after.number, model)
    }
    ranked = set() if why_unranked else ranked
    found = [estimates(_relative(table, against), ranked) for table in logs]
    rows = []
    for model in shared:
        change = stats.difference(found[1][model], found[0][model])
        interval = stats.as_ratio(stats.interval(change))
        rows.append({"model": model, **named_interval(interval), "ranked": model in ranked})
    frame = judged(rows, lower_is_better=after.question != THROUGHPUT)
    frame = frame.assign(against=list(against.values()))
    return Change(after, before, _metric(after), frame, why_unranked)


def _why_unranked(old: Study, before: Cell, new: Study, after: Cell) -> str:
    """Why nothing is ranked: the backend was the limit of a throughput in either run, or the old
    run's baseline did not sustain the load at which costs were to be compared."""
    if after.question == THROUGHPUT:
        limited = old.backend_limited(before.number) or new.backend_limited(after.number)
        return "the backend was the limit" if limited else ""
    return _why_unranked_before(old, before)


def _why_unranked_before(old: Study, cell: Cell) -> str:
    """Why the old run ranks nothing in a cell; empty if it does. Without results of its baseline
    there, the models are taken relative to each other."""
    if cell.question == THROUGHPUT:
        return "the backend was the limit" if old.backend_limited(cell.number) else ""
    here = old.baseline in old.models_in(cell.number)
    return old.why_unranked(cell.number) if here else ""


def _reference(model: str, shared: list[str], baseline: str | None) -> str:
    """What a model is taken relative to within the rounds of its run."""
    if len(shared) == 1:
        return LEVELS
    if model == baseline or baseline not in shared:
        return OTHERS
    return str(baseline)


def _relative(logs: pd.DataFrame, against: dict[str, str]) -> pd.DataFrame:
    """The log cost of each model of a run relative to its reference in the same rounds."""
    columns = {}
    for model, reference in against.items():
        if reference == LEVELS:
            columns[model] = logs[model]
        elif reference == OTHERS:
            columns[model] = logs[model] - logs[[m for m in against if m != model]].mean(axis=1)
        else:
            columns[model] = logs[model] - logs[reference]
    return pd.DataFrame(columns)

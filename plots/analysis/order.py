"""The same models on several backends: whether those that one backend tells apart keep their order
on another, and how much of a query they decide at all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis.pairs import Pairs, pairs
from plots.analysis.study import Study
from plots.analysis.within_rounds import BACKEND_CPU, CPU
from plots.data.axes import is_usual
from plots.data.cells import COST, Cell

# What may differ between cells of different backends: what is said, and how long the server waits.
_OF_THE_BACKEND = ("backend", "delay_us", "delay_shape", "reply_bytes", "framing", "client")


class Survival(NamedTuple):
    """Pairs of models that one cell tells apart: how many of them another cell has in the same
    order, in the opposite one, and does not tell apart."""

    same: int
    reversed: int
    not_told: int

    @property
    def pairs(self) -> int:
        return sum(self)


class Share(NamedTuple):
    """What the choice of a model decides in a cell: the ranked models that cost least and most, the
    latter relative to the former with its interval, and their difference as a share of all CPU time
    that a query of the dearest takes, its server's included (NaN where that is not known).
    `told_apart`: whether any model is told apart from the baseline."""

    least: str
    most: str
    ratio: float
    low: float
    high: float
    of_all: float
    told_apart: bool


def side_by_side(study: Study) -> list[list[Cell]]:
    """Cells of cost that differ only in their backend and in what is its own, of two backends or
    more; each list is to be read side by side."""
    groups: dict[tuple, list[Cell]] = {}
    for cell in study.asking(COST):
        if study.ranks(cell.number):
            groups.setdefault(_shared(cell), []).append(cell)
    several = [group for group in groups.values() if len({_backend(cell) for cell in group}) > 1]
    return [sorted(group, key=_backend) for group in several]


def _shared(cell: Cell) -> tuple:
    """All that cells side by side have in common. Not every backend has every axis: to have it off
    is the same."""
    return tuple(
        None if is_usual(axis, value) else value
        for axis, value in cell.axes.items()
        if axis not in _OF_THE_BACKEND
    )


def _backend(cell: Cell) -> str:
    return str(cell.axes["backend"])


def survival(study: Study, one: Cell, other: Cell) -> Survival:
    """Whether the order of the models in one cell is that in another, as far as each tells two
    models apart (Holm, over the comparisons with each of them)."""
    told, there = _told_apart(study, one), _told_apart(study, other)
    known = _ranked(study, other)
    both = {pair: sign for pair, sign in told.items() if set(pair) <= known}
    same = sum(there.get(pair) == sign for pair, sign in both.items())
    reversed_ = sum(there.get(pair) == -sign for pair, sign in both.items())
    return Survival(same, reversed_, len(both) - same - reversed_)


def _ranked(study: Study, cell: Cell) -> set[str]:
    return {m for m in study.models_in(cell.number) if not study.outside(cell.number, m)}


def _told_apart(study: Study, cell: Cell) -> dict[tuple[str, str], int]:
    """Pairs of models that differ whichever of the two is the baseline: 1 where the second costs
    more, -1 where it costs less."""
    found = pairs(study, cell.number)
    if found is None:
        return {}
    signs = [[_sign(verdict) for verdict in row] for row in found.verdicts]
    names = found.models
    return {
        (names[i], names[j]): signs[i][j]
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if signs[i][j] and signs[i][j] == -signs[j][i]
    }


def _sign(verdict: str) -> int:
    return {"slower": 1, "faster": -1}.get(verdict.split(" ")[0], 0)


def share(study: Study, cell: Cell) -> Share | None:
    """None where fewer than two models are ranked."""
    found, ranked = pairs(study, cell.number), _ranked(study, cell)
    costs = {model: study.level(cell.number, model, CPU).mean for model in ranked}
    if found is None or len(costs) < 2:
        return None
    least, most = min(costs, key=lambda m: costs[m]), max(costs, key=lambda m: costs[m])
    ratio, low, high = _of(found, least, most)
    server = study.level(cell.number, most, BACKEND_CPU).mean
    all_cpu = costs[most] + server if server > 0 else np.nan
    frame = study.comparisons(cell.number)
    told = any(_sign(verdict) for verdict in frame["verdict"])
    return Share(least, most, ratio, low, high, (costs[most] - costs[least]) / all_cpu, told)


def _of(found: Pairs, baseline: str, model: str) -> tuple[float, float, float]:
    """The ratio of a model to another one, and its interval."""
    place = found.models.index(baseline), found.models.index(model)
    return float(found.ratio[place]), float(found.low[place]), float(found.high[place])

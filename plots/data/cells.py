"""Cells: a cell is one choice of every axis, and the purpose it was measured for.

Entries that agree in all axes and in purpose belong to one cell; only they are ever compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plots.data.axes import AXES, pool_size

COST, THROUGHPUT, SEAM, UNRANKED = "cost", "throughput", "seam", "unranked"
CUSTOM, MEMORY, OPEN, SWEEP = "custom", "memory", "open", "sweep"
_QUESTIONS = {
    "matched": COST,
    "fresh": COST,
    "idle": COST,
    "work": COST,
    OPEN: COST,
    "saturated": THROUGHPUT,
    "seam": SEAM,
}
_PURPOSES = (*_QUESTIONS, CUSTOM)


@dataclass(frozen=True)
class Cell:
    """One point of the axes, with what may be concluded from it.

    `question` is what the cell is to rank: client CPU per query (COST), queries per second
    (THROUGHPUT), the price of the seam (SEAM), or nothing (UNRANKED). Whether it can is decided in
    plots.analysis.ranking.
    """

    number: int
    purpose: str
    axes: Mapping[str, Any]
    question: str
    fitted: frozenset[str] = frozenset()  # axes whose values followed from the machine

    @property
    def in_flight(self) -> int:
        """Queries in flight that the cell asks for; 0 where the file does not say."""
        return int(self.axes["in_flight"] or 0)

    @property
    def pipeline(self) -> int:
        """How many of them are under way on one connection."""
        return int(self.axes["pipeline"] or 1)

    @property
    def most_in_flight(self) -> int:
        """How many of them can be: as many as a pool has connections, or as a limit lets ask."""
        most = (pool_size(self.axes["connections"]), self.axes["limit"])
        return min([self.in_flight, *filter(None, most)])

    def beside(self, *free: str) -> tuple[Any, ...]:
        """All axes but the `free` ones: cells that agree here can share one chart panel."""
        return tuple(_sortable(self.axes[axis]) for axis in AXES if axis not in free)


def question_of(purpose: str, delay_us: float | None) -> str:
    """What a cell is to rank. A cell of the user's own ("custom") asks for cost, or for throughput
    where replies are not delayed."""
    if purpose != CUSTOM:
        return _QUESTIONS.get(purpose, UNRANKED)
    return COST if delay_us else THROUGHPUT


def cell_order(purpose: str, axes: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sort key of cells: by purpose, then by the axes, the number in flight last."""
    place = _PURPOSES.index(purpose) if purpose in _PURPOSES else len(_PURPOSES)
    return (place, purpose, *(_sortable(axes[axis]) for axis in AXES))


def number_cells(entries: Sequence[Mapping[str, Any]]) -> tuple[dict[int, Cell], list[int]]:
    """The cells of entries of a results file, in their order, and the cell number of each entry."""
    keys = [cell_order(entry["purpose"], entry) for entry in entries]
    number_of = {key: number for number, key in enumerate(sorted(set(keys)))}
    first: dict[int, Mapping[str, Any]] = {}
    for key, entry in zip(keys, entries):
        first.setdefault(number_of[key], entry)
    cells = {}
    for number in sorted(first):
        entry = first[number]
        question = question_of(entry["purpose"], entry["delay_us"])
        axes = {axis: entry[axis] for axis in AXES}
        fitted = frozenset(entry.get("fitted_axes") or ())
        cells[number] = Cell(number, entry["purpose"], axes, question, fitted)
    return cells, [number_of[key] for key in keys]


def paired_cells(old: Sequence[Cell], new: Sequence[Cell]) -> list[tuple[Cell, Cell]]:
    """Cells of two runs that may be compared, in the order of the new run: those that agree in
    purpose and all axes; and of the others those that agree in all axes but the ones that in both
    followed from the machine. No cell is in two pairs."""
    left = list(old)
    partner: dict[int, Cell] = {}
    for agree in (_same_cell, _same_but_fitted):
        for cell in new:
            same = next((other for other in left if agree(other, cell)), None)
            if cell.number not in partner and same is not None:
                partner[cell.number] = same
                left.remove(same)
    return [(partner[cell.number], cell) for cell in new if cell.number in partner]


def _same_cell(one: Cell, other: Cell) -> bool:
    return one.purpose == other.purpose and not differing_axes(one, other)


def _same_but_fitted(one: Cell, other: Cell) -> bool:
    differing = set(differing_axes(one, other))
    return one.purpose == other.purpose and differing <= one.fitted & other.fitted


def differing_axes(one: Cell, other: Cell) -> list[str]:
    """The axes in which two cells differ."""
    return [axis for axis in AXES if _sortable(one.axes[axis]) != _sortable(other.axes[axis])]


def varying_axes(cells: Iterable[Cell]) -> list[str]:
    """The axes in which these cells differ, in the order of AXES."""
    listed = list(cells)
    return [axis for axis in AXES if len({_sortable(cell.axes[axis]) for cell in listed}) > 1]


def _sortable(value: Any) -> tuple[int, float, str]:
    if value is None:
        return (0, 0.0, "")
    return (2, 0.0, value) if isinstance(value, str) else (1, float(value), "")

"""What cells are called in titles and sentences."""

from __future__ import annotations

from collections.abc import Sequence

from plots.data.axes import axis_phrase, is_usual
from plots.data.cells import Cell, varying_axes

_FIRST = ("in_flight", "delay_us", "transport", "connections", "reply_bytes")


def cell_phrase(cell: Cell, axes: Sequence[str] | None = None) -> str:
    """A cell by the given axes, or by all that are out of the ordinary."""
    chosen = [axis for axis in (axes or cell.axes) if axes or not _ordinary(axis, cell)]
    ranked = sorted(chosen, key=lambda axis: _FIRST.index(axis) if axis in _FIRST else len(_FIRST))
    phrases = [axis_phrase(axis, cell.axes[axis]) for axis in ranked if axis != "delay_shape"]
    if "delay_shape" not in chosen:
        return ", ".join(phrases)
    shape = cell.axes["delay_shape"]
    return ", ".join(phrase.replace(" delay", f" {shape} delay") for phrase in phrases)


def known_phrase(cell: Cell, axes: Sequence[str]) -> str:
    """A cell by those of the axes that its backend has."""
    return cell_phrase(cell, [axis for axis in axes if cell.axes[axis] is not None])


def _ordinary(axis: str, cell: Cell) -> bool:
    """Whether a name may leave this axis out."""
    if axis == "delay_shape":
        return cell.axes[axis] is None or not cell.axes["delay_us"]
    return is_usual(axis, cell.axes[axis])


def short_names(cells: Sequence[Cell]) -> dict[int, str]:
    """Names by cell number that differ in what differs among the cells; the number in flight is
    always part of them. What is off in a cell is left out where the names stay distinct
    without it."""
    axes = ["in_flight", *(axis for axis in varying_axes(cells) if axis != "in_flight")]
    full = {cell.number: cell_phrase(cell, axes) for cell in cells}
    brief = {c.number: cell_phrase(c, [a for a in axes if not _ordinary(a, c)]) for c in cells}
    for names in (brief, full):
        if len({*names.values()}) == len(cells):
            return names
    return {cell.number: f"{full[cell.number]} ({cell.purpose})" for cell in cells}


def shared_phrase(cells: Sequence[Cell]) -> str:
    """What all these cells have in common."""
    varying = {*varying_axes(cells), "in_flight"}
    phrases = [
        axis_phrase(axis, value)
        for axis, value in cells[0].axes.items()
        if axis not in varying and not _ordinary(axis, cells[0])
    ]
    return ", ".join(phrases)

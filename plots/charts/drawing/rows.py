"""Panels with a row for each name: names at the left, a mark or a bar in each row, and numbers at
the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from plots.analysis.appearance import RULE
from plots.charts.drawing.canvas import Grid, stack
from plots.charts.drawing.labels import points_right
from plots.data.cell_names import short_names
from plots.data.cells import Cell

_ROW, _ROW_OF_MANY, _MANY = 0.24, 0.2, 12  # inches per row; from 12 rows they are closer


def height_for(rows: Sequence[str]) -> float:
    """Inches for the rows of a panel."""
    return len(rows) * (_ROW if len(rows) < _MANY else _ROW_OF_MANY) + 0.1


def margin_for(names: Sequence[str]) -> float:
    """Inches to set aside for names of rows."""
    return 0.35 + 0.072 * max(len(name) for name in names)


class Rows(NamedTuple):
    """Panels with the same rows: a panel for each cell, a row for each of `names`; `right` is the
    margin in inches for numbers."""

    cells: Sequence[Cell]
    names: Sequence[str]
    columns: int = 2
    right: float = 0.18

    def block(self, titles: Mapping[int, str]) -> tuple[Grid, list[str]]:
        """As canvas.stack takes it, with titles by cell number."""
        names = self.names
        grid = Grid(self.columns, height_for(names), labels=margin_for(names), right=self.right)
        return grid, [titles[cell.number] for cell in self.cells]

    def written(self, panels: Sequence[Axes]) -> list[tuple[Axes, Cell]]:
        """The panels of that block with their rows, and their cells."""
        for place, axes in enumerate(panels):
            rows_for(axes, self.names, place % self.columns == 0)
        return list(zip(panels, self.cells))


def place_rows(
    cells: Sequence[Cell],
    names: Sequence[str],
    title: str,
    subtitle: str,
    columns: int = 2,
    right: float = 0.18,
) -> tuple[Figure, list[tuple[Axes, Cell]]]:
    """A figure with a panel per cell, called after the cell: see Rows."""
    rows = Rows(cells, names, columns, right)
    figure, (panels,) = stack([rows.block(short_names(cells))], title, subtitle)
    return figure, rows.written(panels)


def rows_for(axes: Axes, names: Sequence[str], written: bool) -> None:
    """Rows of one panel, from the top; `written` says whether this panel carries the names."""
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.yaxis.set_major_locator(NullLocator())
    axes.spines["left"].set_visible(False)
    beside = axes.get_yaxis_transform() + points_right(axes, -8)
    lines = {"transform": axes.get_yaxis_transform(), "color": RULE, "linewidth": 0.6, "zorder": 0}
    axes.add_collection(LineCollection([[(0, r), (1, r)] for r in range(len(names))], **lines))
    for row, name in enumerate(names):
        if written:
            axes.text(0, row, name, transform=beside, ha="right", va="center", size=8.5)


def number_beside(axes: Axes, row: int, text: str, points: float, **look) -> None:
    """A number of a row, which ends so many points right of the panel."""
    beside = axes.get_yaxis_transform() + points_right(axes, points)
    axes.text(1, row, text, transform=beside, ha="right", va="center", size=8.5, **look)

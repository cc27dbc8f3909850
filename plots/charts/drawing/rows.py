"""Panels with a row for each name: names at the left, a mark or a bar in each row, and numbers at
the right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from plots.analysis.appearance import RULE
from plots.charts.drawing.canvas import Grid
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


def place_rows(
    cells: Sequence[Cell],
    names: Sequence[str],
    title: str,
    subtitle: str,
    columns: int = 2,
    right: float = 0.18,
) -> tuple[Figure, list[tuple[Axes, Cell]]]:
    """A figure with a panel per cell, called after the cell, which has a row for each of `names`;
    `right` is the margin in inches for numbers."""
    grid = Grid(columns, height_for(names), labels=margin_for(names), right=right)
    titles = short_names(cells)
    figure, panels = grid.place([titles[cell.number] for cell in cells], title, subtitle)
    for place, axes in enumerate(panels):
        rows_for(axes, names, place % columns == 0)
    return figure, list(zip(panels, cells))


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
    axes.annotate(
        text,
        (1, row),
        xycoords=axes.get_yaxis_transform(),
        xytext=(points, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        size=8.5,
        **look,
    )


def marks(axes: Axes, points: Iterable[tuple[float, float, str]], **look: Any) -> None:
    """Marks of one kind at (x, row, colour): one artist for all of a colour, since a page may have
    thousands."""
    by_colour = defaultdict(list)
    for x, row, colour in points:
        by_colour[colour].append((x, row))
    for colour, places in by_colour.items():
        axes.plot(*zip(*places), color=colour, linestyle="none", zorder=4, **look)


def spans(
    axes: Axes, lines: Iterable[tuple[float, float, float, str]], linewidth: float
) -> None:
    """Lines from x to x in rows: (from, to, row, colour)."""
    low, high, rows, colours = zip(*lines) if (lines := [*lines]) else ((), (), (), ())
    axes.hlines(rows, low, high, colors=colours, linewidth=linewidth, zorder=3)

"""Marks and intervals of many models at once: what has one shape is one artist, since a page may
have thousands of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.markers import MarkerStyle

from plots.analysis.appearance import HOLLOW, Appearance
from plots.charts.drawing.bars import THICK

SMALL = 4.6  # points: a mark in a row of many
_EDGE = 1.0


class Mark(NamedTuple):
    """A mark in data coordinates."""

    x: float
    y: float
    colour: str
    marker: str = "o"
    hollow: bool = False


class Dot(NamedTuple):
    """A value in a row of a panel, with its interval (NaN: none) and its look."""

    row: float
    value: float
    low: float
    high: float
    look: Appearance
    hollow: bool = False


def draw_marks(axes: Axes, marks: Iterable[Mark], size: float, clipped: bool = False) -> None:
    """Marks of so many points; `clipped` to the panel only where the panel does not hold all."""
    alike: dict[tuple[str, bool], list[Mark]] = defaultdict(list)
    for mark in marks:
        alike[mark.marker, mark.hollow].append(mark)
    for (marker, hollow), group in alike.items():
        colours = [mark.colour for mark in group]
        look: dict[str, Any] = {"facecolors": colours, "linewidths": _EDGE}
        if MarkerStyle(marker).is_filled():
            look["edgecolors"] = colours
            if hollow:
                look["facecolors"] = HOLLOW["markerfacecolor"]
                look["linewidths"] = HOLLOW["markeredgewidth"]
        places = ([mark.x for mark in group], [mark.y for mark in group])
        axes.scatter(*places, s=size**2, marker=marker, zorder=4, clip_on=clipped, **look)


def spans(
    axes: Axes, lines: Iterable[tuple[float, float, float, str]], linewidth: float
) -> None:
    """Lines from x to x in rows: (from, to, row, colour)."""
    low, high, rows, colours = zip(*lines) if (lines := [*lines]) else ((), (), (), ())
    axes.hlines(rows, low, high, colors=colours, linewidth=linewidth, zorder=3)


def draw_dots(axes: Axes, dots: Sequence[Dot], linewidth: float = 1.8, size: float = SMALL) -> None:
    """Values in rows, each with its interval if it has one."""
    known = [dot for dot in dots if np.isfinite(dot.low)]
    spans(axes, [(dot.low, dot.high, dot.row, dot.look.colour) for dot in known], linewidth)
    marks = [Mark(d.value, d.row, d.look.colour, d.look.marker, d.hollow) for d in dots]
    draw_marks(axes, marks, size)


def draw_bars(
    axes: Axes, bars: Sequence[tuple[float, float, float]], **look: Any
) -> None:
    """Bars in rows, (from, to, row), as thick as those of plots.charts.drawing.bars."""
    half = THICK / 2
    shapes = [
        [(low, row - half), (high, row - half), (high, row + half), (low, row + half)]
        for low, high, row in bars
    ]
    axes.add_collection(PolyCollection(shapes, zorder=3, **look), autolim=False)

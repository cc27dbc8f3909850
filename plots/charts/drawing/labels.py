"""Labels of lines and of ticks: next to what they name, without overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from plots.analysis.appearance import HOLLOW, RULE, Appearance
from plots.text.format import plain

_MOST_TICKS = 6  # with units, on a panel of half a page
_LINE_PITCH = 12.5  # points between two labels
_BELOW_TITLE = 5  # points that the highest label keeps from the top
_LABEL_STOPS = (14, 25, 36, 41)  # points right of the axes: line begins, marker, line ends, name


class End(NamedTuple):
    """The last point of a series, in data coordinates, and what to write beside it; `hollow` says
    whether that point is drawn so."""

    x: float
    y: float
    name: str
    look: Appearance
    hollow: bool = False


def label_ends(axes: Axes, ends: Sequence[End]) -> None:
    """Names each series right of the axes, with its marker and line, moved up or down where
    names would overlap; a hairline leads to the series' last point."""
    height = axes.bbox.height / axes.figure.dpi * 72  # points
    to_axes = axes.transData + axes.transAxes.inverted()
    ordered = sorted(ends, key=lambda end: (end.y, end.name))
    wanted = [to_axes.transform((end.x, end.y))[1] * height for end in ordered]
    for end, level in zip(ordered, spread(wanted, _LINE_PITCH, 0.0, height - _BELOW_TITLE)):
        _label_end(axes, end, level / height)


def _label_end(axes: Axes, end: End, level: float) -> None:
    """One name, at a height given as a fraction of the axes."""
    start, mark, stop, text = (axes.transAxes + points_right(axes, at) for at in _LABEL_STOPS)
    axes.annotate(
        "",
        xy=(end.x, end.y),
        xytext=(1, level),
        textcoords=start,
        arrowprops={"arrowstyle": "-", "color": RULE, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 4},
        annotation_clip=False,
        zorder=1,
    )
    sample = [axes.transAxes.inverted().transform(at.transform((1, level))) for at in (start, stop)]
    look = {"color": end.look.colour, "clip_on": False}
    x, y = zip(*sample)
    axes.plot(x, y, linestyle=end.look.line, linewidth=1.3, transform=axes.transAxes, **look)
    look |= HOLLOW if end.hollow else {}
    axes.plot([1], [level], marker=end.look.marker, linestyle="none", transform=mark, **look)
    axes.text(1, level, end.name, transform=text, va="center", size=8.5)


def points_right(axes: Axes, points: float) -> ScaledTranslation:
    """Moves what it is added to so many points to the right."""
    return ScaledTranslation(points / 72, 0, axes.figure.dpi_scale_trans)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions at least `gap` apart, as near to `wanted` (ascending) as that allows (least
    squares), within [low, high] if they fit."""
    blocks: list[list[float]] = []
    for place, value in enumerate(wanted):
        blocks.append([value - place * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    highest = max(low, high - gap * (len(wanted) - 1))
    starts = [float(np.clip(np.mean(block), low, highest)) for block in blocks for _ in block]
    return [start + place * gap for place, start in enumerate(starts)]


def count_axis(axes: Axes, names: dict[float, str], label: str) -> None:
    """A logarithmic x axis with one named tick per number, and room at both ends."""
    counts = sorted(names)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(counts))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([names[count] for count in counts])
    axes.set_xlim(counts[0] / 1.35, counts[-1] * 1.35)
    axes.set_xlabel(label)


def log_ticks(low: float, high: float, base: int = 10) -> list[float]:
    """Ticks of a logarithmic axis from `low` to `high`, as many as can be named: every power of
    `base`, every second one over a wide range; 2 and 5 between those of 10 over a narrow one."""
    decades = np.log10(high / low)
    steps = (1.0, 2.0, 5.0) if base == 10 and decades < 2 else (1.0,)
    ticks = LogLocator(base=base, subs=steps).tick_values(low, high)
    inside = [float(value) for value in ticks if low <= value <= high]
    return inside[::2] if len(inside) > _MOST_TICKS else inside


def plain_ticks(axis) -> None:
    """Tick labels as plain decimals, without trailing zeros."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))

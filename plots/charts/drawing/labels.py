"""Labels of lines and of ticks: next to what they name, without overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Affine2D, ScaledTranslation
from numpy.typing import NDArray

from plots.analysis.appearance import HOLLOW, RULE, Appearance
from plots.text.format import plain

_MOST_TICKS = 6  # with units, on a panel of half a page
_LINE_PITCH = 12.5  # points between two labels
_BELOW_TITLE = 5  # points that the highest label keeps from the top
_SHORT_OF_POINT = 4  # points that a hairline ends before it
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
    names would overlap; a hairline leads to the series' last point. The axes have their limits."""
    if not ends:
        return
    width, height = (length / axes.figure.dpi * 72 for length in axes.bbox.size)
    in_points = Affine2D().scale(1 / width, 1 / height) + axes.transAxes
    to_points = axes.transData + in_points.inverted()
    ordered = sorted(ends, key=lambda end: (end.y, end.name))
    tips = [to_points.transform((end.x, end.y)) for end in ordered]
    levels = spread([tip[1] for tip in tips], _LINE_PITCH, 0.0, height - _BELOW_TITLE)
    start, mark, stop, text = (width + points for points in _LABEL_STOPS)
    hairlines = [[(start, level), _short_of(tip, start, level)] for tip, level in zip(tips, levels)]
    samples = [[(start, level), (stop, level)] for level in levels]
    looks = {
        "colors": [end.look.colour for end in ordered],
        "linestyles": [end.look.line for end in ordered],
    }
    beside = {"transform": in_points, "clip_on": False}
    for lines, look, zorder in (
        (hairlines, {"colors": RULE, "linewidths": 0.8}, 1),
        (samples, looks | {"linewidths": 1.3}, 2),
    ):
        axes.add_collection(LineCollection(lines, zorder=zorder, **look, **beside), autolim=False)
    for end, level in zip(ordered, levels):
        fill = HOLLOW if end.hollow else {}
        look = {"marker": end.look.marker, "color": end.look.colour, "linestyle": "none"}
        axes.plot([mark], [level], **look, **beside, **fill)
        axes.text(text, level, end.name, transform=in_points, va="center", size=8.5)


def _short_of(tip: NDArray[np.float64], x: float, y: float) -> tuple[float, float]:
    """The place a little before `tip` on the way there from x, y."""
    way = tip - (x, y)
    length = float(np.hypot(*way))
    short = tip - way * min(1.0, _SHORT_OF_POINT / length) if length else tip
    return float(short[0]), float(short[1])


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

"""Dot plots of ratios: a dot and its interval per model, a panel per cell, 1 marked.

Shared by the charts of ratios to a baseline and of the seam. Rows keep the display order and are
not sorted by their ratio: the reader compares intervals with 1 and with the A/A band.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from plots.analysis.appearance import BAND, INK, MUTED, Appearance
from plots.analysis.stats import AaSpread
from plots.analysis.study import Study
from plots.charts.drawing.marks import Dot, draw_dots
from plots.charts.drawing.rows import number_beside, place_rows
from plots.data.cells import Cell
from plots.text.format import plain, times

_BELOW_1 = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
_ABOVE_1 = (1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, 50, 100)
_TICK_CLEARANCE = 0.34  # inches
_TINY = 1e-12  # matplotlib tries the axis at 0 before it has limits
_STRETCH = 0.05  # the log ratio within which the axis is nearly linear


def draw_ratios(
    study: Study,
    cells: Sequence[Cell],
    frames: dict[int, pd.DataFrame],
    bands: dict[int, AaSpread | None],
    title: str,
    subtitle: str,
    label: Callable[[str], str] = str,
) -> Figure:
    """A figure with one panel per cell. `frames`: comparisons by cell number (columns model,
    ratio, low, high, ranked, verdict), `bands`: the A/A spread by cell number. `label`: what is
    written beside a model's row."""
    present = {model for frame in frames.values() for model in frame["model"]}
    rows = [model for model in study.models if model in present]
    labels = [label(model) for model in rows]
    figure, panels = place_rows(cells, labels, title, subtitle, right=0.62)
    compared = pd.concat(frames.values())[["ratio", "low", "high"]].to_numpy(dtype=float)
    limits = ratio_limits(compared.ravel(), bands.values())
    for axes, cell in panels:
        ratio_axis(axes, limits, bands[cell.number])
        draw_comparisons(axes, rows, [*frames[cell.number].itertuples()], study.appearance)
    return figure


def ratio_limits(
    ratios: Iterable[float], bands: Iterable[AaSpread | None]
) -> tuple[float, float]:
    """The range of all panels: all dots and intervals, the A/A bands, and 1 with some air."""
    known = [ratio for ratio in ratios if np.isfinite(ratio)]
    widest = max((np.exp(band.limit) for band in bands if band), default=1.02)
    low = min([*known, 1 / widest, 0.98])
    high = max([*known, widest, 1.02])
    air = 0.05 * (_stretched(high) - _stretched(low))
    return _unstretched(_stretched(low) - air), _unstretched(_stretched(high) + air)


def _stretched(ratio):
    """Position of a ratio on the axis: logarithmic far from 1, and stretched near 1 (arsinh of the
    logarithm)."""
    return np.arcsinh(np.log(np.maximum(ratio, _TINY)) / _STRETCH)


def _unstretched(position):
    return np.exp(_STRETCH * np.sinh(position))


def ratio_axis(axes: Axes, limits: tuple[float, float], band: AaSpread | None) -> None:
    """The x axis of a panel of ratios, with 1 and the A/A band."""
    axes.set_xscale("function", functions=(_stretched, _unstretched))
    axes.set_xlim(*limits)
    width = axes.get_position().width * axes.figure.get_figwidth()
    clear = _TICK_CLEARANCE / width * (_stretched(limits[1]) - _stretched(limits[0]))
    ticks = _ticks_beyond(1.0, [t for t in _ABOVE_1 if t <= limits[1]], clear)
    ticks += _ticks_beyond(1.0, [t for t in reversed(_BELOW_1) if limits[0] <= t], clear)
    axes.xaxis.set_major_locator(FixedLocator([1.0, *ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([plain(value) for value in [1.0, *ticks]])
    axes.axvline(1, color=MUTED, linewidth=1.0, zorder=2)
    if band:
        edges = (np.exp(-band.limit), np.exp(band.limit))
        axes.axvspan(*edges, color=BAND, linewidth=0, zorder=1)


def _ticks_beyond(start: float, candidates: Sequence[float], clear: float) -> list[float]:
    """Those of `candidates`, going outward from `start`, whose labels have room."""
    chosen, last = [], start
    for value in candidates:
        if abs(_stretched(value) - _stretched(last)) >= clear:
            chosen.append(value)
            last = value
    return chosen


def draw_comparisons(
    axes: Axes, rows: Sequence[str], comparisons: Sequence[Any], look: Callable[[str], Appearance]
) -> None:
    """Comparisons (with model, ratio, low, high, ranked, verdict) in the rows of their models: the
    interval and a dot, hollow where not ranked, and the number at the right."""
    places = [rows.index(one.model) for one in comparisons]
    dots = [
        Dot(row, one.ratio, one.low, one.high, look(one.model), not one.ranked)
        for row, one in zip(places, comparisons)
    ]
    draw_dots(axes, dots)
    for row, one in zip(places, comparisons):
        differs = one.verdict.startswith(("faster", "slower"))
        emphasis = {"weight": "bold", "color": INK} if differs else {"color": MUTED}
        number_beside(axes, row, times(one.ratio), 40, **emphasis)

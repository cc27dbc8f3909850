"""Bars from zero. Where a few bars are far longer than the others, the axis ends before their
ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes

from plots.charts.drawing.labels import plain_ticks

THICK = 0.62  # of a row
HATCH = "//////"
_WIDEST = 8  # times the median, beyond which bars are cut


def bar_axis(axes: Axes, lengths: Sequence[float], unit: str) -> None:
    """The x axis of a panel with bars of these lengths."""
    axes.set_xlim(0, _end(lengths))
    axes.set_xlabel(unit)
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")


def cut_sentence(panels: Iterable[Sequence[float]]) -> str:
    """A sentence if some bar is longer than its panel is wide; `panels` are lengths by panel."""
    cut = any(max(lengths) > _end(lengths) for lengths in panels)
    return "Bars that meet the right edge go on beyond it." if cut else ""


def _end(lengths: Sequence[float]) -> float:
    return 1.06 * min(max(lengths), _WIDEST * float(np.median(lengths))) or 1.0

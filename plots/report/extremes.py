"""Ratios of several models in words: the least and the largest, and those that may be 1."""

from __future__ import annotations

from collections.abc import Sequence

from plots.analysis.stats import Interval
from plots.text.format import DASH, extent, listing, span, times


def extremes(found: Sequence[tuple[Interval, str]]) -> str:
    """2.1x (1.9-2.3, blocking) to 3.5x (3.2-3.9, fiber-epoll), of ratios with their models."""
    ordered = sorted(found, key=lambda pair: pair[0].mean)
    ends = [
        f"{times(ratio.mean)} ({', '.join(filter(None, [_interval(ratio), model]))})"
        for ratio, model in (ordered[0], ordered[-1])
    ]
    return extent(*ends)


def not_shown(found: Sequence[tuple[Interval, str]]) -> str:
    """A sentence about the models whose ratios may be 1; empty if there are none."""
    alike = [model for ratio, model in found if ratio.low <= 1 <= ratio.high]
    return f"It does not show for {listing(alike)}: 1 is in the interval." if alike else ""


def _interval(ratio: Interval) -> str:
    """Empty where one invocation gives none."""
    found = span(ratio.low, ratio.high)
    return "" if found == DASH else found

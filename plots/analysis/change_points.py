"""Where a series of values changes: E-divisive (Matteson and James, "A nonparametric approach for
multiple change point analysis of multivariate data", 2014), which assumes nothing of their
distribution but that values of one stretch are exchangeable.

The place of a change is where the energy distance between what lies before and after is largest.
Whether it is a change at all is a permutation test: how often values in random order have as large
a distance. What lies before and after a change is searched in turn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plots.analysis.stats import ERROR_RATE

FEWEST = 3  # values on either side of a change
_PERMUTATIONS = 399
_SEED = 1  # the same series has the same changes


class ChangePoint(NamedTuple):
    """`place` is the index of the first value after the change; `before` and `after` are the
    medians of the stretches beside it."""

    place: int
    p_value: float
    before: float
    after: float


def change_points(values: ArrayLike) -> list[ChangePoint]:
    """The changes of a series, in order. Each stretch is tested at ERROR_RATE."""
    series = np.asarray(values, dtype=float)
    found = _search(series, 0, len(series), np.random.default_rng(_SEED))
    places = sorted(place for place, _ in found)
    edges = [0, *places, len(series)]
    p_of = dict(found)
    return [
        ChangePoint(
            place,
            p_of[place],
            float(np.median(series[edges[number] : place])),
            float(np.median(series[place : edges[number + 2]])),
        )
        for number, place in enumerate(places)
    ]


def _search(
    series: NDArray[np.float64], start: int, end: int, rng: np.random.Generator
) -> list[tuple[int, float]]:
    """Places and p values of the changes within [start, end)."""
    part = series[start:end]
    if len(part) < 2 * FEWEST:
        return []
    distance, place = _largest(part)
    as_large = sum(
        _largest(rng.permutation(part))[0] >= distance - 1e-12 for _ in range(_PERMUTATIONS)
    )
    p_value = (1 + as_large) / (1 + _PERMUTATIONS)
    if p_value >= ERROR_RATE:
        return []
    middle = start + place
    before = _search(series, start, middle, rng)
    return [*before, (middle, p_value), *_search(series, middle, end, rng)]


def _largest(part: NDArray[np.float64]) -> tuple[float, int]:
    """The largest energy distance between what lies before and after a place, and the place."""
    count = len(part)
    apart = np.abs(part[:, None] - part[None, :])
    sums = np.zeros((count + 1, count + 1))
    sums[1:, 1:] = apart.cumsum(axis=0).cumsum(axis=1)
    found = (-np.inf, FEWEST)
    for place in range(FEWEST, count - FEWEST + 1):
        before, after = place, count - place
        within_before = sums[place, place]
        between = sums[place, count] - within_before
        within_after = sums[count, count] - within_before - 2 * between
        distance = 2 * between / (before * after)
        distance -= within_before / before**2 + within_after / after**2
        found = max(found, (float(distance * before * after / count), place))
    return found

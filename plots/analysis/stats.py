"""Intervals, tests and verdicts, as pure functions on numbers.

The machine's speed changes from one second to the next, so costs are compared within a round: as
log ratios of two entries whose turns lay close together. One invocation gives one value per pair,
the median over its rounds; intervals are over invocations (t distribution), never over pooled
queries. The models of a cell are judged together, by plots.analysis.moderation. How far one model
differs from itself, entered several times, bounds what a difference may mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

ERROR_RATE = 0.05  # of the verdicts of a cell, together
LEVEL = 0.95  # of every interval
SMALL = 0.02  # a difference under this is called small
AA_SHARE = 0.95  # share of A/A pairs that the A/A band holds


class Estimate(NamedTuple):
    """A mean, its standard error, the degrees of freedom of that error (both NaN where it is not
    known), and how many values it is the mean of."""

    mean: float
    error: float
    freedom: float
    n: int


class Interval(NamedTuple):
    """A mean with its t interval; low, high and p_value are NaN for fewer than two values.

    `p_value` tests that the mean is 0, so it means something for logarithms only.
    """

    mean: float
    low: float
    high: float
    n: int
    p_value: float


class AaSpread(NamedTuple):
    """How far a model differs from itself: at least `share` of `pairs` pairs lie within `limit`
    (an absolute log ratio). `invocations` of `rounds` each gave every pair; None where these
    differ from pair to pair."""

    limit: float
    pairs: int
    share: float
    invocations: int | None = None
    rounds: int | None = None


def log_ratios(numerator: ArrayLike, denominator: ArrayLike) -> NDArray[np.float64]:
    """ln(numerator / denominator) round by round; rounds that lack either (NaN, or not above 0)
    are left out. Two arrays of shape (rounds,) give one of shape (sound rounds,)."""
    top, bottom = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    if top.shape != bottom.shape:
        raise ValueError(f"rounds do not pair: shapes {top.shape} and {bottom.shape}")
    sound = np.isfinite(top) & np.isfinite(bottom) & (top > 0) & (bottom > 0)
    return np.log(top[sound] / bottom[sound])


def estimate(values: ArrayLike) -> Estimate:
    """The mean of `values` (one per invocation, NaN left out) with its standard error."""
    sound = np.asarray(values, dtype=float)
    sound = sound[np.isfinite(sound)]
    count = len(sound)
    mean = float(np.mean(sound)) if count else np.nan
    if count < 2:
        return Estimate(mean, np.nan, np.nan, count)
    return Estimate(mean, float(np.std(sound, ddof=1)) / np.sqrt(count), count - 1, count)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """The estimate of `one` minus `other`, which do not pair, with the degrees of freedom of Welch
    and Satterthwaite; `n` is the smaller."""
    parts = (one.error**2, other.error**2)
    weights = parts[0] ** 2 / one.freedom + parts[1] ** 2 / other.freedom
    freedom = sum(parts) ** 2 / weights if weights else one.freedom + other.freedom
    count = min(one.n, other.n)
    return Estimate(one.mean - other.mean, float(np.sqrt(sum(parts))), freedom, count)


def interval(of: Estimate, level: float = LEVEL) -> Interval:
    """The t interval of an estimate, and the p value of its mean being 0."""
    if np.isnan(of.error):
        return Interval(of.mean, np.nan, np.nan, of.n, np.nan)
    if of.error == 0:
        return Interval(of.mean, of.mean, of.mean, of.n, 1.0 if of.mean == 0 else 0.0)
    half = float(special.stdtrit(of.freedom, (1 + level) / 2)) * of.error
    p_value = 2 * float(special.stdtr(of.freedom, -abs(of.mean) / of.error))
    return Interval(of.mean, of.mean - half, of.mean + half, of.n, p_value)


def t_interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """The mean of `values` (one per invocation, NaN left out) and its interval."""
    return interval(estimate(values), level)


def t_intervals(values: NDArray[np.float64]) -> list[Interval]:
    """t_interval of each column, of all at once."""
    sound = np.isfinite(values)
    count = sound.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(sound, values, 0.0).sum(axis=0) / count
        squares = np.where(sound, (values - mean) ** 2, 0.0).sum(axis=0)
        error = np.sqrt(squares / np.where(count > 1, count - 1, np.nan)) / np.sqrt(count)
        half = special.stdtrit(count - 1, (1 + LEVEL) / 2) * error
        p_value = 2 * special.stdtr(count - 1, -np.abs(mean) / error)
    p_value = np.where(error == 0, np.where(mean == 0, 1.0, 0.0), p_value)
    half = np.where(error == 0, 0.0, half)
    columns = (mean, mean - half, mean + half, count, p_value)
    return [Interval(*column) for column in zip(*(column.tolist() for column in columns))]


def as_ratio(logs: Interval) -> Interval:
    """An interval of log ratios as one of ratios; its mean becomes the geometric mean."""
    low, mean, high = np.exp([logs.low, logs.mean, logs.high])
    return Interval(float(mean), float(low), float(high), logs.n, logs.p_value)


def aa_spread(pair_log_ratios: ArrayLike, share: float = AA_SHARE) -> AaSpread | None:
    """The A/A figure from one log ratio per pair of entries of one model.

    The limit is the smallest observed |log ratio| that holds at least `share` of the pairs, so
    the statement is literally true of these pairs; below 20 pairs it holds all of them, and
    `share` says 1. None without pairs.
    """
    sizes = np.sort(np.abs(np.asarray(pair_log_ratios, dtype=float)))
    sizes = sizes[np.isfinite(sizes)]
    if not len(sizes):
        return None
    place = int(np.ceil(share * len(sizes) - 1e-9)) - 1
    return AaSpread(float(sizes[place]), len(sizes), 1.0 if place == len(sizes) - 1 else share)


def holm(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Holm's step-down adjustment (Holm 1979): the smallest of m p values times m, the next
    times m - 1 and so on, never below the one before, at most 1. NaN (no test) stays NaN and is
    not counted."""
    adjusted = np.array(p_values, dtype=float)
    tested = np.flatnonzero(np.isfinite(adjusted))
    ascending = tested[np.argsort(adjusted[tested], kind="stable")]
    weights = np.arange(len(ascending), 0, -1)
    stepped = np.maximum.accumulate(adjusted[ascending] * weights)
    adjusted[ascending] = np.minimum(stepped, 1.0)
    return adjusted


def verdict(ratio: float, adjusted_p: float, lower_is_better: bool) -> str:
    """'faster', 'slower', either with ' (small)', 'no detectable difference', or 'no interval'."""
    if not np.isfinite(adjusted_p):
        return "no interval"
    if adjusted_p >= ERROR_RATE:
        return "no detectable difference"
    word = "faster" if (ratio < 1) == lower_is_better else "slower"
    return f"{word} (small)" if abs(ratio - 1) < SMALL else word

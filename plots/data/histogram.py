"""Log-linear latency histograms: merged by adding counts, read as percentiles.

With S = 2^sub_bucket_bits, values below 2 S have a bucket each; above, every power of two is cut
into S buckets, so a bucket is never wider than 1/S of its value.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

TAIL_QUERIES = 10_000  # p99.9 needs this many
_BEYOND = 10  # queries slower than the last point of a spectrum
_POINTS = 25  # of a spectrum, for each nine
MOST_QUERIES = 2**53  # larger counts are none that anybody measured, and no float holds them


class Histogram(NamedTuple):
    """Bucket indices (ascending), their counts (whole numbers; as floats they cannot overflow),
    and the unit and resolution they share."""

    indices: NDArray[np.int64]
    counts: NDArray[np.float64]
    unit_ns: int
    sub_bucket_bits: int

    @property
    def total(self) -> int:
        """Queries counted."""
        return int(self.counts.sum())


def in_array(value: dict[str, Any]) -> dict[str, Any]:
    """An object of a results file as it is read: the buckets of a histogram become an array of
    pairs, which takes a tenth of the memory and of the time; those that are none stay as they
    are."""
    buckets = value.get("buckets")
    if type(buckets) is list and "sub_bucket_bits" in value and are_pairs(buckets):
        with contextlib.suppress(OverflowError):  # no count that anybody measured
            value["buckets"] = _as_array(buckets)
    return value


def are_pairs(buckets: list[Any]) -> bool:
    """Whether all are pairs of whole numbers that are not negative."""
    if not (set(map(type, buckets)) <= {list} and set(map(len, buckets)) <= {2}):
        return False
    numbers = list(chain.from_iterable(buckets))
    return set(map(type, numbers)) <= {int} and min(numbers, default=0) >= 0


def _as_array(buckets: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(buckets), dtype=np.int64).reshape(-1, 2)


def fault_of(stored: dict[str, Any]) -> str | None:
    """Why a histogram of a results file cannot be computed with, or None."""
    bits, buckets = stored["sub_bucket_bits"], np.asarray(stored["buckets"])
    if not len(buckets):
        return None
    indices, counts = buckets.T
    if indices.max() >= (64 - bits) << bits:
        return "a bucket of values above 2^63"
    if int(counts.max()) * len(counts) > MOST_QUERIES and sum(counts.tolist()) > MOST_QUERIES:
        return "counts of more than 2^53 queries"
    return None


def merge(histograms: Iterable[dict[str, Any] | None]) -> Histogram | None:
    """The sum of histograms as stored; None entries are left out, None if nothing is left.
    All must share one resolution (the loader sees to it)."""
    present = [histogram for histogram in histograms if histogram and len(histogram["buckets"])]
    if not present:
        return None
    pairs = np.concatenate([np.asarray(stored["buckets"], np.int64) for stored in present])
    indices, inverse = np.unique(pairs[:, 0], return_inverse=True)
    counts = np.bincount(inverse, weights=pairs[:, 1]).astype(np.float64)
    return Histogram(indices, counts, present[0]["unit_ns"], present[0]["sub_bucket_bits"])


def bucket_bounds(
    index: ArrayLike, sub_bucket_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lowest value of a bucket and its width, in the histogram's unit."""
    indices = np.asarray(index, dtype=np.int64)
    sub_buckets = 1 << sub_bucket_bits
    exponent = np.maximum(indices // sub_buckets - 1, 0)
    return (indices - sub_buckets * exponent) << exponent, np.int64(1) << exponent


def percentile_us(histogram: Histogram, share: float) -> float:
    """The latency in microseconds that `share` of the queries do not exceed: the middle of the
    bucket where the count reaches it (nearest rank)."""
    rank = max(1, int(np.ceil(share * histogram.total - 1e-9)))
    place = int(np.searchsorted(np.cumsum(histogram.counts), rank))
    low, width = bucket_bounds(histogram.indices[place], histogram.sub_bucket_bits)
    return float(low + (width - 1) / 2) * histogram.unit_ns / 1000


def spectrum_us(histogram: Histogram) -> tuple[list[float], list[float]] | None:
    """The latencies (microseconds) of evenly spaced nines, with 1 / (1 - share) of each: from all
    queries to the last share beyond which there are ten. None where there are too few for one nine,
    or where latencies are too short to be told from 0."""
    last = np.log10(histogram.total / _BEYOND)
    if last < 1:
        return None
    nines = np.linspace(0, last, int(last * _POINTS) + 1)
    found = [percentile_us(histogram, 1 - 10.0**-nine) for nine in nines]
    return ([float(x) for x in 10.0**nines], found) if min(found) > 0 else None

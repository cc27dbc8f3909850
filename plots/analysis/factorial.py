"""Styles x engines: is the cost of a model the product of one factor for its style and one for its
engine?

Within an invocation, log(cost) = mean + style + engine + interaction, after the speed that all
models of a round have in common is removed. Invocations are independent, so the differences of a
term between them are its error: intervals of the effects are over invocations, and the interaction
is tested against its own variation between invocations (F test). The layout is balanced, so the
least-squares estimates are plain means.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats as distributions

from plots.analysis import stats
from plots.analysis.appearance import display_order
from plots.analysis.within_rounds import CPU, INVOCATION, by_model, log_rounds, measured
from plots.data.load import Results


class Factorial(NamedTuple):
    """The fit of one cell.

    `styles` and `engines`: ratio of each one's cost to that of the base, which comes first.
    `f`, `degrees`, `p_value`: the test of the interaction; NaN for fewer than two invocations.
    `largest`: the largest absolute interaction (a log ratio), and `model` that has it.
    """

    styles: dict[str, stats.Interval]
    engines: dict[str, stats.Interval]
    f: float
    degrees: tuple[int, int]
    p_value: float
    largest: float
    model: tuple[str, str]
    invocations: int


def fit(results: Results, cell: int, base: tuple[str | None, str | None]) -> Factorial | None:
    """The fit of a cell, with effects relative to the style and the engine of `base` (where it
    has none of these, to the first); None where the cell's models are not a complete matrix of
    at least two styles and two engines."""
    entries = measured(results, cell)
    entries = entries[entries["role"] == "model"]  # guests stand outside styles and engines
    matrix = {(r.style, r.engine): r.model for r in entries.itertuples() if r.style and r.engine}
    ordered = sorted(matrix, key=lambda pair: display_order(matrix[pair], *pair))
    styles, engines = ([*dict.fromkeys(names)] for names in zip(*ordered)) if ordered else ([], [])
    engines.sort(key=lambda engine: display_order("", None, engine))
    if min(len(styles), len(engines)) < 2 or len(matrix) < len(styles) * len(engines):
        return None
    values = _by_invocation(by_model(log_rounds(results, entries, CPU)))
    table = values[[matrix[pair] for pair in product(styles, engines)]].dropna()
    if table.empty:
        return None
    cube = table.to_numpy().reshape(len(table), len(styles), len(engines))
    return _decompose(cube, styles, engines, base)


def _by_invocation(logs: pd.DataFrame) -> pd.DataFrame:
    """One row per invocation, one column per model: the median over rounds of its log cost against
    the models that every cohort of the invocation has, which are all where there is one cohort."""
    rows = {}
    for invocation, rounds in logs.groupby(level=INVOCATION):
        present = rounds.notna().groupby(level="cohort").any().all()
        if not present.any():
            continue
        relative = rounds.sub(rounds.loc[:, present].mean(axis=1), axis=0)
        rows[invocation] = relative.groupby(level="cohort").median().mean()
    return pd.DataFrame.from_dict(rows, orient="index", columns=logs.columns)


def _decompose(
    cube: NDArray[np.float64],
    styles: list[str],
    engines: list[str],
    base: tuple[str | None, str | None],
) -> Factorial:
    """Terms of a cube of log costs, of shape (invocations, styles, engines)."""
    by_style, by_engine = cube.mean(axis=2), cube.mean(axis=1)
    grand = cube.mean(axis=(1, 2))[:, None, None]
    interaction = cube - by_style[:, :, None] - by_engine[:, None, :] + grand
    mean = interaction.mean(axis=0)
    f, degrees, p_value = _test(interaction)
    place = np.unravel_index(np.argmax(np.abs(mean)), mean.shape)
    return Factorial(
        _effects(by_style, styles, base[0]),
        _effects(by_engine, engines, base[1]),
        f,
        degrees,
        p_value,
        float(np.abs(mean[place])),
        (styles[place[0]], engines[place[1]]),
        len(cube),
    )


def _effects(
    levels: NDArray[np.float64], names: list[str], base: str | None
) -> dict[str, stats.Interval]:
    """Each level against the base, from an array of shape (invocations, levels)."""
    reference = names.index(base) if base in names else 0
    against_base = levels - levels[:, [reference]]
    found = {
        name: stats.as_ratio(stats.t_interval(against_base[:, place]))
        for place, name in enumerate(names)
        if place != reference
    }
    return {names[reference]: stats.Interval(1.0, 1.0, 1.0, len(levels), np.nan), **found}


def _test(interaction: NDArray[np.float64]) -> tuple[float, tuple[int, int], float]:
    """F of the mean interaction against its variation between invocations."""
    invocations, rows, columns = interaction.shape
    freedom = (rows - 1) * (columns - 1)
    degrees = (freedom, freedom * (invocations - 1))
    if invocations < 2:
        return np.nan, degrees, np.nan
    mean = interaction.mean(axis=0)
    explained = invocations * np.sum(mean**2) / degrees[0]
    error = np.sum((interaction - mean) ** 2) / degrees[1]
    if error == 0:
        return np.nan, degrees, 1.0 if explained == 0 else 0.0
    f = explained / error
    return float(f), degrees, float(distributions.f.sf(f, *degrees))

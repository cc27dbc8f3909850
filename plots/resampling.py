"""How often the comparison errs, from recorded turns: false alarms and power.

The entries of an a-a cell are one program, so any of them may play a model and any two the
baseline, in each invocation anew. Every such casting is compared as any two models are: the ratio
within each round, the median over rounds, the t test over invocations. A verdict then is a false
alarm; with every cost of the "model" raised by a planted share, it is a find. Castings are drawn
with a fixed seed, so the same files always give the same figures.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats as distributions

from plots import stats
from plots.compare import CPU, INVOCATION, log_rounds, measured
from plots.load import Results

TRIALS = 4000
_SEED = 19
_CAST = 3  # entries: the model, and the baseline twice, as in every cell


class Reliability(NamedTuple):
    """Of `trials` comparisons over `invocations` of `rounds` each: the share of false alarms with
    its upper bound (95%, one-sided; of the resampling alone), and the share of finds of a `planted`
    difference where one comparison is made (`power`), and where it is one of `family` in its cell,
    which Holm's adjustment makes harder (`power_in_family`)."""

    trials: int
    invocations: int
    rounds: int
    false_alarms: float
    upper: float
    planted: float
    power: float
    family: int
    power_in_family: float


def turns(results: Results, cell: int) -> NDArray[np.float64] | None:
    """Log costs of the one model of an a-a cell, of shape (invocations, rounds, entries): as many
    rounds as all invocations have. None with fewer than three entries or two invocations."""
    logs = log_rounds(results, measured(results, cell), CPU).dropna()
    tables = [table.to_numpy() for _, table in logs.groupby(level=INVOCATION)]
    if logs.shape[1] < _CAST or len(tables) < 2:
        return None
    rounds = min(len(table) for table in tables)
    return np.stack([table[:rounds] for table in tables])


def reliability(
    logs: NDArray[np.float64], rounds: int, planted: float, family: int, trials: int = TRIALS
) -> Reliability:
    """The figures for so many rounds an invocation (at most those recorded), from log costs of
    shape (invocations, rounds, entries)."""
    used = min(rounds, logs.shape[1])
    differences = _castings(logs, used, trials, np.random.default_rng(_SEED))
    alarms = int(np.sum(_p_values(differences) < stats.ERROR_RATE))
    raised = differences + np.log1p(planted)
    p_values = np.where(raised.mean(axis=1) > 0, _p_values(raised), 1.0)
    return Reliability(
        trials=trials,
        invocations=logs.shape[0],
        rounds=used,
        false_alarms=alarms / trials,
        upper=_upper_bound(alarms, trials),
        planted=planted,
        power=float(np.mean(p_values < stats.ERROR_RATE)),
        family=family,
        power_in_family=float(np.mean(p_values * family < stats.ERROR_RATE)),
    )


def _castings(
    logs: NDArray[np.float64], rounds: int, trials: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Log ratios of castings, of shape (trials, invocations): of a run of successive rounds, the
    median of one entry's log cost less the mean of two others'."""
    invocations, recorded, entries = logs.shape
    everyone = np.tile(np.arange(entries), (trials, invocations, 1))
    cast = random.permuted(everyone, axis=2)[..., :_CAST]
    starts = random.integers(0, recorded - rounds + 1, size=(trials, invocations, 1))
    chosen = starts + np.arange(rounds)
    where = np.arange(invocations)[None, :, None, None]
    drawn = logs[where, chosen[..., None], cast[:, :, None, :]]
    return np.median(drawn[..., 0] - drawn[..., 1:].mean(axis=-1), axis=-1)


def _p_values(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """The p value of each row's t test against 0."""
    return distributions.ttest_1samp(differences, 0.0, axis=1).pvalue


def _upper_bound(found: int, trials: int) -> float:
    """Clopper and Pearson's upper bound of a share, at 95%."""
    if found == trials:
        return 1.0
    return float(distributions.beta.ppf(stats.LEVEL, found + 1, trials - found))

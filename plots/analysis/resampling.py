"""How often the comparison errs, from recorded turns: false alarms and power.

The entries of an a-a cell are one program. So in each invocation any of them can stand for the
baseline, as many as it has entries in the cells to be judged, and the others for models. Each
random assignment is analysed exactly like a real cell: the ratio within each round, the median over
rounds, and intervals over invocations whose variances are moderated together. A verdict on the
first model is then a false alarm. With every cost of that model raised by a planted share, it is a
find. A real cell has more models to estimate variances from, so its power is somewhat higher. The
random numbers have a fixed seed, so the same files always give the same figures.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats as distributions

from plots.analysis import stats
from plots.analysis.moderation import Estimates, judge
from plots.analysis.within_rounds import CPU, INVOCATION, logs_in
from plots.data.load import Results

TRIALS = 4000
_SEED = 19
_FEWEST_ENTRIES = 3
_BATCH = 1 << 21  # log ratios judged at a time, which bounds the memory it takes


class Reliability(NamedTuple):
    """Of `trials` comparisons over `invocations` of `rounds` each, judged together with those of
    `models` in all: the share of false alarms with its upper bound (95%, one-sided; of the
    resampling alone), and the share of finds of a `planted` difference where one comparison is made
    (`power`), and where it is one of `family` in its cell, which Holm's adjustment makes harder
    (`power_in_family`)."""

    trials: int
    models: int
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
    logs = logs_in(results, cell, CPU).dropna()
    tables = [table.to_numpy() for _, table in logs.groupby(level=INVOCATION)]
    if logs.shape[1] < _FEWEST_ENTRIES or len(tables) < 2:
        return None
    rounds = min(len(table) for table in tables)
    return np.stack([table[:rounds] for table in tables])


def reliability(
    logs: NDArray[np.float64],
    rounds: int,
    planted: float,
    family: int,
    baseline: int = 2,
    trials: int = TRIALS,
) -> Reliability:
    """The figures for so many rounds an invocation (at most those recorded), from log costs of
    shape (invocations, rounds, entries). So many entries stand for the baseline, or all but one."""
    used = min(rounds, logs.shape[1])
    baseline = min(baseline, logs.shape[2] - 1)
    found = _resamples(logs, used, baseline, trials)
    alarms = int(np.sum(_p_values(found) < stats.ERROR_RATE))
    raised = found._replace(mean=found.mean + np.log1p(planted))
    p_values = np.where(raised.mean > 0, _p_values(raised), 1.0)
    return Reliability(
        trials=trials,
        models=logs.shape[2] - baseline,
        invocations=logs.shape[0],
        rounds=used,
        false_alarms=alarms / trials,
        upper=_upper_bound(alarms, trials),
        planted=planted,
        power=float(np.mean(p_values < stats.ERROR_RATE)),
        family=family,
        power_in_family=float(np.mean(p_values * family < stats.ERROR_RATE)),
    )


def _resamples(logs: NDArray[np.float64], rounds: int, baseline: int, trials: int) -> Estimates:
    """The estimates of the first model of each random assignment; each figure of shape
    (trials,)."""
    random = np.random.default_rng(_SEED)
    batches = np.array_split(np.arange(trials), -(-trials * logs.size // _BATCH))
    judged = [judge(_resample(logs, rounds, baseline, len(batch), random)) for batch in batches]
    return Estimates(*(np.concatenate([part[:, 0] for part in parts]) for parts in zip(*judged)))


def _resample(
    logs: NDArray[np.float64],
    rounds: int,
    baseline: int,
    trials: int,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    """Log ratios of random assignments, of shape (trials, models, invocations, rounds): of
    successive rounds, each entry's log cost minus the mean of those that stand for the baseline."""
    invocations, recorded, entries = logs.shape
    everyone = np.tile(np.arange(entries), (trials, invocations, 1))
    roles = random.permuted(everyone, axis=2)
    starts = random.integers(0, recorded - rounds + 1, size=(trials, invocations, 1))
    chosen = starts + np.arange(rounds)
    where = np.arange(invocations)[None, :, None, None]
    drawn = logs[where, chosen[..., None], roles[:, :, None, :]]
    reference = drawn[..., :baseline].mean(axis=-1, keepdims=True)
    return np.moveaxis(drawn[..., baseline:] - reference, -1, 1)


def _p_values(of: Estimates) -> NDArray[np.float64]:
    """The p value of each t test against 0."""
    return 2 * distributions.t.sf(np.abs(of.mean) / of.error, of.freedom)


def _upper_bound(found: int, trials: int) -> float:
    """Clopper and Pearson's upper bound of a share, at 95%."""
    if found == trials:
        return 1.0
    return float(distributions.beta.ppf(stats.LEVEL, found + 1, trials - found))

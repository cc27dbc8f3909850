"""Judges the models of a cell together: t intervals with moderated variances.

Five invocations estimate a model's variance poorly, and the t distribution pays for that with wide
intervals. The other models of the cell hold more information. Models differ in how noisy they are,
so the noise of one says little about another. What they share is a ratio: how much more the
invocations of a model differ than its turns within an invocation lead to expect. So each model's
variance over invocations is moderated, that is, averaged with `typical` times what its own turns
lead to expect, where `typical` is the geometric mean of that ratio over the models of the cell.

The weight of this prior, in degrees of freedom, is how closely the models agree on `typical`. It is
estimated as in Smyth, "Linear models and empirical Bayes methods" (2004, limma). It is at most what
is known about the prior at all, which rests on the turns of one model and on variances that are
correlated, since all ratios share the baseline.

Moderation only ever widens the interval of a model whose own invocations differ more than the prior
expects. Such a model keeps at least the variance of its own invocations, and the less likely this
variance is under the prior, the less the prior weighs (in the spirit of the robust prior of Phipson
et al., "Robust hyperparameter estimation", 2016).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats as distributions
from scipy.special import digamma, polygamma

FEWEST = 3  # models from which `typical` can be estimated
_NEWTON_STEPS = 20  # six suffice

Floats = NDArray[np.float64]


class Estimates(NamedTuple):
    """Per model, each of shape (..., models): the mean over invocations of its log ratio, the
    mean's standard error, the degrees of freedom of that error, and the number of invocations.
    The error is NaN for fewer than two."""

    mean: Floats
    error: Floats
    freedom: Floats
    n: Floats


def judge(turns: Floats) -> Estimates:
    """The estimates of a family of models from the log ratio of each turn, of shape (..., models,
    invocations, rounds), NaN where missing; leading axes are families of their own.

    Fewer than three models, or single rounds, leave every model the variance of its own
    invocations: then these are the estimates of the ordinary t interval."""
    middles = medians(turns)
    values = np.isfinite(middles)
    count = values.sum(axis=-1).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(middles, axis=-1) / count
        freedom = np.where(count > 1, count - 1, np.nan)
        own = np.nansum((middles - mean[..., None]) ** 2, axis=-1) / freedom
        prior, weight = _prior(turns - middles[..., None], own, freedom)
        weight = weight * _credibility(own, freedom, prior, weight)
        variance = np.maximum(own, (weight * prior + freedom * own) / (weight + freedom))
        return Estimates(mean, np.sqrt(variance / count), weight + freedom, count)


def medians(turns: Floats) -> Floats:
    """The median along the last axis of what is not NaN; NaN where there is nothing."""
    ordered = np.sort(turns, axis=-1)  # NaN last
    count = np.isfinite(turns).sum(axis=-1)
    middle = np.stack([(count - 1) // 2, count // 2], axis=-1).clip(0)
    return np.take_along_axis(ordered, middle, axis=-1).mean(axis=-1)


def trigamma_inverse(values: ArrayLike) -> Floats:
    """x with trigamma(x) = value, for values above 0, by Newton's method on 1 / trigamma, which is
    convex and nearly straight."""
    wanted = np.asarray(values, dtype=float)
    found = 0.5 + 1 / wanted
    for _ in range(_NEWTON_STEPS):
        trigamma = polygamma(1, found)
        found = found + trigamma * (1 - trigamma / wanted) / polygamma(2, found)
    return found


def _prior(deviations: Floats, own: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """The variance that the family leads to expect of each model, and its weight in degrees of
    freedom; both 0 where there is none. `deviations` are those of turns from the median of their
    invocation, `own` each model's variance over invocations."""
    expected, turn_freedom = _expected_of_turns(deviations)
    usable = (own > 0) & (expected > 0)
    models = usable.sum(axis=-1)
    weight, typical = agreement(np.where(usable, own / expected, np.nan), freedom)
    others = (effective_number(deviations, usable) - 1) * _mean(freedom, usable)
    known = 1 / (1 / turn_freedom + 1 / others[..., None])
    weight = np.minimum(weight[..., None], known)
    there = (models[..., None] >= FEWEST) & (expected > 0) & np.isfinite(weight)
    prior = np.where(there, typical[..., None] * expected, 0.0)
    return prior, np.where(there, weight, 0.0)


def _credibility(own: Floats, freedom: Floats, prior: Floats, weight: Floats) -> Floats:
    """The share of its weight that the prior of a model keeps: twice the probability of a ratio
    own / prior as large as this one, and all of it where the ratio is no larger than the median."""
    tail = distributions.f.sf(own / prior, freedom, weight)
    return np.where(np.isfinite(tail), np.minimum(1.0, 2 * tail), 1.0)


def _expected_of_turns(deviations: Floats) -> tuple[Floats, Floats]:
    """The variance of a median of turns that a model's turns lead to expect, up to a factor that
    all models share, and its degrees of freedom. It is computed from the mean absolute deviation,
    since a few outliers among the turns change that less than a variance."""
    there = np.isfinite(deviations)
    turns = there.sum(axis=(-1, -2)).astype(float)
    invocations = there.any(axis=-1).sum(axis=-1)
    size = np.nansum(np.abs(deviations), axis=(-1, -2)) / turns
    return size**2 / (turns / invocations), turns - invocations


def agreement(ratios: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """How closely models agree on own / expected variance, in degrees of freedom (infinity if they
    differ by no more than chance explains), and the geometric mean of that ratio; over the models
    of a family, without those that are NaN.

    The logarithm of an estimated variance with d degrees of freedom has the bias digamma(d/2) -
    log(d/2) and the variance trigamma(d/2). What it varies beyond that, trigamma(weight/2), is the
    difference between the models (Smyth 2004, section 6.2)."""
    usable = np.isfinite(ratios)
    half = np.where(usable, freedom, np.nan) / 2
    logs = np.log(ratios) - digamma(half) + np.log(half)
    centre = _mean(logs, usable)
    spread = np.nansum((logs - centre[..., None]) ** 2, axis=-1) / (usable.sum(axis=-1) - 1)
    excess = spread - _mean(polygamma(1, half), usable)
    differ = excess > 0
    weight = np.where(differ, 2 * trigamma_inverse(np.where(differ, excess, 1.0)), np.inf)
    return weight, np.exp(centre)


def effective_number(deviations: Floats, usable: NDArray[np.bool_]) -> Floats:
    """How many independent models the usable ones of a family are worth: n^2 / (sum of the squares
    of all correlations between their turns within rounds). It is n if no two are correlated, and 1
    if all move together, as they do where the baseline is far noisier than they are."""
    there = np.where(usable[..., None, None], np.nan_to_num(deviations), 0.0)
    flat = there.reshape(*there.shape[:-2], -1)
    lengths = np.linalg.norm(flat, axis=-1, keepdims=True)
    unit = np.divide(flat, lengths, out=np.zeros_like(flat), where=lengths > 0)
    correlations = unit @ np.swapaxes(unit, -1, -2)
    return usable.sum(axis=-1) ** 2 / np.sum(correlations**2, axis=(-1, -2))


def _mean(values: Floats, where: NDArray[np.bool_]) -> Floats:
    """The mean along the last axis of the values chosen; NaN where there are none."""
    return np.where(where, values, 0.0).sum(axis=-1) / where.sum(axis=-1)

"""Moderated intervals: worked examples, fallbacks, and simulated cells in which nothing differs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as distributions
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

from plots.analysis import stats
from plots.analysis.moderation import agreement, effective_number, judge, medians, trigamma_inverse

NAN = math.nan
TURN, LUCK = 0.08, 0.01  # noise of a turn and of a process, as log cost
BASELINE = TURN / math.sqrt(2)  # entered twice


def cells(noise, families=2000, rounds=8, baseline=BASELINE, tails=None, luck=LUCK):
    """Log ratios of families of models that cost the same, over five invocations: `noise` of each
    model's turns, normal or with the tails of so many degrees of freedom, that of the `baseline`'s,
    and the `luck` of each model's processes."""
    random = np.random.default_rng(4)
    models, invocations = len(noise), 5

    def draw(*shape):
        if tails is None:
            return random.standard_normal(shape)
        return random.standard_t(tails, shape) / math.sqrt(tails / (tails - 2))

    turns = np.asarray(noise)[:, None, None] * draw(families, models, invocations, rounds)
    processes = np.reshape(luck, (-1, 1, 1)) * random.standard_normal((*turns.shape[:3], 1))
    both = baseline * draw(families, 1, invocations, rounds)
    return turns + processes - both


def p_values(found):
    return 2 * distributions.t.sf(np.abs(found.mean) / found.error, found.freedom)


def family_wise(p):
    """How often any model of a family differs from nothing after Holm's adjustment."""
    return np.mean(p.min(axis=1) * p.shape[1] < stats.ERROR_RATE)


def test_the_inverse_of_trigamma_at_arguments_that_are_known():
    values = [math.pi**2 / 6, math.pi**2 / 2, math.pi**2 / 6 - 1]
    assert trigamma_inverse(values) == pytest.approx([1, 0.5, 2])


def test_trigamma_undoes_its_inverse_from_the_small_to_the_large():
    values = np.logspace(-7, 6, 40)
    assert polygamma(1, trigamma_inverse(values)) == pytest.approx(values)


def test_medians_leave_out_what_is_missing():
    turns = np.array([[3.0, NAN, 1.0], [4.0, 2.0, 9.0], [NAN, NAN, NAN], [NAN, 5.0, NAN]])
    assert medians(turns) == pytest.approx([2.0, 4.0, NAN, 5.0], nan_ok=True)


def test_three_models_that_agree_worked_out_by_hand():
    # Each model's medians are 0, 1, 2 (variance 1, freedom 2) and two of its six turns are 1 off:
    # 1/3 on average. So expected is (1/3)^2 / 2 rounds = 1/18, own / expected 18 for all, and
    # typical exp(log 18 - digamma(1) + log 1) = 18 e^gamma: the prior is e^gamma. They agree
    # wholly, so its weight is all that is known: turns have freedom 6 - 3; the other two models,
    # uncorrelated, 2 x 2; together 1 / (1/3 + 1/4) = 12/7.
    turns = np.tile(np.array([0.0, 1.0, 2.0])[None, :, None], (3, 1, 2))
    for model in range(3):
        turns[model, model] += [1, -1]
    found = judge(turns)
    variance = (12 / 7 * math.exp(np.euler_gamma) + 2 * 1) / (12 / 7 + 2)
    assert found.mean == pytest.approx([1, 1, 1])
    assert found.freedom == pytest.approx([12 / 7 + 2] * 3)
    assert found.error == pytest.approx([math.sqrt(variance / 3)] * 3)


def test_models_that_disagree_are_moderated_by_as_much_as_they_agree():
    random = np.random.default_rng(1)
    scales = np.array([0.3, 0.6, 1.0, 2.0, 9.0])  # of processes, while turns are alike
    turns = random.normal(size=(5, 6, 1)) * scales[:, None, None] + random.normal(size=(5, 6, 4))
    middle = np.median(turns, axis=2)
    own = [np.var(row, ddof=1) for row in middle]
    expected = [
        np.mean([abs(turn - np.median(one)) for one in model for turn in one]) ** 2 / 4
        for model in turns
    ]
    logs = [math.log(o / e) - digamma(2.5) + math.log(2.5) for o, e in zip(own, expected)]
    excess = np.var(logs, ddof=1) - polygamma(1, 2.5)
    weight = 2 * brentq(lambda half: polygamma(1, half) - excess, 0.01, 100)
    assert weight < 5  # else the bound of what is known would be tested here
    prior = [math.exp(np.mean(logs)) * e for e in expected]
    tails = [distributions.f.sf(o / p, 5, weight) for o, p in zip(own, prior)]
    weights = [weight * min(1, 2 * tail) for tail in tails]
    assert min(weights) < 0.5 * weight and max(weights) == weight
    averages = [(w * p + 5 * o) / (w + 5) for w, p, o in zip(weights, prior, own)]
    found = judge(turns)
    assert found.freedom == pytest.approx([w + 5 for w in weights])
    assert found.error == pytest.approx(np.sqrt(np.maximum(own, averages) / 6))


@pytest.mark.parametrize("freedom", [3.0, 8.0])
def test_agreement_finds_the_degrees_of_freedom_of_the_prior(freedom):
    # variances of 4 degrees of freedom, whose true values are 1 / (chi square / freedom)
    drawn = distributions.f.rvs(4, freedom, size=20_000, random_state=2)
    weight, typical = agreement(drawn, np.full(len(drawn), 4.0))
    assert weight == pytest.approx(freedom, rel=0.1)
    geometric = math.exp(math.log(freedom / 2) - digamma(freedom / 2))
    assert typical == pytest.approx(geometric, rel=0.05)


def test_variances_that_differ_no_more_than_by_chance_agree_without_limit():
    assert agreement(np.array([1.0, 1.1, 0.9]), np.full(3, 4.0))[0] == math.inf


def test_fully_correlated_models_are_worth_one():
    random = np.random.default_rng(3)
    alone = random.normal(size=(4, 50, 20))
    usable = np.ones(4, dtype=bool)
    assert effective_number(alone, usable) == pytest.approx(4, abs=0.1)
    assert effective_number(np.repeat(alone[:1], 4, axis=0), usable) == pytest.approx(1)
    assert effective_number(alone, usable & (np.arange(4) < 2)) == pytest.approx(2, abs=0.1)


def test_a_baseline_far_noisier_than_the_models_leaves_nothing_to_learn_from_them():
    found = judge(cells([TURN] * 24, families=50, baseline=5 * TURN))
    assert np.all(found.freedom < 5)


@pytest.mark.parametrize("models, rounds", [(1, 8), (2, 8), (24, 1)])
def test_few_models_or_single_rounds_have_the_ordinary_t_interval(models, rounds):
    turns = cells([TURN] * models, families=1, rounds=rounds)[0]
    found = judge(turns)
    for place, model in enumerate(turns):
        expected = stats.estimate(np.median(model, axis=1))
        assert [figure[place] for figure in found] == pytest.approx(expected)


def test_missing_rounds_and_invocations_are_left_out():
    turns = cells([TURN] * 6, families=1)[0]
    turns[0, 3] = NAN  # an invocation
    turns[1, :, 5:] = NAN  # rounds
    turns[2, 1:] = NAN  # all but one invocation
    turns[3] = NAN  # all
    found = judge(turns)
    assert found.n.tolist() == [4, 5, 1, 0, 5, 5]
    assert found.mean[0] == pytest.approx(np.mean(np.median(turns[0, [0, 1, 2, 4]], axis=1)))
    assert found.mean[1] == pytest.approx(np.mean(np.median(turns[1, :, :5], axis=1)))
    assert np.isfinite(found.mean[2]) and np.isnan(found.mean[3])
    assert np.isfinite(found.error).tolist() == [True, True, False, False, True, True]
    assert found.freedom[0] < found.freedom[4] and found.freedom[1] < found.freedom[4]


def test_models_without_any_spread_are_not_moderated_by_each_other():
    found = judge(np.ones((4, 5, 3)))
    assert found.mean.tolist() == [1.0] * 4
    assert found.error.tolist() == [0.0] * 4


def test_families_are_judged_apart():
    turns = cells([TURN] * 5, families=3)
    for together, alone in zip(zip(*judge(turns)), map(judge, turns)):
        for figure, expected in zip(together, alone):
            assert figure == pytest.approx(expected)


def test_adding_to_a_ratio_moves_its_mean_and_no_error():
    turns = cells([TURN] * 6, families=1)[0]
    moved = judge(turns + np.arange(6)[:, None, None])
    assert moved.mean == pytest.approx(judge(turns).mean + np.arange(6))
    assert moved.error == pytest.approx(judge(turns).error)


NOISE = {
    "alike": [TURN] * 24,
    "four three times as noisy": [TURN] * 20 + [3 * TURN] * 4,
    "one three times as noisy": [TURN] * 23 + [3 * TURN],
    "each of its own": list(TURN * np.linspace(0.5, 3, 24)),
}


@pytest.mark.parametrize("tails", [None, 3], ids=["normal", "heavy tails"])
@pytest.mark.parametrize("rounds", [2, 8])
@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_false_alarms_are_rare_where_nothing_differs(noise, rounds, tails):
    p = p_values(judge(cells(noise, rounds=rounds, tails=tails)))
    by_model = np.mean(p < stats.ERROR_RATE, axis=0)
    assert np.mean(by_model) < stats.ERROR_RATE
    assert np.max(by_model) < 0.065  # the most of 24 shares, each 0.05 with an error of 0.005
    assert family_wise(p) < stats.ERROR_RATE


def test_one_variance_for_all_would_raise_false_alarms_for_noisy_models():
    noise = NOISE["four three times as noisy"]
    found = judge(cells(noise))
    variance = np.mean(found.error**2, axis=1, keepdims=True)
    pooled = found._replace(error=np.sqrt(variance), freedom=np.array(24.0 * 4))
    p = p_values(pooled)
    assert np.mean(p[:, -4:] < stats.ERROR_RATE) > 0.2
    assert family_wise(p) > 0.2


def test_false_alarms_of_a_family_hold_also_where_only_processes_differ():
    luck = [0.02] * 20 + [0.06] * 4
    p = p_values(judge(cells([TURN] * 24, luck=luck)))
    assert 0.05 < np.mean(p[:, -4:] < stats.ERROR_RATE) < 0.08
    assert np.mean(p < stats.ERROR_RATE) < stats.ERROR_RATE
    assert family_wise(p) < stats.ERROR_RATE


def test_moderation_finds_more_than_each_model_alone():
    turns = cells([TURN] * 24) + math.log(1.05)
    alone = distributions.ttest_1samp(np.median(turns, axis=-1), 0, axis=-1).pvalue
    moderated = p_values(judge(turns))
    level = stats.ERROR_RATE / 24
    assert np.mean(moderated < level) > 2.5 * np.mean(alone < level)


def test_a_model_whose_own_invocations_differ_more_keeps_their_variance():
    luck = [LUCK] * 23 + [10 * LUCK]
    turns = cells([TURN] * 24, families=50, luck=luck)
    found = judge(turns)
    own = np.std(np.median(turns, axis=-1), axis=-1, ddof=1) / math.sqrt(5)
    assert np.all(found.error >= 0.9999 * own)
    assert np.median(found.freedom[:, -1]) < 0.7 * np.median(found.freedom[:, :-1])

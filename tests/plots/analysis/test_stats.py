"""plots.stats and plots.histogram against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from plots.analysis import stats
from plots.data.histogram import bucket_bounds, merge, percentile_us


def test_log_ratios_pair_round_by_round():
    assert stats.log_ratios([2.0, 3.0], [1.0, 6.0]) == pytest.approx([math.log(2), -math.log(2)])


def test_log_ratios_leave_out_rounds_that_lack_a_value():
    top, bottom = [2.0, math.nan, 4.0, 0.0], [1.0, 1.0, math.nan, 1.0]
    assert stats.log_ratios(top, bottom) == pytest.approx([math.log(2)])


def test_rounds_of_different_numbers_do_not_pair():
    with pytest.raises(ValueError, match="do not pair"):
        stats.log_ratios([1.0, 2.0], [1.0])


def test_the_t_interval_of_three_values():
    # mean 2, standard error 1/sqrt(3), t(0.975; 2) = 4.302653, t = 3.464102, p = 0.0741799
    interval = stats.t_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2
    assert interval.high - interval.mean == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert interval.mean - interval.low == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert interval.p_value == pytest.approx(0.0741799, rel=1e-5)
    assert interval.n == 3


@pytest.mark.parametrize("values, count", [([], 0), ([7.0], 1), ([7.0, math.nan], 1)])
def test_fewer_than_two_values_have_no_interval(values, count):
    interval = stats.t_interval(values)
    assert interval.n == count
    assert math.isnan(interval.low) and math.isnan(interval.high) and math.isnan(interval.p_value)


@pytest.mark.parametrize("value, p_value", [(0.0, 1.0), (0.1, 0.0)])
def test_values_without_spread_have_a_p_value(value, p_value):
    interval = stats.t_interval([value] * 4)
    assert (interval.low, interval.high, interval.p_value) == (value, value, p_value)


def test_an_interval_of_logs_becomes_one_of_ratios():
    logs = stats.Interval(math.log(2), math.log(1.5), math.log(3), 5, 0.01)
    assert stats.as_ratio(logs) == pytest.approx((2, 1.5, 3, 5, 0.01))


def test_twenty_pairs_of_which_nineteen_lie_within_the_limit():
    sizes = [(-1) ** place * place / 100 for place in range(1, 21)]
    assert stats.aa_spread(sizes)[:3] == (0.19, 20, 0.95)


def test_few_pairs_all_lie_within_the_limit():
    assert stats.aa_spread([0.01, -0.03, 0.02])[:3] == (0.03, 3, 1.0)


def test_without_pairs_there_is_no_figure():
    assert stats.aa_spread([]) is None


def test_the_stated_share_of_pairs_really_lies_within_the_limit():
    random = np.random.default_rng(7)
    for count in (1, 2, 19, 20, 21, 40, 100, 333):
        pairs = random.normal(size=count)
        spread = stats.aa_spread(pairs)
        assert np.mean(np.abs(pairs) <= spread.limit) >= spread.share


def test_holm_of_three_p_values():
    # sorted 0.01 x 3, 0.03 x 2, 0.04 x 1, then made ascending
    assert stats.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_holm_agrees_with_statsmodels():
    random = np.random.default_rng(3)
    for count in (1, 2, 7, 25):
        p_values = random.random(count) ** 4
        expected = multipletests(p_values, method="holm")[1]
        assert stats.holm(p_values) == pytest.approx(expected)


def test_holm_does_not_count_untested_models():
    adjusted = stats.holm([0.01, math.nan, 0.04])
    assert adjusted[0] == pytest.approx(0.02) and math.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)
    assert len(stats.holm([])) == 0


@pytest.mark.parametrize(
    "ratio, p, lower_is_better, expected",
    [
        (0.90, 0.01, True, "faster"),
        (1.10, 0.01, True, "slower"),
        (0.90, 0.01, False, "slower"),
        (1.10, 0.01, False, "faster"),
        (1.015, 0.01, True, "slower (small)"),
        (0.985, 0.01, True, "faster (small)"),
        (1.50, 0.05, True, "no detectable difference"),
        (1.50, math.nan, True, "no interval"),
    ],
)
def test_verdicts(ratio, p, lower_is_better, expected):
    assert stats.verdict(ratio, p, lower_is_better) == expected


def stored(buckets, bits=7, unit_ns=1):
    return {"unit_ns": unit_ns, "sub_bucket_bits": bits, "buckets": buckets}


def test_buckets_lie_where_the_format_says():
    # S = 128: one each below 256, then [256, 258), [258, 260) ... [512, 516) ...
    assert bucket_bounds([0, 255], 7)[0].tolist() == [0, 255]
    low, width = bucket_bounds([256, 257, 384, 511, 512], 7)
    assert low.tolist() == [256, 258, 512, 1020, 1024]
    assert width.tolist() == [2, 2, 4, 4, 8]


@pytest.mark.parametrize(
    "value", [0, 1, 127, 128, 255, 256, 511, 512, 1000, 123_456, 2_000_000_000]
)
def test_every_value_lies_in_its_bucket_which_is_narrow(value):
    exponent = max(0, value.bit_length() - 8)
    low, width = bucket_bounds(128 * exponent + (value >> exponent), 7)
    assert low <= value < low + width
    assert width == 1 or width / value <= 1 / 128


def test_histograms_are_merged_by_adding_counts():
    merged = merge([stored([[1, 2], [5, 1]]), None, stored([[0, 1], [5, 4]]), stored([])])
    assert merged.indices.tolist() == [0, 1, 5]
    assert merged.counts.tolist() == [1, 2, 5]
    assert merged.total == 8


def test_nothing_merges_to_nothing():
    assert merge([None, stored([])]) is None


def test_percentiles_are_the_nearest_rank():
    # ten queries of 1 to 10 us in units of 1 us
    ten = merge([stored([[value, 1] for value in range(1, 11)], unit_ns=1000)])
    assert [percentile_us(ten, share) for share in (0.5, 0.9, 0.99, 1.0)] == [5, 9, 10, 10]


def test_a_percentile_is_the_middle_of_a_wide_bucket():
    # index 512 holds 1024 to 1031 ns
    assert percentile_us(merge([stored([[512, 3]])]), 0.5) == pytest.approx(1.0275)

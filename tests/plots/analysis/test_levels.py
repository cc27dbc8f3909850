"""Levels of all metrics at once are those of each alone."""

from __future__ import annotations

import numpy as np
import pytest

from plots.analysis import stats
from plots.analysis.within_rounds import CPU, INVOCATION, RATE, log_rounds, logs_in, measured

UNEQUAL = np.array(
    [
        [1.0, 5.0, np.nan, np.nan, 2.0, 0.0],
        [2.0, 5.0, 3.0, np.nan, np.nan, 0.0],
        [4.0, 5.0, np.nan, np.nan, 7.5, 0.0],
    ]
)


def test_intervals_of_columns_are_those_of_each_column():
    for column, found in zip(UNEQUAL.T, stats.t_intervals(UNEQUAL)):
        assert found == pytest.approx(stats.t_interval(column), nan_ok=True)


def test_of_no_invocation_and_of_one_there_is_no_interval():
    for rows in (0, 1):
        for column, found in zip(UNEQUAL[:rows].T, stats.t_intervals(UNEQUAL[:rows])):
            assert found == pytest.approx(stats.t_interval(column), nan_ok=True)
            assert np.isnan(found.low)


def test_a_level_is_the_mean_over_invocations_of_the_entries_of_one_model(study_of, document):
    study = study_of(document)
    compared = 0
    for cell in study.cells:
        for model in study.models_in(cell):
            for metric in (CPU, RATE):
                means = study.entries(cell, model).groupby(INVOCATION)[metric].mean()
                wanted = stats.t_interval(means)
                assert study.level(cell, model, metric) == pytest.approx(wanted, nan_ok=True)
                compared += 1
    assert compared > 10
    assert study.level(cell, "nobody", CPU).n == 0
    with pytest.raises(KeyError):
        study.level(cell, model, "no_such_metric")


def test_logs_that_are_kept_are_those_of_the_rounds(study_of, document):
    results = study_of(document).results
    for cell in results.cells:
        kept = logs_in(results, cell, CPU)
        assert kept is logs_in(results, cell, CPU)
        assert kept.equals(log_rounds(results, measured(results, cell), CPU))

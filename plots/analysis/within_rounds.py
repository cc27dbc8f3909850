"""Pairs turns of the same round, and hands the pairs to plots.stats and plots.analysis.moderation.

Everything here takes the frames of plots.load and gives small frames, one row per comparison.
A model entered several times in a cell counts as the mean of its entries (of their logarithms), so
that no comparison depends on one entry of the baseline alone.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plots.analysis import moderation, stats
from plots.data.load import Results

CPU, RATE = "client_cpu_us_per_query", "queries_per_second"
BACKEND_CPU = "backend_cpu_us_per_query"
VOLUNTARY, INVOLUNTARY = "switches_voluntary_per_query", "switches_involuntary_per_query"
_BLOCK = ["run", "invocation", "cohort", "round"]  # entries that agree here shared a round
INVOCATION = ["run", "invocation"]  # a set of fresh processes
_COLUMNS = [
    "model",
    "handwritten",
    "ratio",
    "low",
    "high",
    "invocations",
    "p_value",
    "error",
    "freedom",
    "moderated",
    "ranked",
]


def measured(results: Results, cell: int, role: str = "model") -> pd.DataFrame:
    """See Results.measured."""
    return results.measured(cell, role)


def log_rounds(results: Results, entries: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Logarithms of a metric: one row per round of one invocation and cohort, one column per
    (model, entry) of `entries`; NaN where a round lacks the value or it is not above 0."""
    keys = entries[["id", "run", "invocation", "cohort", "model", "entry"]]
    joined = results.rounds_of(entries)[["id", "round", metric]].merge(keys, on="id")
    joined["log"] = np.log(joined[metric].where(joined[metric] > 0))
    logs = joined.pivot(index=_BLOCK, columns=["model", "entry"], values="log")
    columns = pd.MultiIndex.from_frame(keys[["model", "entry"]].drop_duplicates())
    return logs.reindex(columns=columns.sort_values())  # also of entries without rounds


def logs_in(results: Results, cell: int, metric: str, role: str = "model") -> pd.DataFrame:
    """log_rounds of all entries of a cell, which is computed once: not to be changed."""
    key = ("logs", cell, metric, role)
    if key not in results.kept:
        results.kept[key] = log_rounds(results, measured(results, cell, role), metric)
    return results.kept[key]


def by_model(logs: pd.DataFrame) -> pd.DataFrame:
    """The mean over a model's entries, of the rounds in which it has any."""
    return logs.T.groupby(level="model", sort=False).mean().T


def interval_within_rounds(numerator: pd.Series, denominator: pd.Series) -> stats.Interval:
    """Ratio of two series of log_rounds: median over rounds, then t over invocations."""
    difference = (numerator - denominator).dropna()
    return stats.as_ratio(stats.t_interval(difference.groupby(level=INVOCATION).median()))


def estimates(ratios: pd.DataFrame, together: Collection[str]) -> dict[str, stats.Estimate]:
    """The log ratio of each column of a cell (rows as in log_rounds, NaN where missing): median
    over rounds, then the mean over invocations. The errors of the columns that are judged
    `together` are moderated by each other, any other column stands alone."""
    if not len(ratios.columns):
        return {}
    turns, is_one = _turns(ratios), np.array([column in together for column in ratios.columns])
    family, alone = turns[is_one], turns[~is_one][:, None]  # each of the others is a family
    found = {}
    for chosen, families in ((is_one, family), (~is_one, alone)):
        judged_ = moderation.judge(families) if chosen.any() else ()
        columns = (values.ravel().tolist() for values in judged_)
        for column, mean, error, freedom, n in zip(ratios.columns[chosen], *columns):
            found[column] = stats.Estimate(mean, error, freedom, int(n))
    return found


def _turns(ratios: pd.DataFrame) -> NDArray[np.float64]:
    """The rounds as an array of shape (columns, invocations, rounds), padded with NaN."""
    tables = [table.to_numpy() for _, table in ratios.groupby(level=INVOCATION)]
    longest = max(len(table) for table in tables)
    padded = np.full((len(tables), longest, ratios.shape[1]), np.nan)
    for place, table in zip(padded, tables):
        place[: len(table)] = table
    return np.moveaxis(padded, -1, 0)


def against_baseline(
    results: Results, cell: int, metric: str, baseline: str, rankable: set[str]
) -> pd.DataFrame:
    """Every model of a cell against the baseline in the same rounds.

    Columns: model, ratio, low, high, invocations, p_value, error and freedom (of the log ratio:
    standard error and its degrees of freedom), moderated (whether the others contributed to the
    interval), adjusted_p, verdict. Only `rankable` models are judged together
    (plots.analysis.moderation) and tested (Holm over these); the others have intervals of their own
    and the verdict "not ranked". Empty where the baseline has no results in the cell.
    """
    ratios = relative_to(results, cell, metric, baseline)
    rows = [
        _row(model, estimate) | {"ranked": model in rankable}
        for model, estimate in estimates(ratios, rankable).items()
        if estimate.n
    ]
    return judged(rows, lower_is_better=metric == CPU)


def relative_to(results: Results, cell: int, metric: str, model: str) -> pd.DataFrame:
    """The log ratios of all other models of a cell to this one in the same rounds, one column for
    each; no columns where it has no results there."""
    logs = by_model(logs_in(results, cell, metric))
    if model not in logs.columns:
        return logs.iloc[:, :0]
    return logs.drop(columns=model).sub(logs[model], axis=0)


def against_handwritten(results: Results, cell: int) -> pd.DataFrame:
    """Models of a cell against their straight-line counterparts: as against_baseline, with the
    column `handwritten`."""
    models, counterparts = measured(results, cell), measured(results, cell, "handwritten")
    if counterparts.empty or models.empty:
        return judged([], True)
    model_logs = by_model(logs_in(results, cell, CPU))
    counterpart_logs = by_model(logs_in(results, cell, CPU, "handwritten"))
    twins = _twins(_parts(models), _parts(counterparts))
    ratios = pd.DataFrame(
        {model: model_logs[model] - counterpart_logs[twin] for model, twin in twins.items()}
    )
    rows = [
        _row(model, estimate) | {"handwritten": twins[model], "ranked": True}
        for model, estimate in estimates(ratios, twins).items()
        if estimate.n
    ]
    return judged(rows, lower_is_better=True)


def level(entries: pd.DataFrame, metric: str) -> stats.Interval:
    """A metric of one model in one cell: the mean over invocations and its t interval."""
    return stats.t_interval(entries.groupby(INVOCATION)[metric].mean())


def _twins(models: dict[str, tuple], counterparts: dict[str, tuple]) -> dict[str, str]:
    """The handwritten counterpart of each model that has one: of the same style and engine; where
    several models share these (the kernel's have no engine), the one named after the model."""
    found = {}
    for model, parts in models.items():
        alike = [name for name, other in counterparts.items() if other == parts]
        if list(models.values()).count(parts) > 1 or len(alike) > 1:
            alike = [name for name in alike if name == f"handwritten-{model}"]
        if alike:
            found[model] = alike[0]
    return found


def _parts(entries: pd.DataFrame) -> dict[str, tuple]:
    """Style and engine by model name."""
    unique = entries.drop_duplicates("model")
    return dict(zip(unique["model"], zip(unique["style"], unique["engine"])))


def _row(model: str, estimate: stats.Estimate) -> dict[str, object]:
    """A comparison of one model, as columns."""
    interval = stats.as_ratio(stats.interval(estimate))
    moderated = estimate.freedom > estimate.n - 1
    known = {"error": estimate.error, "freedom": estimate.freedom, "moderated": moderated}
    return {"model": model, **named_interval(interval), **known}


def named_interval(interval: stats.Interval) -> dict[str, float]:
    """An interval of ratios as columns of a comparison."""
    return {
        "ratio": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "invocations": interval.n,
        "p_value": interval.p_value,
    }


def judged(rows: list[dict], lower_is_better: bool) -> pd.DataFrame:
    """Adds the Holm-adjusted p values and the verdicts of one cell's comparisons."""
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    tested = frame["p_value"].astype(float).where(frame["ranked"].astype(bool))
    frame["adjusted_p"] = stats.holm(tested)
    frame["verdict"] = [
        stats.verdict(ratio, p, lower_is_better) if ranked else "not ranked"
        for ratio, p, ranked in zip(frame["ratio"], frame["adjusted_p"], frame["ranked"])
    ]
    return frame

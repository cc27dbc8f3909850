"""Pairs turns of the same round, and hands the pairs to plots.stats.

Everything here takes the frames of plots.load and gives small frames, one row per comparison.
A model entered several times in a cell counts as the mean of its entries (of their logarithms), so
that no comparison hangs on the luck of one entry of the baseline.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from plots import stats
from plots.load import Results

CPU, RATE = "client_cpu_us_per_query", "queries_per_second"
VOLUNTARY, INVOLUNTARY = "switches_voluntary_per_query", "switches_involuntary_per_query"
_BLOCK = ["run", "invocation", "cohort", "round"]  # entries that agree here shared a round
INVOCATION = ["run", "invocation"]  # a set of fresh processes


def measured(results: Results, cell: int, role: str = "model") -> pd.DataFrame:
    """The entries of a cell and role that have results."""
    entries = results.entries
    here = (entries["cell"] == cell) & (entries["role"] == role) & (entries["status"] == "ok")
    return entries[here]


def log_rounds(results: Results, entries: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Logarithms of a metric: one row per round of one invocation and cohort, one column per
    (model, entry); NaN where a round lacks the value or it is not above 0."""
    keys = entries[["id", "run", "invocation", "cohort", "model", "entry"]]
    joined = results.rounds[["id", "round", metric]].merge(keys, on="id")
    joined["log"] = np.log(joined[metric].where(joined[metric] > 0))
    return joined.pivot(index=_BLOCK, columns=["model", "entry"], values="log")


def by_model(logs: pd.DataFrame) -> pd.DataFrame:
    """The mean over a model's entries, of the rounds in which it has any."""
    return logs.T.groupby(level="model", sort=False).mean().T


def interval_within_rounds(numerator: pd.Series, denominator: pd.Series) -> stats.Interval:
    """Ratio of two series of log_rounds: median over rounds, then t over invocations."""
    difference = (numerator - denominator).dropna()
    return stats.as_ratio(stats.t_interval(difference.groupby(level=INVOCATION).median()))


def against_baseline(
    results: Results, cell: int, metric: str, baseline: str, rankable: set[str]
) -> pd.DataFrame:
    """Every model of a cell against the baseline in the same rounds.

    Columns: model, ratio, low, high, invocations, p_value, adjusted_p, verdict. Only `rankable`
    models are tested (Holm over these); the others have the verdict "not ranked". Empty where
    the baseline has no results in the cell.
    """
    logs = by_model(log_rounds(results, measured(results, cell), metric))
    rows = []
    for model in logs.columns:
        if model == baseline or baseline not in logs.columns:
            continue
        interval = interval_within_rounds(logs[model], logs[baseline])
        if interval.count:
            rows.append({"model": model, **named_interval(interval), "ranked": model in rankable})
    return judged(rows, lower_is_better=metric == CPU)


def against_native(results: Results, cell: int) -> pd.DataFrame:
    """Models of a cell against their straight-line counterparts: as against_baseline, with the
    column `native`."""
    models, natives = measured(results, cell), measured(results, cell, "native")
    if natives.empty or models.empty:
        return judged([], True)
    model_logs = by_model(log_rounds(results, models, CPU))
    native_logs = by_model(log_rounds(results, natives, CPU))
    rows = []
    for model, native in _twins(_parts(models), _parts(natives)).items():
        interval = interval_within_rounds(model_logs[model], native_logs[native])
        if interval.count:
            row = {"model": model, "native": native, **named_interval(interval)}
            rows.append(row | {"ranked": True})
    return judged(rows, lower_is_better=True)


def level(entries: pd.DataFrame, metric: str) -> stats.Interval:
    """A metric of one model in one cell: the mean over invocations and its t interval."""
    return stats.t_interval(entries.groupby(INVOCATION)[metric].mean())


def _twins(models: dict[str, tuple], natives: dict[str, tuple]) -> dict[str, str]:
    """The native of each model that has one: of the same style and engine; where several models
    share these (the kernel's have no engine), the native that is called after the model."""
    found = {}
    for model, parts in models.items():
        alike = [native for native, other in natives.items() if other == parts]
        if list(models.values()).count(parts) > 1 or len(alike) > 1:
            alike = [native for native in alike if native == f"native-{model}"]
        if alike:
            found[model] = alike[0]
    return found


def _parts(entries: pd.DataFrame) -> dict[str, tuple]:
    """Style and engine by model name."""
    unique = entries.drop_duplicates("model")
    return dict(zip(unique["model"], zip(unique["style"], unique["engine"])))


def named_interval(interval: stats.Interval) -> dict[str, float]:
    """An interval of ratios as columns of a comparison."""
    return {
        "ratio": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "invocations": interval.count,
        "p_value": interval.p_value,
    }


def judged(rows: list[dict], lower_is_better: bool) -> pd.DataFrame:
    """Adds the Holm-adjusted p values and the verdicts of one cell's comparisons."""
    columns = ["model", "native", "ratio", "low", "high", "invocations", "p_value", "ranked"]
    frame = pd.DataFrame(rows, columns=columns)
    tested = frame["p_value"].astype(float).where(frame["ranked"].astype(bool))
    frame["adjusted_p"] = stats.holm(tested)
    frame["verdict"] = [
        stats.verdict(ratio, p, lower_is_better) if ranked else "not ranked"
        for ratio, p, ranked in zip(frame["ratio"], frame["adjusted_p"], frame["ranked"])
    ]
    return frame

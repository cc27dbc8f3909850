"""The models of a cell that are tied for best, and what the next group costs more.

This is subset selection (Gupta, "On some multiple decision rules", 1965), with Bonferroni's bound
in place of his constants: every model is compared with the best in the sample, and whoever is not
clearly behind it stays in the group. So the truly best model is in the group in at least 95% of
runs, however many models there are; that it is in the group does not make a model the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from plots.analysis import stats
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU, INVOCATION, RATE, by_model, estimates, logs_in
from plots.data.cells import COST, THROUGHPUT
from plots.data.histogram import TAIL_QUERIES, merge, percentile_us

P99, MEMORY_KIB = "p99", "memory_total_kib"
_HIGHER_IS_BETTER = {RATE}


class Group(NamedTuple):
    """Models that are tied with each other; `ratio` is what the first costs relative to the best
    of all (for throughput: how many times fewer queries it answers)."""

    models: list[str]
    ratio: stats.Interval


class Ties(NamedTuple):
    """The models of one cell by one measure: those tied for best, in display order; the best of the
    rest with those tied to it, None if all are tied; and the one that is the worst of all. `within`
    is by how much those tied for best differ, as a ratio: how little could be told apart."""

    best: list[str]
    within: float
    following: Group | None
    worst: Group | None
    compared: int


def ties(study: Study, cell: int, measure: str) -> Ties | None:
    """The groups of a cell; None where fewer than two models can be compared, or where one
    invocation gives no interval."""
    logs = _logs(study, cell, measure).dropna(axis="columns", how="all")
    if logs.shape[1] < 2 or len(logs.groupby(level=INVOCATION)) < 2:
        return None
    spread = study.aa(cell, measure) if measure in (CPU, RATE) else None
    limit = spread.limit if spread else 0.0
    best, others = _against_best(logs)
    behind = _behind(others, limit)
    tied = [model for model in study.models if model == best or model in set(others) - set(behind)]
    within = float(np.exp(max([others[m].mean for m in tied if m != best], default=0.0)))
    if not behind:
        return Ties(tied, within, None, None, logs.shape[1])
    first, rest = _against_best(logs[behind]) if len(behind) > 1 else (behind[0], {})
    near = set(rest) - set(_behind(rest, limit)) | {first}
    following = [first, *(m for m in study.models if m in near and m != first)]
    worst = max(behind, key=lambda model: others[model].mean)
    return Ties(
        tied,
        within,
        Group(following, _ratio(others[first])),
        Group([worst], _ratio(others[worst])),
        logs.shape[1],
    )


def _ratio(estimate: stats.Estimate) -> stats.Interval:
    return stats.as_ratio(stats.interval(estimate))


def _behind(others: dict[str, stats.Estimate], limit: float) -> list[str]:
    """Those clearly behind the best: by the test, and by more than a model differs from itself."""
    level = stats.ERROR_RATE / max(1, len(others))
    return [
        model
        for model, estimate in others.items()
        if estimate.mean > limit and stats.interval(estimate).p_value < level
    ]


def _against_best(logs: pd.DataFrame) -> tuple[str, dict[str, stats.Estimate]]:
    """The model with the lowest mean, and the log ratio of every other model to it."""
    reference = max(logs.columns, key=lambda model: logs[model].notna().sum())
    to_reference = estimates(logs.sub(logs[reference], axis=0), ())
    best = min(to_reference, key=lambda model: _known(to_reference[model].mean))
    ratios = logs.drop(columns=best).sub(logs[best], axis=0)
    found = estimates(ratios, ratios.columns)
    for model, estimate in found.items():
        if not estimate.n:  # the two never shared a round: only by way of the reference
            found[model] = stats.difference(to_reference[model], to_reference[best])
    return best, {model: estimate for model, estimate in found.items() if estimate.n}


def _known(value: float) -> float:
    return value if np.isfinite(value) else np.inf


def _logs(study: Study, cell: int, measure: str) -> pd.DataFrame:
    """Logarithms of a measure, lower is better: rows as in log_rounds, a column for each model that
    may be compared."""
    if measure in (CPU, RATE):
        logs = by_model(logs_in(study.results, cell, measure))
    else:
        logs = _by_invocation(study, cell, measure)
    comparable = [model for model in logs.columns if _comparable(study, cell, model)]
    return logs[comparable] * (-1 if measure in _HIGHER_IS_BETTER else 1)


def _comparable(study: Study, cell: int, model: str) -> bool:
    """Whether a model is ranked; in cells that rank neither cost nor throughput, whether it carries
    the load."""
    if study.cells[cell].question in (COST, THROUGHPUT):
        return not study.outside(cell, model)
    return study.carries_load(cell, model)


def _by_invocation(study: Study, cell: int, measure: str) -> pd.DataFrame:
    """Measures that an invocation has once: a row for each, as if it were its only round."""
    entries = study.entries(cell)
    values = [_value(row, measure) for row in entries.itertuples()]
    rows = entries.assign(log=np.log(pd.Series(values, entries.index, dtype=float)), round=0)
    return rows.pivot_table(
        index=[*INVOCATION, "cohort", "round"], columns="model", values="log", aggfunc="mean"
    )


def _value(row, measure: str) -> float:
    if measure == MEMORY_KIB:
        return row.memory_total_kib if row.memory_total_kib > 0 else np.nan
    merged = merge([row.histogram])
    if merged is None or merged.total < TAIL_QUERIES / 10:
        return np.nan
    found = percentile_us(merged, 0.99)
    return found if found > 0 else np.nan


def named_together(study: Study, models: Sequence[str], among: Sequence[str]) -> str:
    """A group of models in few words: "every style on epoll and io_uring, blocking". An engine
    stands for all styles that were compared on it, if the group has each of them."""
    if len(models) == len(among) > 1:
        return f"all {len(models)}"
    engines: dict[str, list[str]] = {}
    for model in among:
        style, engine = study.parts(model)
        if style and engine and study.kind(model) is None:
            engines.setdefault(engine, []).append(model)
    whole = [e for e, there in engines.items() if len(there) > 1 and set(there) <= set(models)]
    covered = {model for engine in whole for model in engines[engine]}
    words = [f"every style on {_listed(whole)}"] if whole else []
    return _listed([*words, *(model for model in models if model not in covered)], ", ")


def _listed(names: Sequence[str], last: str = " and ") -> str:
    return last.join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

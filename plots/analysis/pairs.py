"""Every model of a cell relative to every other, in the same rounds: what a page needs whose reader
chooses the baseline. Each column of a result is what within_rounds.against_baseline gives for that
baseline, computed for all of them at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from plots.analysis import moderation, stats
from plots.analysis.study import METRIC_OF, Study
from plots.analysis.within_rounds import CPU, INVOCATION, by_model, logs_in
from plots.data.cells import THROUGHPUT

Floats = NDArray[np.float64]
_BATCH = 4_000_000  # ratios of turns that are judged at once


class Pairs(NamedTuple):
    """Ratios of `models` (columns) to each of them as baseline (rows), with their intervals; NaN
    where two never shared a round, or one invocation gives no interval. `verdicts` are those of
    stats.verdict, "not ranked" and, on the diagonal, "baseline"."""

    models: list[str]
    ratio: Floats
    low: Floats
    high: Floats
    verdicts: list[list[str]]


def pairs(study: Study, cell: int) -> Pairs | None:
    """By the measure that the cell ranks; None without rounds."""
    question = study.cells[cell].question
    logs = by_model(logs_in(study.results, cell, METRIC_OF.get(question, CPU)))
    logs = logs.dropna(axis="columns", how="all")
    models = [model for model in study.models_in(cell) if model in logs.columns]
    if not models or logs.empty:
        return None
    turns = _turns(logs[models])
    ranked = np.array([not study.outside(cell, model) for model in models])
    mean, error, freedom = _judged(turns, ranked)
    half = special.stdtrit(freedom, (1 + stats.LEVEL) / 2) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_values = 2 * special.stdtr(freedom, -np.abs(mean) / error)
    verdicts = [
        _verdicts(place, np.exp(mean[place]), p_values[place], ranked, question != THROUGHPUT)
        for place in range(len(models))
    ]
    return Pairs(models, np.exp(mean), np.exp(mean - half), np.exp(mean + half), verdicts)


def _turns(logs) -> Floats:
    """Rounds as (models, invocations, rounds), padded with NaN."""
    tables = [table.to_numpy().T for _, table in logs.groupby(level=INVOCATION)]
    longest = max(table.shape[1] for table in tables)
    padded = np.full((logs.shape[1], len(tables), longest), np.nan)
    for place, table in enumerate(tables):
        padded[:, place, : table.shape[1]] = table
    return padded


def _judged(turns: Floats, ranked: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Mean, error and degrees of freedom of each ratio, by baseline and model. As elsewhere, those
    that are ranked are judged together, without the baseline, and every other one alone."""
    shape = (len(turns), len(turns))
    found = [np.full(shape, np.nan) for _ in range(3)]
    itself = np.eye(len(turns), dtype=bool)
    for places in np.array_split(np.arange(len(turns)), _batches(turns)):
        ratios = turns[None] - turns[places, None]
        ratios[itself[places]] = np.nan
        for chosen, family in ((ranked, ratios[:, ranked]), (~ranked, ratios[:, ~ranked, None])):
            judged = moderation.judge(family) if chosen.any() else ()
            for values, part in zip(found, judged):
                values[np.ix_(places, chosen)] = part.reshape(len(places), -1)
    found[0][itself] = 0.0
    return found[0], found[1], found[2]


def _batches(turns: Floats) -> int:
    """In how many parts the baselines are judged, so that a part fits well into memory."""
    return int(np.clip(turns.size * len(turns) // _BATCH, 1, len(turns)))


def _verdicts(
    place: int, ratio: Floats, p_values: Floats, ranked: NDArray[np.bool_], lower: bool
) -> list[str]:
    """The verdicts against one baseline. A baseline that is not ranked has none."""
    judged = ranked & bool(ranked[place])
    tested = np.where(judged, p_values, np.nan)
    tested[place] = np.nan
    adjusted = stats.holm(list(tested))
    found = [
        stats.verdict(float(value), float(p), lower) if there else "not ranked"
        for value, p, there in zip(ratio, adjusted, judged)
    ]
    found[place] = "baseline"
    return found

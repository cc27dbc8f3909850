"""Sample sizes and A/A figures in words, the same in charts, tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from plots.analysis.stats import AaSpread
from plots.analysis.study import Study
from plots.analysis.within_rounds import INVOCATION
from plots.data.cells import Cell
from plots.text.format import TIMES, count_range, percent, plural, plural_of

_EACH = ["cell", "model", "entry"]


def sample_size(study: Study, cells: Sequence[Cell]) -> str:
    """n of the models that carry the load, then the turns of those that do not: 5 invocations
    x 8 rounds x 2,000 queries (blocking: 31 queries)."""
    loaded: list[pd.DataFrame] = []
    rest: dict[str, list[float]] = {}
    for cell in cells:
        rows = study.entries(cell.number)[[*_EACH, *INVOCATION, "rounds", "turn_queries"]]
        models = study.models_in(cell.number)
        carrying = {model for model in models if study.carries_load(cell.number, model)}
        if carrying:
            loaded.append(rows[rows["model"].isin(carrying)])
        for model in models:
            if model not in carrying:
                turns = study.entries(cell.number, model)["turn_queries"]
                rest.setdefault(model, []).extend(turns)
    if not loaded:
        return entries_phrase(study.entries_of(cells))
    entries = pd.concat(loaded)
    others = [
        f"{model}: {count_range(turns)} queries"
        for model, turns in rest.items()
        if set(turns) - set(entries["turn_queries"])
    ]
    return entries_phrase(entries) + (f" ({'; '.join(others)})" if others else "")


def entries_phrase(entries: pd.DataFrame) -> str:
    """n of some entries: 5 invocations × 8 rounds × 2,000 queries."""
    if entries.empty:
        return "no measurements"
    invocations = entries.drop_duplicates([*_EACH, *INVOCATION]).groupby(_EACH).size()
    factors = {"invocation": invocations, "round": entries["rounds"]}
    factors["query"] = entries["turn_queries"]
    return f" {TIMES} ".join(_counted(noun, counts) for noun, counts in factors.items())


def _counted(noun: str, counts: pd.Series) -> str:
    """1 round, 4–5 rounds."""
    return plural(1, noun) if set(counts) == {1} else f"{count_range(counts)} {plural_of(noun)}"


def aa_statement(spread: AaSpread | None) -> str:
    """One model against itself, as a sentence."""
    if spread is None:
        return "No model was entered twice, so there is no A/A figure."
    return f"One model against itself: {aa_phrase(spread)}."


def aa_phrase(spread: AaSpread) -> str:
    """95% of 66 pairs within 7.2%; all 15 pairs within 1.8%, at 5 × 8 rounds."""
    pairs = "the one pair" if spread.pairs == 1 else f"all {spread.pairs} pairs"
    if spread.share < 1:
        pairs = f"{percent(spread.share)} of {spread.pairs:,} pairs"
    at = f", at {rounds_phrase(spread)}" if spread.rounds else ""
    return f"{pairs} within {aa_limit(spread)}{at}"


def aa_limit(spread: AaSpread) -> str:
    """How far one model differs from itself, as percent: 7.2%."""
    return percent(math.exp(spread.limit) - 1)


def aa_by_rounds(spreads: Iterable[AaSpread]) -> str:
    """Figures that differ in their rounds: 7.8% at 5 × 1 round; 5% at 5 × 2 rounds."""
    return "; ".join(
        f"{aa_limit(spread)} at {rounds_phrase(spread)}" if spread.rounds else aa_phrase(spread)
        for spread in spreads
    )


def rounds_phrase(spread: AaSpread) -> str:
    """What each pair rests on: 5 × 8 rounds, invocations first."""
    return f"{spread.invocations} {TIMES} {plural(spread.rounds or 0, 'round')}"

"""Sentences of captions. Each is empty where the data do not call for it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from plots.analysis.phrases import aa_by_rounds, aa_phrase, sample_size
from plots.analysis.study import Study
from plots.data.cell_names import short_names
from plots.data.cells import Cell
from plots.text.format import listing


def caption(*sentences: str) -> str:
    """The sentences that have something to say."""
    return " ".join(filter(None, sentences))


def intervals(study: Study, cells: Sequence[Cell], by: str = "t distribution") -> str:
    """What the bars are, or why there are none."""
    most = study.invocations(cells)
    if most < 2:
        return "One invocation only, so no intervals can be given."
    return f"Bars are 95% intervals over invocations ({by})."


def ratio_intervals(study: Study, cells: Sequence[Cell], ratios: Sequence[pd.DataFrame]) -> str:
    """The same of ratios (frames of within_rounds), whose models may be judged together."""
    if any(frame["moderated"].any() for frame in ratios):
        by = "t distribution, the variances of a cell's models moderated together"
        return intervals(study, cells, by)
    return intervals(study, cells)


def band(study: Study, cells: Sequence[Cell], metric: str) -> str:
    """What the shaded band is, in numbers: one, or one for each number of rounds."""
    found = {study.aa(cell.number, metric) for cell in cells}
    spreads = sorted((spread for spread in found if spread), reverse=True)
    if not spreads:
        return "No model was entered twice, so no A/A band can be drawn."
    start = "Shaded: how far one model differs from itself, the A/A band"
    if len(spreads) == 1:
        return f"{start} ({aa_phrase(spreads[0])})."
    return f"{start}, at as many rounds as the cell has ({aa_by_rounds(spreads)})."


def references(study: Study, cells: Sequence[Cell]) -> str:
    """Which points stand outside the ranking because they carry less than the cell's load."""
    found = [m for m in study.models if any(_is_reference(study, cell, m) for cell in cells)]
    if not found:
        return ""
    verb = "holds" if len(found) == 1 else "hold"
    return (
        f"{listing(found)} {verb} fewer queries in flight than the cell asks for: drawn "
        "hollow or as a dashed reference, not ranked."
    )


def _is_reference(study: Study, cell: Cell, model: str) -> bool:
    present = model in study.models_in(cell.number)
    return present and not study.carries_load(cell.number, model)


def outside(study: Study, cells: Sequence[Cell]) -> str:
    """Which points are hollow though their models carry the load, and why."""
    names = short_names(cells)
    whole: dict[str, list[str]] = {}
    single: dict[str, set[str]] = {}
    for cell in cells:
        if why := study.why_unranked(cell.number):
            whole.setdefault(why, []).append(names[cell.number])
            continue
        for why, models in study.outsiders(cell.number).items():
            single.setdefault(why, set()).update(models)
    sentences = [f"Nothing is ranked at {'; '.join(at)}: {why}." for why, at in whole.items()]
    for why, found in single.items():
        named = listing([model for model in study.models if model in found])
        sentences.append(f"Hollow where not ranked: {named} {why}.")
    return caption(*sentences)


def n_of(study: Study, cells: Sequence[Cell]) -> str:
    """The sample size, as a sentence."""
    return f"n = {sample_size(study, cells)}."

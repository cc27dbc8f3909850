"""What captions say: each part a sentence that is there only when the data call for it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from plots import words
from plots.cells import Cell
from plots.study import Study


def entries_of(study: Study, cells: Sequence[Cell]) -> pd.DataFrame:
    """All entries of models with results in these cells."""
    return pd.concat([study.entries(cell.number) for cell in cells])


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
    """The same of ratios (frames of plots.compare), whose models may be judged together."""
    if any(frame["moderated"].any() for frame in ratios):
        by = "t distribution, the variances of a cell's models moderated together"
        return intervals(study, cells, by)
    return intervals(study, cells)


def band(study: Study, cells: Sequence[Cell], metric: str) -> str:
    """What the shaded band is, in numbers: one, or one for each number of rounds."""
    spreads = sorted({study.aa(cell.number, metric) for cell in cells} - {None}, reverse=True)
    if not spreads:
        return "No model was entered twice, so no A/A band can be drawn."
    start = "Shaded: how far one model differs from itself, the A/A band"
    if len(spreads) == 1:
        return f"{start} ({words.aa_words(spreads[0])})."
    return f"{start}, at as many rounds as the cell has ({words.aa_by_rounds(spreads)})."


def references(study: Study, cells: Sequence[Cell]) -> str:
    """Which points stand outside the ranking because they carry less than the cell's load."""
    found = [m for m in study.models if any(_is_reference(study, cell, m) for cell in cells)]
    if not found:
        return ""
    verb = "holds" if len(found) == 1 else "hold"
    return (
        f"{words.listing(found)} {verb} fewer queries in flight than the cell asks for: drawn "
        "hollow or as a dashed reference, not ranked."
    )


def _is_reference(study: Study, cell: Cell, model: str) -> bool:
    present = model in study.models_in(cell.number)
    return present and not study.carries_load(cell.number, model)


def outside(study: Study, cells: Sequence[Cell]) -> str:
    """Which points are hollow though their models carry the load, and why."""
    names = words.short_names(cells)
    whole: dict[str, list[str]] = {}
    single: dict[str, set[str]] = {}
    for cell in cells:
        if why := study.why_unranked(cell.number):
            whole.setdefault(why, []).append(names[cell.number])
            continue
        for why, models in study.outsiders(cell.number).items():
            single.setdefault(why, set()).update(models)
    said = [f"Nothing is ranked at {'; '.join(at)}: {why}." for why, at in whole.items()]
    for why, found in single.items():
        models = words.listing([model for model in study.models if model in found])
        said.append(f"Hollow where not ranked: {models} {why}.")
    return caption(*said)


def sample_size(study: Study, cells: Sequence[Cell]) -> str:
    """n of the models that carry the load, then the turns of those that do not: 5 invocations
    x 8 rounds x 2,000 queries (blocking: 31 queries)."""
    loaded, rest = [], {}
    for cell in cells:
        for model in study.models_in(cell.number):
            rows = study.entries(cell.number, model)
            if study.carries_load(cell.number, model):
                loaded.append(rows)
            else:
                rest.setdefault(model, []).extend(rows["turn_queries"])
    if not loaded:
        return words.sample_size(entries_of(study, cells))
    entries = pd.concat(loaded)
    others = [
        f"{model}: {words.count_range(turns)} queries"
        for model, turns in rest.items()
        if set(turns) - set(entries["turn_queries"])
    ]
    return words.sample_size(entries) + (f" ({'; '.join(others)})" if others else "")


def n_of(study: Study, cells: Sequence[Cell]) -> str:
    """The sample size, as a sentence."""
    return f"n = {sample_size(study, cells)}."

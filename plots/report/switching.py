"""What a switch costs by itself, in sentences, and how much of that a query still shows."""

from __future__ import annotations

import pandas as pd

from plots.cells import COST
from plots.operations import BYTES, operations
from plots.report.answer import Answer
from plots.study import Study
from plots.words import extent, listing, microseconds, short_names, significant, times

_KERNEL = ("thread", "process")  # styles whose switches are the kernel's


def switching(study: Study) -> list[Answer]:
    """Findings from the micro families; none where the files have none."""
    found = operations(study.results, "switch")
    ring = found[(found["contexts"] == 2) & (found["working_set_bytes"] == 0)]
    ring = ring[(ring["role"] == "model") & (ring["middle"] > 0)]
    kernel = ring["style"].isin(_KERNEL)
    said = [*_ladder(ring[~kernel], ring[kernel]), *_vanishing(study, ring)]
    return said + _memory(study)


def _ladder(user: pd.DataFrame, kernel: pd.DataFrame) -> list[Answer]:
    """User space and kernel, each with its cheapest and dearest."""
    parts = [
        f"{where} {_ends(found)}"
        for where, found in (("in user space", user), ("through the kernel", kernel))
        if len(found)
    ]
    if not parts:
        return []
    text = f"Between two contexts, {listing(parts)}."
    return [Answer("A switch by itself", text)]


def _ends(found: pd.DataFrame) -> str:
    """1.2 ns (callback) to 373 ns (ucontext)."""
    ends = [found.loc[found["middle"].idxmin()], found.loc[found["middle"].idxmax()]]
    return extent(*(f"{microseconds(end['middle'] / 1000)} ({end['label']})" for end in ends))


def _vanishing(study: Study, ring: pd.DataFrame) -> list[Answer]:
    """Whether what lies between the styles' switches is seen in their queries on one engine."""
    by_model = ring.drop_duplicates("style").set_index("style")["middle"]
    cells = [cell for cell in study.asking(COST) if study.factorial(cell.number)]
    names = short_names(cells)
    found = []
    for cell in cells:
        effects = study.factorial(cell.number).styles
        shared = [style for style in effects if style in by_model]
        if len(shared) < 2 or not study.additive(cell.number):
            continue
        switches = by_model[shared].max() / by_model[shared].min()
        costs = [effects[style].mean for style in shared]
        text = (
            f"{names[cell.number]}: the switches of {listing(shared)} differ by {times(switches)}, "
            f"their queries by {times(max(costs) / min(costs))}."
        )
        found.append(Answer("What a query shows of it", text))
    return found


def _memory(study: Study) -> list[Answer]:
    """What a task takes while it sleeps, style by style."""
    kept = operations(study.results, "spawn", BYTES)
    if kept.empty:
        return []
    parts = [f"{row.label} {significant(row.middle / 1024)} KiB" for row in kept.itertuples()]
    return [Answer("A task that sleeps", f"{listing(parts)}.")]

"""The guests of a run: what each costs over the program that does the same by hand, its version,
its memory, and what it did while it was held."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plots.analysis import stats, within_rounds
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU, VOLUNTARY
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, MEMORY, Cell
from plots.text.format import DASH, significant, span, times


class GuestTable(NamedTuple):
    """What libraries and runtimes cost in one cell."""

    title: str
    rows: list[dict[str, Any]]


def guest_tables(study: Study) -> list[GuestTable]:
    """One table for each cell that ranks cost and has guests."""
    tables = [GuestTable(cell_phrase(cell), _rows(study, cell)) for cell in study.asking(COST)]
    return [table for table in tables if table.rows]


def _rows(study: Study, cell: Cell) -> list[dict[str, Any]]:
    guests = [model for model in study.models_in(cell.number) if study.kind(model)]
    return [_row(study, cell, guest) for guest in guests]


def _row(study: Study, cell: Cell, guest: str) -> dict[str, Any]:
    entry = study.entries(cell.number, guest).iloc[0]
    ratio = _over(study, cell, guest, entry["over"])
    return {
        "guest": guest,
        "kind": entry["kind"],
        "version": entry["version"] or DASH,
        "cpu": significant(study.level(cell.number, guest, CPU).mean),
        "over": entry["over"] if ratio else DASH,
        "ratio": times(ratio.mean) if ratio else DASH,
        "span": span(ratio.low, ratio.high) if ratio else DASH,
        "voluntary": significant(study.level(cell.number, guest, VOLUNTARY).mean, 2),
        "memory": _memory(study, guest),
        "held": significant(study.level(cell.number, guest, "held_cpu_us").mean, 2),
        "notes": "; ".join(
            filter(None, [study.why_outside(cell.number, guest), *_flags(study, cell, guest)])
        ),
    }


def _flags(study: Study, cell: Cell, guest: str) -> list[str]:
    return sorted(study.flags(cell.number, guest))


def _over(study: Study, cell: Cell, guest: str, other: str | None) -> stats.Interval | None:
    """The cost of a guest relative to what does the same by hand, in the same rounds; None where
    that one has no results, or one of them is not ranked."""
    comparable = {guest, other} <= set(study.models_in(cell.number))
    if not comparable or any(study.outside(cell.number, model) for model in (guest, str(other))):
        return None
    ratios: pd.DataFrame = within_rounds.relative_to(study.results, cell.number, CPU, str(other))
    estimate = within_rounds.estimates(ratios[[guest]], ())[guest]
    return stats.as_ratio(stats.interval(estimate)) if estimate.n else None


def _memory(study: Study, guest: str) -> str:
    """KiB of each further connection, in the processes and in the kernel, from the first cell that
    measured memory."""
    cells = [cell for cell in study.cells.values() if cell.purpose == MEMORY]
    for cell in cells:
        rows = study.entries(cell.number, guest)
        amounts = rows[["memory_user_kib", "memory_kernel_kib"]].mean()
        if np.isfinite(amounts["memory_user_kib"]):
            user, kernel = (significant(amount, 2) for amount in amounts)
            return f"{user} + {kernel}"
    return DASH

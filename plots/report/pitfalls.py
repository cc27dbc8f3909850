"""Pitfalls: programs that look right and have one query in flight, or more than they may.

They are never ranked. Most never reach the load, so what there is to show is how far they got.
"""

from __future__ import annotations

import numpy as np

from plots.analysis.study import Study
from plots.data.cell_names import cell_phrase
from plots.report.answer import Answer
from plots.text.format import count_range, listing


def pitfall_rows(study: Study) -> list[dict[str, str]]:
    """One row per pitfall and cell: how far it got, of how many in flight."""
    rows = []
    entries = study.pitfalls
    for (model, cell), group in entries.groupby(["model", "cell"], sort=True):
        asked = study.cells[cell].most_in_flight
        rows.append(
            {
                "model": model,
                "cell": cell_phrase(study.cells[cell]),
                "got": listing([_got(row, asked) for row in _distinct(group)]),
                "invocations": count_range([len(group)]),
            }
        )
    return rows


def pitfall_answers(study: Study) -> list[Answer]:
    """What became of the pitfalls, as one finding."""
    parts = [f"{row['model']}, {row['cell']}: {row['got']}" for row in pitfall_rows(study)]
    return [Answer("Not what they look like", f"{'; '.join(parts)}.")] if parts else []


def _distinct(group) -> list:
    """Rows with different ends; an end that several invocations share is one row."""
    return list(group.drop_duplicates(["status", "reason", "in_flight_peak_backend"]).itertuples())


def _got(row, asked: int) -> str:
    """in flight 1 of 64, where the backend's count is stored; else the reason why it failed."""
    if row.in_flight_peak_backend is not None and np.isfinite(row.in_flight_peak_backend):
        peak = round(row.in_flight_peak_backend)
        return f"in flight {peak:,} {'of' if peak <= asked else 'where at most'} {asked:,}"
    return row.reason or "no count of the queries in flight"

"""What it costs to open a connection for each query, beside one that is kept: cells that differ in
nothing else."""

from __future__ import annotations

from typing import NamedTuple

from plots.analysis.priced import Priced, load_of, priced
from plots.analysis.study import Study
from plots.analysis.within_rounds import BACKEND_CPU, CPU
from plots.data.cells import Cell

KEPT, FRESH = "kept", "fresh"


class Reuse(NamedTuple):
    """Of one model: what a query costs its client, and the server, over kept connections and then
    over fresh ones."""

    model: str
    client: Priced
    server: Priced


def reuse_cells(study: Study) -> list[tuple[Cell, Cell]]:
    """Cells with results that differ in whether connections are kept or fresh, and in nothing
    else."""
    there = [cell for cell in study.cells.values() if study.models_in(cell.number)]
    fresh = {_load(cell): cell for cell in there if cell.axes["connections"] == FRESH}
    kept = [cell for cell in there if cell.axes["connections"] == KEPT]
    return [(cell, fresh[_load(cell)]) for cell in kept if _load(cell) in fresh]


def reuse(study: Study, kept: Cell, fresh: Cell) -> list[Reuse]:
    """Of each model that has results in both cells, in display order."""
    shared = [m for m in study.models_in(kept.number) if m in study.models_in(fresh.number)]
    return [
        Reuse(
            model,
            priced(study, model, kept, fresh, CPU),
            priced(study, model, kept, fresh, BACKEND_CPU),
        )
        for model in shared
    ]


def _load(cell: Cell) -> tuple:
    return load_of(cell, "connections")

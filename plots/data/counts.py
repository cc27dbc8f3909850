"""The counting pass in results files: counts per query, apart from everything that was timed.

Counting slows a model down, so these entries share nothing with the cells of queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from plots.data.axes import AXES
from plots.data.cells import Cell, number_cells
from plots.data.rounds import rounds_of

SYSCALLS, SWITCHES = "syscalls_per_query", "switches_per_query"
MIGRATIONS, INSTRUCTIONS = "migrations_per_query", "instructions_per_query"
SLOWDOWN = "counting_slowdown"
PROC_SWITCHES = "proc_switches_per_query"  # voluntary and involuntary
_PURPOSE = "counted"
_IN_TURNS = (SYSCALLS, SWITCHES, MIGRATIONS, SLOWDOWN)
_ALL = (*_IN_TURNS, INSTRUCTIONS)
_PROC = ("switches_voluntary_per_query", "switches_involuntary_per_query")
_PARTS = ("model", "role", "style", "engine")


def is_count(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a results file holds counts."""
    return entry["purpose"] == _PURPOSE and entry["status"] == "ok"


def count_frames(
    labelled: Sequence[tuple[int, Mapping[str, Any]]],
) -> tuple[dict[int, Cell], pd.DataFrame, pd.DataFrame]:
    """From (run, entry) pairs: the cells by number, a frame with one row per entry, and one with
    one row per entry and counted turn.

    The first frame has `id`, `run` (which file), `cell` (a key of the cells), the model and its
    parts, the axes, `flags` (tuple) and all counts; the second `id`, `round` and what is counted in
    turns: events, the slowdown, and PROC_SWITCHES, which /proc reports for the same turn. NaN for
    what was not counted.
    """
    cells, cell_of = number_cells([entry for _, entry in labelled])
    rows, round_rows = [], []
    for identity, (run, entry) in enumerate(labelled):
        row: dict[str, Any] = {"id": identity, "run": run, "cell": cell_of[identity]}
        row |= {name: entry.get(name) for name in (*_PARTS, *AXES, *_ALL)}
        rows.append(row | {"flags": tuple(sorted(set(entry["flags"])))})
        round_rows.extend(rounds_of(identity, entry["rounds"], (*_IN_TURNS, *_PROC)))
    frame = pd.DataFrame(rows, columns=["id", "run", "cell", *_PARTS, *AXES, *_ALL, "flags"])
    rounds = pd.DataFrame(round_rows, columns=["id", "round", *_IN_TURNS, *_PROC])
    rounds = rounds.astype({name: float for name in (*_IN_TURNS, *_PROC)})
    rounds[PROC_SWITCHES] = rounds[[*_PROC]].sum(axis="columns", skipna=False)
    return cells, frame.astype({name: float for name in _ALL}), rounds.drop(columns=[*_PROC])

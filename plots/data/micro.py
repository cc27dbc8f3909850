"""The micro families in results files: what one operation costs, for each benchmark.

Their entries have axes and measures of their own, and share nothing with the cells of queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from plots.data.rounds import rounds_of

FAMILIES = ("switch", "delegate", "wake", "spawn", "sync", "join", "timer", "post")
LATER_AXES = ("armed", "primitive", "situation")  # which early results files lack
AXES = (
    *("contexts", "working_set_bytes", "placement", "depth", "watched", "ready", "tasks"),
    *LATER_AXES,
)
MEASURES = ("nanoseconds_per_operation", "gross_nanoseconds_per_operation", "bytes_per_task")
_TEXT_AXES = ("placement", "primitive", "situation")
_TEXTS = ("family", "model", "role", "style", "engine", "operation", "baseline", *_TEXT_AXES)
_COLUMNS = ("name", *_TEXTS, *(axis for axis in AXES if axis not in _TEXT_AXES), *MEASURES)
_ROUND_COLUMNS = ("order", *MEASURES)


def is_micro(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a results file is of a micro family."""
    return entry["family"] in FAMILIES


def micro_frames(
    labelled: Sequence[tuple[int, Mapping[str, Any]]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """From (run, entry) pairs: a frame with one row per entry, and one with one row per entry and
    round.

    The first has the fields of the format and `id`, `run` (which file), `flags` (tuple) and
    `rounds` (how many); measures are ns and bytes, NaN for null. The second has `id`, `round`,
    `order` (the place within the round) and the measures.
    """
    rows, round_rows = [], []
    for identity, (run, entry) in enumerate(labelled):
        rounds = rounds_of(identity, entry["rounds"], _ROUND_COLUMNS)
        round_rows.extend(rounds)
        row = {column: entry[column] for column in (*_COLUMNS, "limit", "status", "reason")}
        row |= {"flags": tuple(sorted(set(entry["flags"]))), "rounds": len(rounds)}
        rows.append({"id": identity, "run": run} | row)
    columns = ["id", "run", *_COLUMNS, "limit", "status", "reason", "flags", "rounds"]
    frame = pd.DataFrame(rows, columns=columns).astype({name: float for name in MEASURES})
    for column in (*_TEXTS, "limit", "reason"):
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    round_frame = pd.DataFrame(round_rows, columns=["id", "round", *_ROUND_COLUMNS])
    return frame, round_frame.astype({name: float for name in _ROUND_COLUMNS})

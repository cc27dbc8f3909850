"""The counting pass in results files: what was counted of a query, apart from all that was timed.

Being counted slows a model, so these entries share nothing with the cells of queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from plots.cells import AXES

COUNTS = (
    *("syscalls_per_query", "switches_per_query", "migrations_per_query"),
    *("instructions_per_query", "counting_slowdown"),
)
_PURPOSE = "counted"
_COLUMNS = ("model", "role", "style", "engine", *AXES, *COUNTS)


def is_count(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a results file holds counts."""
    return entry["purpose"] == _PURPOSE and entry["status"] == "ok"


def count_frame(labelled: Sequence[tuple[int, Mapping[str, Any]]]) -> pd.DataFrame:
    """From (run, entry) pairs one row per entry: `run` (which file), the model and its parts, the
    axes, and the COUNTS, NaN where it was not counted."""
    frame = pd.DataFrame([{"run": run} | entry for run, entry in labelled])
    frame = frame.reindex(columns=["run", *_COLUMNS])
    return frame.astype({name: float for name in COUNTS})

"""The entries of queries in results files: cells, and one row per entry and per round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from plots.data.cells import Cell, number_cells
from plots.data.rounds import rounds_of

MEASURES = (
    "wall_s",
    "queries_per_second",
    "client_cpu_us_per_query",
    "backend_cpu_us_per_query",
    "switches_voluntary_per_query",
    "switches_involuntary_per_query",
)
_ROUND_COLUMNS = ("order", *MEASURES, "foreign_cpu_share", "steal_share")
_NUMERIC = (
    "turn_queries",
    "queries",
    "max_in_flight",
    "in_flight_mean",
    "in_flight_peak_backend",
    "client_cpu_share",
    "backend_cpu_share",
    "p99_limit_us",
    "planted_ns",
    "cancelled",
)
_STORED = (
    "family",
    "model",
    "role",
    "style",
    "engine",
    "entry",
    "purpose",
    "invocation",
    "cohort",
    "status",
    "reason",
    "sustained",
    *_NUMERIC,
    *MEASURES,
)
COMPETING = ("model", "guest")  # the roles that are ranked with each other
_OF_GUESTS = ("kind", "version", "over")  # null in all other entries
_DERIVED = (
    "latency_mean_us",
    "latency_max_us",
    "memory_user_kib",
    "memory_kernel_kib",
    "memory_total_kib",
)


def query_frames(
    labelled: Sequence[tuple[int, Mapping[str, Any]]],
) -> tuple[dict[int, Cell], pd.DataFrame, pd.DataFrame]:
    """From (run, entry) pairs: the cells by number, a frame with one row per entry, and one with
    one row per entry and round.

    The first frame has fields of the format, those of `guest` (`kind`, `version`, `over`) among
    them, and `id`, `run` (which file), `cell` (a key of the cells), `flags` (tuple), `rounds` (how
    many), `histogram` and `latency_parts` (dict or None), `latency_mean_us`, `latency_max_us`, and
    of `memory_kib` `memory_user_kib`, `memory_kernel_kib` and their sum `memory_total_kib`. The
    second has `id`, `round`, `order` (the place within the round) and the measures. NaN for null.
    """
    cells, cell_of = number_cells([entry for _, entry in labelled])
    rows, round_rows = [], []
    for identity, (run, entry) in enumerate(labelled):
        rounds = rounds_of(identity, entry["rounds"], _ROUND_COLUMNS)
        round_rows.extend(rounds)
        place = {"id": identity, "run": run, "cell": cell_of[identity], "rounds": len(rounds)}
        rows.append(place | _entry_row(entry))
    round_frame = pd.DataFrame(round_rows, columns=["id", "round", *_ROUND_COLUMNS])
    types = {name: float for name in _ROUND_COLUMNS} | {"id": int, "round": int}
    return cells, _entry_frame(rows), round_frame.astype(types)


def _entry_row(entry: Mapping[str, Any]) -> dict[str, Any]:
    latency = entry["latency_us"] or {}
    guest = entry.get("guest") or {}
    memory = entry["memory_kib"] or {"user": None, "kernel": None}
    known = None not in memory.values()
    return {
        **{column: entry[column] for column in _STORED},
        **{column: guest.get(column) for column in _OF_GUESTS},
        "held_cpu_us": entry.get("held_cpu_us"),
        "flags": tuple(sorted(set(entry["flags"]))),
        "histogram": latency.get("histogram"),
        "latency_mean_us": latency.get("mean"),
        "latency_max_us": latency.get("max"),
        "latency_parts": entry["latency_parts_us"],
        "memory_user_kib": memory["user"],
        "memory_kernel_kib": memory["kernel"],
        "memory_total_kib": memory["user"] + memory["kernel"] if known else None,
    }


def _entry_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["id", "run", "cell", *_STORED, *_OF_GUESTS, "flags", "rounds", "histogram"]
    frame = pd.DataFrame(rows, columns=[*columns, "latency_parts", "held_cpu_us", *_DERIVED])
    numeric = [*_NUMERIC, *MEASURES, "held_cpu_us", *_DERIVED]
    frame[numeric] = frame[numeric].astype(float)
    for column in ("style", "engine", "reason", *_OF_GUESTS):
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    return frame

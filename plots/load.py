"""The only reader of results files: checks them, and gives tidy data frames.

A file that is not a results file, or not a sound one, is refused with one line (ResultsError).
Files are only ever opened for reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from plots import strict_json
from plots.cells import AXES, Cell, cell_order, question_of
from plots.micro import is_micro, micro_frames
from plots.schema import first_violation

MEASURES = (
    "wall_s",
    "queries_per_second",
    "client_cpu_us_per_query",
    "backend_cpu_us_per_query",
    "switches_voluntary_per_query",
    "switches_involuntary_per_query",
)
_ROUND_COLUMNS = ("order", *MEASURES, "foreign_cpu_share", "steal_share")
_ENTRY_COLUMNS = (
    *("family", "model", "role", "style", "engine", "entry", "purpose", "invocation", "cohort"),
    *("status", "reason", "turn_queries", "queries", "max_in_flight", "in_flight_mean"),
    *("in_flight_peak_backend", "client_cpu_share", "backend_cpu_share"),
)
_LATER_FIELDS = (  # which results files did not have from the beginning
    *("arrivals", "rate_achieved_qps", "backlog", "latency_uncorrected_us", "latency_parts_us"),
    *("p99_limit_us", "sustained"),
)
_DERIVED = (
    *("latency_mean_us", "latency_max_us"),
    *("memory_user_kib", "memory_kernel_kib", "memory_total_kib"),
)

COUNTS = (
    *("syscalls_per_query", "switches_per_query", "migrations_per_query"),
    *("instructions_per_query", "counting_slowdown"),
)
_COUNTED = "counted"
_COUNTED_COLUMNS = ("model", "role", "style", "engine", *AXES, *COUNTS)


class ResultsError(Exception):
    """Something the user can put right; its text is one line."""


@dataclass(frozen=True)
class SourceFile:
    """Where results came from: the file's own name (no folder) and its `context`."""

    name: str
    context: dict[str, Any]


@dataclass(frozen=True)
class Results:
    """All files merged.

    `entries`: one row per model x cell x invocation x entry; columns are the fields of the format
    plus `id`, `run` (which file), `cell` (a key of `cells`), `flags` (tuple), `rounds` (how many)
    and `histogram` (dict or None), `latency_mean_us`, `latency_max_us`, `latency_parts` (dict or
    None), and of `memory_kib`
    `memory_user_kib`, `memory_kernel_kib` and their sum `memory_total_kib`.
    `rounds`: one row per entry and round: `id`, `round`, `order`, then the measures, NaN for null.
    `micro` and `micro_rounds`: the same for the entries of the micro families, which are in none of
    the others (see plots/micro.py).
    `counted`: what the counting pass found, one row per entry of it that has results: `run`, the
    model and its parts, the axes, and the COUNTS, NaN where it was not counted. These entries are
    in none of the others, since being counted slowed them.
    """

    files: tuple[SourceFile, ...]
    cells: dict[int, Cell]
    entries: pd.DataFrame
    rounds: pd.DataFrame
    micro: pd.DataFrame
    micro_rounds: pd.DataFrame
    counted: pd.DataFrame


def load(paths: Sequence[Path]) -> Results:
    """Reads, checks and merges results files. Raises ResultsError. The order of `paths` is
    of no consequence: runs are sorted by their date, then by their content."""
    documents = []
    digests: dict[str, Path] = {}
    for path in paths:
        raw = _read(path)
        digest = hashlib.sha256(raw).hexdigest()
        if digest in digests:
            raise ResultsError(f"{path}: the same results as {digests[digest]}; give each run once")
        digests[digest] = path
        document = _parse(path, raw)
        documents.append((document["context"]["date"], digest, path.name, document))
    documents.sort(key=lambda item: item[:2])
    return _merge([(name, document) for _, _, name, document in documents])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from error


def _parse(path: Path, raw: bytes) -> dict[str, Any]:
    """One file's document, checked against the schema and for what a schema cannot say."""
    try:
        document = strict_json.parse(raw)
    except (ValueError, RecursionError) as error:
        raise ResultsError(
            f"{path}: not JSON, so not a waitbench results file: {' '.join(str(error).split())}"
        ) from error
    if not isinstance(document, dict) or "schema_version" not in document:
        raise ResultsError(f"{path}: not a waitbench results file: it has no schema_version")
    complaint = first_violation(document) or _inconsistency(document["benchmarks"])
    if complaint:
        raise ResultsError(f"{path}: not a valid results file: {complaint}")
    for entry in document["benchmarks"]:
        entry.update({field: entry.get(field) for field in _LATER_FIELDS})
    return document


def _inconsistency(benchmarks: list[dict[str, Any]]) -> str | None:
    """What is wrong across fields, or None."""
    seen: dict[tuple[Any, ...], int] = {}
    for number, entry in enumerate(benchmarks):
        lengths = {len(values) for values in (entry["rounds"] or {}).values() if values is not None}
        if len(lengths) > 1:
            return f"benchmarks[{number}].rounds: arrays of different lengths {sorted(lengths)}"
        if is_micro(entry):
            continue
        identity = (
            *(entry.get(axis) for axis in AXES),
            *(entry[key] for key in ("purpose", "model", "role", "entry", "invocation", "cohort")),
        )
        if seen.setdefault(identity, number) != number:
            return f"benchmarks[{number}]: the same model, cell and invocation as benchmarks[" + (
                f"{seen[identity]}]; enter it again with another `entry`"
            )
    return None


def _merge(documents: list[tuple[str, dict[str, Any]]]) -> Results:
    stored = [
        (run, entry)
        for run, (_, document) in enumerate(documents)
        for entry in document["benchmarks"]
    ]
    micro = micro_frames([item for item in stored if is_micro(item[1])])
    queries = [item for item in stored if not is_micro(item[1])]
    labelled = [(run, entry) for run, entry in queries if not _is_count(entry)]
    _require_one_resolution(labelled, [name for name, _ in documents])
    cells, cell_of = _number_cells([entry for _, entry in labelled])
    rows, round_rows = [], []
    for identity, (run, entry) in enumerate(labelled):
        rounds = _rounds_of(identity, entry)
        round_rows.extend(rounds)
        row = _entry_row(entry) | {"run": run, "cell": cell_of[identity], "rounds": len(rounds)}
        rows.append({"id": identity} | row)
    files = tuple(SourceFile(name, document["context"]) for name, document in documents)
    counted = [{"run": run} | entry for run, entry in queries if _is_count(entry)]
    return Results(
        files, cells, _entry_frame(rows), _round_frame(round_rows), *micro, _counted_frame(counted)
    )


def _is_count(entry: dict[str, Any]) -> bool:
    return entry["purpose"] == _COUNTED and entry["status"] == "ok"


def _require_one_resolution(labelled: list[tuple[int, dict[str, Any]]], names: list[str]) -> None:
    """Histograms can be added only where their buckets are the same."""
    first: tuple[tuple[int, int], str] | None = None
    for run, entry in labelled:
        histogram = (entry["latency_us"] or {}).get("histogram")
        if histogram is None:
            continue
        resolution = (histogram["unit_ns"], histogram["sub_bucket_bits"])
        first = first or (resolution, names[run])
        if resolution != first[0]:
            raise ResultsError(
                f"{names[run]}: its latency histograms have another resolution than those of "
                f"{first[1]} (unit_ns, sub_bucket_bits {resolution} and {first[0]}); "
                "report the files one by one"
            )


def _number_cells(benchmarks: list[dict[str, Any]]) -> tuple[dict[int, Cell], list[int]]:
    """The cells in their order, and the cell number of each entry."""
    keys = [cell_order(entry["purpose"], entry) for entry in benchmarks]
    number_of = {key: number for number, key in enumerate(sorted(set(keys)))}
    first = {}
    overloaded = set()
    for key, entry in zip(keys, benchmarks):
        first.setdefault(number_of[key], entry)
        if {"saturated", "backend-limited"} & set(entry["flags"]):
            overloaded.add(number_of[key])
    cells = {}
    for number in sorted(first):
        entry = first[number]
        question = question_of(entry["purpose"], entry["delay_us"], number in overloaded)
        axes = {axis: entry[axis] for axis in AXES}
        cells[number] = Cell(number, entry["purpose"], axes, question)
    return cells, [number_of[key] for key in keys]


def _entry_row(entry: dict[str, Any]) -> dict[str, Any]:
    latency = entry["latency_us"] or {}
    memory = entry["memory_kib"] or {"user": None, "kernel": None}
    known = None not in memory.values()
    return {
        **{column: entry[column] for column in (*_ENTRY_COLUMNS, *MEASURES)},
        "flags": tuple(sorted(set(entry["flags"]))),
        "histogram": latency.get("histogram"),
        "latency_mean_us": latency.get("mean"),
        "latency_max_us": latency.get("max"),
        "latency_parts": entry["latency_parts_us"],
        "p99_limit_us": entry["p99_limit_us"],
        "sustained": entry["sustained"],
        "memory_user_kib": memory["user"],
        "memory_kernel_kib": memory["kernel"],
        "memory_total_kib": memory["user"] + memory["kernel"] if known else None,
    }


def _rounds_of(identity: int, entry: dict[str, Any]) -> list[dict[str, Any]]:
    arrays = entry["rounds"] or {}
    length = max((len(values) for values in arrays.values() if values is not None), default=0)
    return [
        {"id": identity, "round": index}
        | {name: (arrays[name][index] if arrays[name] else None) for name in _ROUND_COLUMNS}
        for index in range(length)
    ]


def _entry_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["id", "run", "cell", *_ENTRY_COLUMNS, *MEASURES, "flags", "rounds", "histogram"]
    columns += ["latency_parts", "p99_limit_us", "sustained"]
    frame = pd.DataFrame(rows, columns=[*columns, *_DERIVED])
    numeric = [*MEASURES, *_DERIVED, "in_flight_mean", "max_in_flight"]
    numeric += ["in_flight_peak_backend"]
    numeric += ["turn_queries", "queries", "client_cpu_share", "backend_cpu_share", "p99_limit_us"]
    frame[numeric] = frame[numeric].astype(float)
    for column in ("style", "engine", "reason"):
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    return frame


def _round_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["id", "round", *_ROUND_COLUMNS])
    return frame.astype({name: float for name in _ROUND_COLUMNS} | {"id": int, "round": int})


def _counted_frame(entries: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(entries, columns=["run", *_COUNTED_COLUMNS])
    return frame.astype({name: float for name in COUNTS})

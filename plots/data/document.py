"""One results file: read, and checked for everything that the other modules assume.

A file that is not a results file, or not a sound one, is refused with one line (ResultsError).
Files are only ever opened for reading.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, NamedTuple

from plots.data import strict_json, versions
from plots.data.axes import AXES
from plots.data.errors import ResultsError
from plots.data.histogram import fault_of, in_array
from plots.data.micro import LATER_AXES, is_micro
from plots.data.schema import first_violation

_LATER_FIELDS = (  # early results files lack these, and axes that came after them
    "rate_achieved_qps",
    "backlog",
    "cancelled",
    "latency_uncorrected_us",
    "latency_parts_us",
    "p99_limit_us",
    "sustained",
    "planted_ns",
    "fitted_axes",
    *AXES,
    *LATER_AXES,
)

_BEFORE_A_CHOICE = (  # axes that came later, the backends that have them, and what was so before
    ("fan_out", ("delay",), 1),
    ("block_us", ("delay",), 0),
    ("limit", ("delay", "http"), 0),
    ("lock", ("delay", "http"), "none"),
    ("pipeline", ("postgres",), 1),
    ("deadline_us", ("delay",), 0),
)


class Document(NamedTuple):
    """A sound results file: the file's own name (no folder), a digest of its bytes, its `context`
    and its entries (`benchmarks`), in which fields that came later are None where they lack."""

    name: str
    digest: str
    context: dict[str, Any]
    benchmarks: list[dict[str, Any]]


def read(path: Path) -> Document:
    """One results file. Raises ResultsError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from error
    parsed = _parse(path, raw)
    versions.to_present(parsed)
    complaint = first_violation(parsed) or _inconsistency(parsed["benchmarks"])
    if complaint:
        raise ResultsError(f"{path}: not a valid results file: {complaint}")
    for entry in parsed["benchmarks"]:
        for axis, backends, value in _BEFORE_A_CHOICE:
            if axis not in entry and entry.get("backend") in backends:
                entry[axis] = value
        entry.update({field: entry.get(field) for field in _LATER_FIELDS})
    digest = hashlib.sha256(raw).hexdigest()
    return Document(_printable(path.name), digest, parsed["context"], parsed["benchmarks"])


def _printable(name: str) -> str:
    """A file name as text; bytes in it that are no UTF-8 become escapes: r\\xe9sults.json."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _parse(path: Path, raw: bytes) -> dict[str, Any]:
    """The JSON object, which says at least that it is a results file."""
    try:
        parsed = strict_json.parse(raw, in_array)
    except (ValueError, RecursionError) as error:
        raise ResultsError(
            f"{path}: not JSON, so not a waitbench results file: {' '.join(str(error).split())}"
        ) from error
    if not isinstance(parsed, dict) or "schema_version" not in parsed:
        raise ResultsError(f"{path}: not a waitbench results file: it has no schema_version")
    return parsed


def _inconsistency(benchmarks: list[dict[str, Any]]) -> str | None:
    """What is wrong between fields, which a schema cannot express, or None."""
    seen: dict[tuple[Any, ...], int] = {}
    for number, entry in enumerate(benchmarks):
        lengths = {len(values) for values in (entry["rounds"] or {}).values() if values is not None}
        if len(lengths) > 1:
            return f"benchmarks[{number}].rounds: arrays of different lengths {sorted(lengths)}"
        if is_micro(entry):
            continue
        histogram = (entry["latency_us"] or {}).get("histogram")
        fault = fault_of(histogram) if histogram else None
        if fault:
            return f"benchmarks[{number}].latency_us.histogram: {fault}"
        identity = (
            *(entry.get(axis) for axis in AXES),
            *(entry[key] for key in ("purpose", "model", "role", "entry", "invocation", "cohort")),
        )
        if seen.setdefault(identity, number) != number:
            return f"benchmarks[{number}]: the same model, cell and invocation as benchmarks[" + (
                f"{seen[identity]}]; enter it again with another `entry`"
            )
    return None

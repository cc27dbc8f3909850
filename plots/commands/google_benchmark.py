"""Results in the shape of Google Benchmark's JSON, for its compare.py and what else reads that.

A results file has the same fields, but compare.py knows no null: entries that were not measured, or
have no latency, are left out here. Invocations and repeated entries of a model become repetitions
of one benchmark, whose name holds the purpose and all axes of its cell.
"""

from __future__ import annotations

import json
from typing import Any

from plots.data.axes import AXES
from plots.data.cells import Cell
from plots.data.errors import ResultsError
from plots.data.load import Results

_PLAIN = ("family", "transport", "connections")  # axes that a name gives without their own name


def google_benchmark(results: Results) -> str:
    """The JSON document of one run. Raises ResultsError where nothing was measured."""
    entries = results.entries
    known = entries["latency_mean_us"].notna() & entries["client_cpu_us_per_query"].notna()
    repetitions: dict[str, list[dict[str, Any]]] = {}
    for row in entries[known & (entries["status"] == "ok")].itertuples():
        name = benchmark_name(results.cells[row.cell], row.model)
        repetitions.setdefault(name, []).append(_benchmark(name, row))
    if not repetitions:
        raise ResultsError("nothing in this file was measured, so there is nothing to export")
    benchmarks = [
        row | {"repetitions": len(rows), "repetition_index": index}
        for rows in repetitions.values()
        for index, row in enumerate(rows)
    ]
    context = {"date": results.files[0].context["date"], "executable": "waitbench"}
    return json.dumps({"context": context, "benchmarks": benchmarks}, indent=1) + "\n"


def benchmark_name(cell: Cell, model: str) -> str:
    """matched/query/callback-epoll/tcp/kept/.../delay_us:3200/in_flight:64."""
    plain = [str(cell.axes[axis]) for axis in _PLAIN]
    rest = [
        f"{axis}:{_number(cell.axes[axis])}"
        for axis in AXES
        if axis not in _PLAIN and cell.axes[axis] is not None
    ]
    return "/".join([cell.purpose, plain[0], model, *plain[1:], *rest])


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _benchmark(name: str, row: Any) -> dict[str, Any]:
    """One repetition: the mean latency as real time, client CPU per query as CPU time."""
    return {
        "name": name,
        "run_name": name,
        "run_type": "iteration",
        "threads": 1,
        "iterations": int(row.queries),
        "real_time": float(row.latency_mean_us),
        "cpu_time": float(row.client_cpu_us_per_query),
        "time_unit": "us",
    }

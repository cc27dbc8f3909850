"""What `waitbench export` prints: one run in the form that another program reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from plots.analysis.study import METRIC_OF, Study
from plots.analysis.within_rounds import CPU, RATE
from plots.commands.formats import as_csv
from plots.commands.google_benchmark import benchmark_name, google_benchmark
from plots.data.cells import COST, SEAM, THROUGHPUT, Cell
from plots.data.errors import ResultsError
from plots.data.load import Results

_NANOSECONDS = 1000  # of a microsecond
_LONGEST_NAME = 1024  # that Bencher takes


def github_action_benchmark(results: Results, baseline: str | None) -> str:
    """An array of objects with `name`, `unit`, `value`, `range` and `extra`, as the tool
    customSmallerIsBetter of github-action-benchmark reads them: client CPU per query in each cell
    that ranks it."""
    study = Study(results, baseline)
    rows = [
        _smaller_is_better(study, cell, model)
        for cell in study.asking(COST)
        for model in study.models_in(cell.number)
    ]
    return _document([row for row in rows if row], "that ranks cost")


def _smaller_is_better(study: Study, cell: Cell, model: str) -> dict[str, Any] | None:
    level = study.level(cell.number, model, CPU)
    if not np.isfinite(level.mean):
        return None
    row = {"name": benchmark_name(cell, model), "unit": "us/query", "value": _number(level.mean)}
    if np.isfinite(level.high):
        row["range"] = f"\u00b1 {_number(level.high - level.mean):g}"
    ratios = study.ratios(cell.number)
    for found in ratios[ratios["model"] == model].itertuples():
        row["extra"] = f"{found.ratio:.3f} times {study.baseline}: {found.verdict}"
    return row


def bencher(results: Results, baseline: str | None) -> str:
    """Bencher Metric Format: an object for each benchmark, with the measures `cpu-per-query` and
    `latency` (nanoseconds) and `throughput` (queries per second), and the ratio to the baseline, in
    which the machine's own speed cancels."""
    study = Study(results, baseline)
    found = {}
    for cell in study.cells.values():
        if cell.question not in (COST, THROUGHPUT, SEAM):
            continue
        for model in study.models_in(cell.number):
            measures = _metrics(study, cell, model)
            if measures:
                found[benchmark_name(cell, model)[:_LONGEST_NAME]] = measures
    return _document(found, "that can be exported")


def _metrics(study: Study, cell: Cell, model: str) -> dict[str, dict[str, float]]:
    cpu, rate = (study.level(cell.number, model, measure) for measure in (CPU, RATE))
    latency = (study.latency(cell.number, model) or {}).get("p50", np.nan)
    metrics = {
        "cpu-per-query": _metric(cpu.mean, cpu.low, cpu.high, _NANOSECONDS),
        "throughput": _metric(rate.mean, rate.low, rate.high),
        "latency": _metric(latency, np.nan, np.nan, _NANOSECONDS),
    }
    if cell.question in METRIC_OF:
        ratios = study.ratios(cell.number)
        for row in ratios[ratios["model"] == model].itertuples():
            metrics["ratio-to-baseline"] = _metric(row.ratio, row.low, row.high)
    return {name: metric for name, metric in metrics.items() if metric}


def _metric(value: float, low: float, high: float, scale: float = 1) -> dict[str, float]:
    if not np.isfinite(value):
        return {}
    metric = {"value": _number(value * scale)}
    if np.isfinite(low) and np.isfinite(high):
        metric |= {"lower_value": _number(low * scale), "upper_value": _number(high * scale)}
    return metric


def _number(value: float) -> float:
    return float(f"{value:.6g}")


def _document(found: Any, what: str) -> str:
    if not found:
        raise ResultsError(f"this file has no result {what}, so there is nothing to export")
    return json.dumps(found, indent=1, allow_nan=False) + "\n"


EXPORTERS: dict[str, Callable[[Results, str | None], str]] = {
    "google-benchmark": lambda results, _: google_benchmark(results),
    "github-action-benchmark": github_action_benchmark,
    "bencher": bencher,
    "csv": lambda results, baseline: as_csv(Study(results, baseline)),
}

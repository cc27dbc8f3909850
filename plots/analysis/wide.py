"""Everything that a page shows of models in cells, as one row for each: what the page embeds, and
what `waitbench report --format csv` and `export --format csv` print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from plots.analysis.count_summary import syscalls_of_models
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.analysis.within_rounds import BACKEND_CPU, CPU, INVOLUNTARY, RATE, VOLUNTARY
from plots.data.axes import AXES
from plots.data.cells import SEAM, Cell
from plots.data.counts import SYSCALLS


class Measure(NamedTuple):
    """`name` is that of the columns, with `_low` and `_high` for the interval where there is
    one."""

    name: str
    words: str
    unit: str
    lower_is_better: bool = True
    interval: bool = True


MEASURES = (
    Measure(CPU, "client CPU per query", "µs"),
    Measure(BACKEND_CPU, "backend CPU per query", "µs"),
    Measure(RATE, "queries per second", "per s", lower_is_better=False),
    Measure("p50_us", "latency, median", "µs", interval=False),
    Measure("p90_us", "latency, p90", "µs", interval=False),
    Measure("p99_us", "latency, p99", "µs", interval=False),
    Measure("p999_us", "latency, p99.9", "µs", interval=False),
    Measure("max_us", "latency, longest", "µs", interval=False),
    Measure(VOLUNTARY, "voluntary switches per query", ""),
    Measure(INVOLUNTARY, "involuntary switches per query", ""),
    Measure("memory_user_kib", "memory of a connection, its own", "KiB"),
    Measure("memory_kernel_kib", "memory of a connection, the kernel's", "KiB"),
    Measure(SYSCALLS, "system calls per query", "", interval=False),
)
_UNKNOWN = Interval(np.nan, np.nan, np.nan, 0, np.nan)


def author(study: Study, model: str) -> str:
    """Who wrote it: waitbench itself, or, of a guest, its kind."""
    kind = study.kind(model)
    return f"guest: {kind}" if kind else "waitbench"


def wide_rows(study: Study) -> list[dict[str, Any]]:
    """One row for each cell and model with results, in the order of the page; None is unknown."""
    counted = syscalls_of_models(study)
    rows = []
    for cell in study.cells.values():
        compared = {row.model: row for row in _comparisons(study, cell)}
        for model in study.models_in(cell.number):
            row = _row(study, cell, model, counted)
            row |= _comparison(study, cell, model, compared.get(model))
            rows.append(row | {"flags": " ".join(sorted(study.flags(cell.number, model)))})
    return rows


def measure_columns() -> list[str]:
    """The columns of the measures, in order."""
    return [
        name
        for measure in MEASURES
        for name in (
            [measure.name, f"{measure.name}_low", f"{measure.name}_high"]
            if measure.interval
            else [measure.name]
        )
    ]


def _row(study: Study, cell: Cell, model: str, counted: Mapping) -> dict[str, Any]:
    style, engine = study.parts(model)
    row: dict[str, Any] = {"cell": cell.number, "purpose": cell.purpose}
    row |= {axis: cell.axes[axis] for axis in AXES}
    row |= {"model": model, "style": style, "engine": engine, "author": author(study, model)}
    row["invocations"] = study.invocations([cell])
    for measure in MEASURES:
        found = _measured(study, cell, model, measure, counted)
        row[measure.name] = _number(found.mean)
        if measure.interval:
            row[f"{measure.name}_low"] = _number(found.low)
            row[f"{measure.name}_high"] = _number(found.high)
    return row


def _measured(
    study: Study, cell: Cell, model: str, measure: Measure, counted: Mapping
) -> Interval:
    if measure.interval:
        return study.level(cell.number, model, measure.name)
    if measure.name == SYSCALLS:
        value = counted.get((cell.beside(), model), np.nan)
    else:
        latency = study.latency(cell.number, model) or {}
        value = latency.get(measure.name.removesuffix("_us"), np.nan)
    return _UNKNOWN._replace(mean=value)


def _comparison(study: Study, cell: Cell, model: str, row: Any) -> dict[str, Any]:
    """The ratio to the baseline, and the verdict; `row` is the model's of _comparisons, if any."""
    if row is None:
        own = model == study.baseline and cell.question != SEAM
        return {"relative_to": None, "ratio": None, "ratio_low": None, "ratio_high": None} | {
            "adjusted_p": None,
            "verdict": "baseline" if own else None,
        }
    return {
        "relative_to": row.handwritten if cell.question == SEAM else study.baseline,
        "ratio": _number(row.ratio),
        "ratio_low": _number(row.low),
        "ratio_high": _number(row.high),
        "adjusted_p": _number(row.adjusted_p),
        "verdict": row.verdict,
    }


def _comparisons(study: Study, cell: Cell) -> list[Any]:
    """The comparisons of a cell; none where nothing was measured in rounds."""
    if not (study.entries(cell.number)["rounds"] > 0).any():
        return []
    frame = study.seam(cell.number) if cell.question == SEAM else study.ratios(cell.number)
    return list(frame.itertuples())


def _number(value: float) -> float | None:
    """Six significant digits, which is more than anything here is good for."""
    return float(f"{value:.6g}") if np.isfinite(value) else None

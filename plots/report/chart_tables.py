"""The figures that a chart shows as CSV: the file beside its drawing, for other tools to draw from.

Charts of timed queries have the columns of plots.analysis.wide that they show, a row for each model
and cell; charts of operations the quartiles over rounds; those of counts the medians over turns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from plots.analysis.operations import BYTES, operations
from plots.analysis.study import Study
from plots.analysis.wide import measure_columns, wide_rows
from plots.analysis.within_rounds import BACKEND_CPU, CPU, INVOLUNTARY, RATE, VOLUNTARY
from plots.charts.catalog import COUNT_CHARTS, SWITCH_CHARTS
from plots.data.axes import AXES
from plots.data.cells import COST, SEAM, SWEEP, THROUGHPUT
from plots.data.counts import SYSCALLS

_RATIO = ("relative_to", "ratio", "ratio_low", "ratio_high", "adjusted_p", "verdict")
_LATENCY = ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")
# What charts of timed queries show: the columns, and the questions of their cells, () for all. One
# that is not here shows everything.
_SHOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ratios": (_RATIO, (COST,)),
    "cost": ((CPU,), (COST,)),
    "costs": ((CPU, BACKEND_CPU, VOLUNTARY, INVOLUNTARY, SYSCALLS), (COST,)),
    "matrix": ((CPU,), (COST, SEAM)),
    "throughput": ((RATE,), (THROUGHPUT,)),
    "latency": (_LATENCY, ()),
    "spectrum": (_LATENCY, (COST,)),
    "switches": ((VOLUNTARY, INVOLUNTARY), (COST,)),
    "memory": (("memory_user_kib", "memory_kernel_kib"), ()),
    "seam": (_RATIO, (SEAM,)),
    "idle": ((CPU, BACKEND_CPU), (COST,)),
    "pool": ((RATE, *_LATENCY), ()),
}
_FAMILIES = {  # of operations, where it is not the switch itself
    "depth": "delegate",
    "wake": "wake",
    "tasks": "spawn",
    "sync": "sync",
    "join": "join",
    "timers": "timer",
    "post": "post",
}
_WHO = ("model", "style", "engine", "author", "invocations")


def chart_tables(study: Study, names: Iterable[str]) -> dict[str, str]:
    """By name of a chart, its figures as CSV."""
    rows = [row | _questions(study, row) for row in wide_rows(study)]
    return {name: _table(study, name, rows) for name in names}


def _questions(study: Study, row: Mapping[str, Any]) -> dict[str, Any]:
    cell = study.cells[row["cell"]]
    return {"question": SWEEP if cell.purpose == SWEEP else cell.question}


def _table(study: Study, name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    if name in SWITCH_CHARTS:
        return _of_operations(study, name)
    if name in COUNT_CHARTS:
        return _without_empty(study.results.counted.drop(columns=["id", "run", "cell", "flags"]))
    wanted, questions = _SHOWN.get(name, ((), ()))
    known = [*measure_columns(), *_RATIO]
    columns = [column for column in known if not wanted or _belongs(column, wanted)]
    shown = [
        row
        for row in rows
        if (not questions or row["question"] in questions)
        and any(row[column] is not None for column in columns)
    ]
    stream = io.StringIO()
    heads = ["purpose", *AXES, *_WHO, *columns]
    writer = csv.DictWriter(stream, heads, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(shown)
    return stream.getvalue()


def _belongs(column: str, wanted: Sequence[str]) -> bool:
    """Whether a column is one of those wanted, or a bound of its interval."""
    return column in wanted or column.removesuffix("_low").removesuffix("_high") in wanted


def _of_operations(study: Study, name: str) -> str:
    """Nanoseconds for one; of tasks, the bytes that one takes, too."""
    family = _FAMILIES.get(name, "switch")
    frames = [operations(study.results, family).assign(unit="ns")]
    if name == "tasks":
        frames.append(operations(study.results, family, BYTES).assign(unit="bytes"))
    frame = pd.concat(frames)
    return _without_empty(frame.drop(columns=["id", "run", "flags", "status", "reason", "limit"]))


def _without_empty(frame: pd.DataFrame) -> str:
    return frame.dropna(axis="columns", how="all").to_csv(
        index=False, lineterminator="\n", float_format="%.6g"
    )

"""What became of models over many runs: each as the ratio to the baseline of its own run, so that
what drifts with the machine cancels; and machines apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from plots.analysis.change_points import ChangePoint, change_points
from plots.analysis.study import METRIC_OF, Study
from plots.analysis.within_rounds import RATE
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, THROUGHPUT, Cell

_GIB = 2**20  # KiB


class Point(NamedTuple):
    """A run: when, of which commit, and the ratio with its interval (NaN without one)."""

    date: str
    commit: str
    ratio: float
    low: float
    high: float


class Series(NamedTuple):
    """A model in one cell on one machine, in the order of time. `changes` refer to `points`."""

    machine: str
    cell: str
    metric: str
    model: str
    baseline: str
    points: list[Point]
    changes: list[ChangePoint]


def machine_of(host: dict[str, Any]) -> str:
    """What stays of a machine from boot to boot: its CPU, how many, its memory in GiB and whether
    it is virtual. Kernel and settings are not part of it: what they change is to be seen."""
    memory = host["memory_kib"]
    parts = [
        host["cpu_model"] or "unknown CPU",
        f"{host['cpus']} CPUs" if host["cpus"] else "",
        f"{memory / _GIB:.0f} GiB" if memory else "",
        host["virtualization"] or "",
    ]
    return ", ".join(filter(None, parts))


def histories(studies: Sequence[Study]) -> list[Series]:
    """The series of studies of one run each, by machine, cell and model; those of one run are
    there too."""
    found: dict[tuple, list[Point]] = {}
    names: dict[tuple, tuple[str, str]] = {}
    for study in sorted(studies, key=lambda study: study.results.files[0].context["date"]):
        context = study.results.files[0].context
        machine = machine_of(context["host"])
        for cell in [*study.asking(COST), *study.asking(THROUGHPUT)]:
            metric = METRIC_OF[cell.question]
            for row in study.ratios(cell.number).itertuples():
                if not row.ranked:
                    continue
                key = (machine, _same(cell), row.model, study.baseline)
                names.setdefault(key, (f"{cell.purpose}: {cell_phrase(cell)}", metric))
                commit = (context["commit"] or "")[:10]
                found.setdefault(key, []).append(
                    Point(context["date"], commit, row.ratio, row.low, row.high)
                )
    return [
        Series(key[0], *names[key], key[2], str(key[3]), points, _changes(points))
        for key, points in sorted(found.items(), key=lambda item: str(item[0]))
    ]


def _same(cell: Cell) -> tuple:
    """What cells of one series agree in: all but what followed from the machine."""
    return (cell.purpose, *cell.beside(*cell.fitted))


def _changes(points: Sequence[Point]) -> list[ChangePoint]:
    """Changes of the ratio, found among logarithms."""
    logs = [np.log(point.ratio) for point in points]
    return [
        change._replace(before=float(np.exp(change.before)), after=float(np.exp(change.after)))
        for change in change_points(logs)
    ]


def is_worse(series: Series, change: ChangePoint) -> bool:
    """Whether a change is for the worse."""
    return (change.after > change.before) != (series.metric == RATE)

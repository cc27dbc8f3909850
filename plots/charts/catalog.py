"""The charts in their order on the page. A new chart is a file here and its name in a list below.

The module of a chart has a function `draw`, which takes a Study (a chart of machines: their runs)
and gives a Chart of the module's name, or None where the results do not hold what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from plots.analysis.study import Study
from plots.charts.drawing.canvas import Chart

QUERY_CHARTS = (  # queries that were timed
    "ratios",
    "guests",
    "cost",
    "costs",
    "matrix",
    "idle",
    "fan_out",
    "offload",
    "pool",
    "throughput",
    "loops",
    "latency",
    "spectrum",
    "latency_parts",
    "offered_rate",
    "switches",
    "memory",
    "seam",
)
SWITCH_CHARTS = (  # what a switch costs without a query around it
    "ladder",
    "contexts",
    "touched",
    "depth",
    "wake",
    "tasks",
    "sync",
    "join",
    "timers",
    "post",
)
COUNT_CHARTS = (  # the counting pass
    "syscalls",
)
MACHINE_CHARTS = (  # several machines; they are drawn of a list of MachineRun
    "machines",
)


def _drawers(names: Sequence[str]) -> dict[str, Callable[[Any], Chart | None]]:
    return {name: import_module(f"plots.charts.{name}").draw for name in names}


DRAWERS: dict[str, Callable[[Study], Chart | None]] = _drawers(
    [*QUERY_CHARTS, *SWITCH_CHARTS, *COUNT_CHARTS]
)
MACHINE_DRAWERS = _drawers(MACHINE_CHARTS)

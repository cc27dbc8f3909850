"""Cost against the queries that a task asks at once, and waits for."""

from __future__ import annotations

from plots.analysis.study import Study
from plots.charts.drawing.by_axis import draw_by_axis
from plots.charts.drawing.canvas import Chart

TITLE = "What a fan-out costs"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cells differ in their fan-out alone."""
    return draw_by_axis(study, "fan_out", TITLE)

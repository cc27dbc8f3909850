"""Cost against connections that are watched but send nothing."""

from __future__ import annotations

from plots.analysis.study import Study
from plots.charts.drawing.by_axis import draw_by_axis
from plots.charts.drawing.canvas import Chart

TITLE = "What idle connections cost"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cells differ in idle connections alone."""
    return draw_by_axis(study, "idle", TITLE)

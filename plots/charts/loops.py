"""Cost and throughput against the event loops that share a model's conversations."""

from __future__ import annotations

from plots.analysis.study import Study
from plots.charts.drawing.by_axis import draw_by_axis
from plots.charts.drawing.canvas import Chart

TITLE = "What more event loops bring"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cells differ in event loops alone."""
    return draw_by_axis(study, "loops", TITLE)

"""What a switch costs with many contexts in the ring."""

from __future__ import annotations

from plots.analysis.operations import ring_switches
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Chart
from plots.charts.drawing.growth import Growth

_CONTEXTS = Growth(
    name="contexts",
    title="What a switch costs with many contexts",
    subtitle="time for one switch on one CPU, nothing to touch; lower is better",
    axis="contexts",
    label="contexts in the ring",
    place=lambda count: f"with {count:,.0f} contexts",
)


def draw(study: Study) -> Chart | None:
    """Cost against contexts in the ring, or None where there is one number of them only."""
    rows = ring_switches(study.results)
    return _CONTEXTS.draw({"": rows[rows["working_set_bytes"] == 0]})

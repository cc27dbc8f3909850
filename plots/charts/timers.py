"""What a time limit costs that is not reached, and one that is, against the number of timers."""

from __future__ import annotations

from plots.analysis.operations import operations
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Chart
from plots.charts.drawing.growth import Growth

_TIMERS = Growth(
    name="timers",
    title="What a time limit costs",
    subtitle="time for one timer; lower is better",
    axis="armed",
    label="timers armed",
    place=lambda count: f"with {count:,.0f} armed",
)
_PANELS = {
    "armed and cancelled": "cancelled",
    "armed, waited for and fired": "fired",
}


def draw(study: Study) -> Chart | None:
    """Cost against the number of timers, or None where there is one number of them only."""
    rows = operations(study.results, "timer")
    panels = {title: rows[rows["situation"] == word] for title, word in _PANELS.items()}
    return _TIMERS.draw(panels)

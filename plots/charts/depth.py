"""What one value costs that comes up through nested generators, coroutines or calls."""

from __future__ import annotations

from plots.analysis.operations import models_among, operations
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Chart
from plots.charts.drawing.growth import Growth

_DEPTH = Growth(
    name="depth",
    title="What depth costs",
    subtitle="time for one value, or one resumption, at the bottom; lower is better",
    axis="depth",
    label="nested calls, the innermost included",
    place=lambda depth: f"at depth {depth:,.0f}",
)


def draw(study: Study) -> Chart | None:
    """Cost against the depth of nesting, or None where there is one depth only."""
    return _DEPTH.draw({"": models_among(operations(study.results, "delegate"))})

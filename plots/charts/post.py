"""What it costs to tell a loop that there is something to do: from itself, and from another CPU."""

from __future__ import annotations

from plots.analysis.operations import operations
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Chart
from plots.charts.drawing.steps import Ladder

_POST = Ladder(
    name="post",
    title="What it costs to tell a loop something",
    subtitle="time until the loop has been told and goes on; lower is better",
)


def draw(study: Study) -> Chart | None:
    """The chart, or None where none was measured."""
    sentences = [
        "On one CPU a loop tells itself, and finds it at its next wait; across CPUs two loops tell "
        "each other in turn. The reference goes through the loop's own run queue, not the kernel."
    ]
    return _POST.draw(operations(study.results, "post"), "", sentences)

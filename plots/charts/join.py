"""What it costs to start tasks, and to go on when all have ended."""

from __future__ import annotations

from plots.analysis.operations import operations
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Chart
from plots.charts.drawing.growth import Growth
from plots.text.format import plural

_JOIN = Growth(
    name="join",
    title="What a fan-out costs",
    subtitle="time for each task that is started, waits once, ends and is joined; lower is better",
    axis="tasks",
    label="tasks that are joined together",
    place=lambda count: f"with {plural(int(count), 'task')}",
)


def draw(study: Study) -> Chart | None:
    """Cost against the number of tasks, or None where there is one number of them only."""
    return _JOIN.draw({"": operations(study.results, "join")})

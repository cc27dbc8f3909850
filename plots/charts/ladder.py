"""The ladder: what every kind of switch costs by itself, from nanoseconds to microseconds."""

from __future__ import annotations

import pandas as pd

from plots.analysis.operations import CROSS_CPU, plain_switches
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Chart
from plots.charts.drawing.steps import Ladder

_LADDER = Ladder(
    name="ladder",
    title="What a switch costs",
    subtitle="time for one switch, net of the empty loop; lower is better",
)


def draw(study: Study) -> Chart | None:
    """The chart, or None where no switch was measured."""
    rows = plain_switches(study.results)
    sentences = [
        "One operation passes control on once, whether through a driver or directly; a round trip "
        "is two."
    ]
    if (rows["placement"] == CROSS_CPU).any():
        sentences.append(
            "Only the kernel can switch across CPUs, and has to wake up one that went to sleep."
        )
    return _LADDER.draw(rows, _where(rows), sentences)


def _where(rows: pd.DataFrame) -> str:
    contexts = rows["contexts"].min()
    return f"{contexts:.0f} contexts in a ring" if contexts > 0 else ""

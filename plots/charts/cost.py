"""Client CPU per query, hollow of models that did not sustain the load: against the number in
flight, or a row for each model where there is but one."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.cost_panel import draw_cost
from plots.charts.drawing.levels import draw_levels, stand_alone
from plots.charts.drawing.lines import (
    Panel,
    behind_sentence,
    cut_sentence,
    grid_for,
    panels_of,
    split_by_style,
)
from plots.data.cells import COST

TITLE = "What a query costs its client"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell shows what a query costs."""
    cells = study.asking(COST)
    if not cells:
        return None
    panels = panels_of(cells)
    with paper():
        figure = _levels(study, panels) if stand_alone(panels) else _lines(study, panels)
    caption = captions.caption(
        "" if stand_alone(panels) else behind_sentence(study, panels),
        captions.intervals(study, cells),
        cut_sentence(study, panels, CPU),
        captions.band(study, cells, CPU),
        captions.references(study, cells),
        captions.outside(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("cost", TITLE, caption, figure)


def _lines(study: Study, panels: Sequence[Panel]) -> Figure:
    subtitle = "client CPU per query, mean over invocations; lower is better"
    parts = split_by_style(study, panels)
    titles = [part.title() for part in parts]
    figure, axes = grid_for(study, parts).place(titles, TITLE, subtitle)
    for one, panel in zip(axes, parts):
        draw_cost(one, study, panel)
    return figure


def _levels(study: Study, panels: Sequence[Panel]) -> Figure:
    subtitle = "µs of client CPU per query, mean over invocations; lower is better"
    return draw_levels(
        study, panels, CPU, TITLE, subtitle, study.outside
    )[0]

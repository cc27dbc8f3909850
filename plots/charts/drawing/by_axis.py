"""What one axis changes while all others stay the same, such as idle connections or event loops."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU, RATE
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.cost_panel import draw_cost
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.lines import (
    Panel,
    behind_sentence,
    cut_sentence,
    grid_for,
    models_of,
    panels_along,
    split_by_style,
)
from plots.charts.drawing.throughput_panel import draw_throughput, limit_sentence
from plots.data.cell_names import axis_phrase, shared_phrase
from plots.data.cells import COST, THROUGHPUT
from plots.text.format import extent, listing, plural, times


def draw_by_axis(study: Study, axis: str, title: str) -> Chart | None:
    """The chart, called after its axis, or None where no cells differ in this axis alone."""
    all_costs = panels_along(axis, study.asking(COST))
    all_rates = panels_along(axis, study.asking(THROUGHPUT)) if axis == "loops" else []
    costs, rates = drawn_of(all_costs), drawn_of(all_rates)
    panels = [*costs, *rates]
    if not panels:
        return None
    metrics = [CPU] * len(costs) + [RATE] * len(rates)
    with paper():
        parts = [
            (split_by_style(study, costs), draw_cost),
            (split_by_style(study, rates), draw_throughput),
        ]
        drawn = [(panel, draw) for found, draw in parts for panel in found]
        subtitle = "mean over invocations; of CPU per query lower is better" + (
            ", of queries per second higher" if rates else ""
        )
        shown = [panel for panel, _ in drawn]
        titles = [panel.title(_where(panel)) for panel in shown]
        figure, axes = grid_for(study, shown).place(titles, title, subtitle)
        for one, (panel, draw) in zip(axes, drawn):
            draw(one, study, panel)
    cells = [cell for panel in panels for cell in panel.cells]
    of_cost = [cell for panel in costs for cell in panel.cells]
    of_rate = [cell for panel in rates for cell in panel.cells]
    caption = captions.caption(
        behind_sentence(study, panels),
        crowd_sentence(all_costs, "groups of cells"),
        *(_growth(study, panel, metric) for panel, metric in zip(panels, metrics)),
        _absent(study, panels),
        _processors(study) if axis == "loops" else "",
        captions.intervals(study, cells),
        *(cut_sentence(study, [panel], metric) for panel, metric in zip(panels, metrics)),
        captions.band(study, of_cost, CPU) if costs else "",
        limit_sentence(study, of_rate) if rates else "",
        captions.references(study, cells),
        captions.outside(study, of_cost),
        captions.n_of(study, cells),
    )
    return Chart(axis, title, caption, figure)


def _growth(study: Study, panel: Panel, metric: str) -> str:
    """How the last value of the axis compares with the first, engine by engine."""
    found: dict[tuple[str, str], list[float]] = {}
    last = panel.cells[-1]
    for model in models_of(study, panel):
        levels = [(cell, study.level(cell.number, model, metric).mean) for cell in panel.cells]
        levels = [(cell, mean) for cell, mean in levels if np.isfinite(mean)]
        if len(levels) > 1 and levels[0][0] is panel.cells[0]:
            end = levels[-1][0]
            short = "" if end is last else f", at {end.axes[panel.axis]:,}"
            key = (study.parts(model)[1] or model, short)
            found.setdefault(key, []).append(levels[-1][1] / levels[0][1])
    if not found:
        return ""
    parts = [
        f"{name} {extent(times(min(ratios)), times(max(ratios)))}{short}"
        for (name, short), ratios in found.items()
    ]
    what = "CPU per query" if metric == CPU else "Queries per second"
    first, most = (axis_phrase(panel.axis, c.axes[panel.axis]) for c in (panel.cells[0], last))
    return (
        f"{what} with {most}, over that with {first} (means of different cells, {_where(panel)}): "
        f"{'; '.join(parts)}."
    )


def _where(panel: Panel) -> str:
    """What the cells of a panel have in common."""
    in_flight = axis_phrase("in_flight", panel.cells[0].in_flight)
    return f"{in_flight}, {shared_phrase(panel.cells)}"


def _absent(study: Study, panels: Sequence[Panel]) -> str:
    """Which models have no results at which values of the axis, and the reason."""
    missing = study.missing
    lost = [
        (row.reason, row.model, study.cells[row.cell].axes[panel.axis])
        for panel in panels
        for row in missing[missing["cell"].isin([c.number for c in panel.cells])].itertuples()
    ]
    reasons = []
    for reason, group in groupby(sorted(set(lost)), key=lambda row: row[0]):
        rows = list(group)
        values = sorted({value for *_, value in rows})
        at = listing([f"{value:,}" for value in values])
        reasons.append(f"{listing(sorted({model for _, model, _ in rows}))} at {at}: {reason}")
    return f"Not measured: {'; '.join(reasons)}." if reasons else ""


def _processors(study: Study) -> str:
    """How many CPUs the clients had, where the files say: loops beyond these share them."""
    placed = [file.context["placement"]["client_cpus"] for file in study.results.files]
    counts = sorted({len(cpus) for cpus in placed if cpus})
    if not counts:
        return ""
    had = listing([plural(count, "CPU") for count in counts])
    return f"Clients had {had}; loops beyond that share."

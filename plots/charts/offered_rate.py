"""The p99 latency of each model against the rate at which queries are offered, in an open loop, and
what a sweep found: the highest rate that each model sustains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from plots.analysis.appearance import HOLLOW
from plots.analysis.study import Study
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.labels import End, label_ends
from plots.charts.drawing.lines import (
    Panel,
    behind_sentence,
    draw_behind,
    grid_for,
    line_name,
    models_of,
    others_of,
    panels_along,
    split_by_style,
)
from plots.data.cells import OPEN, SWEEP
from plots.text.format import extent, microseconds, significant

TITLE = "How latency grows with the rate offered"
_NAMED_RATES = 8


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cells differ in the rate alone."""
    offered = [cell for cell in study.cells.values() if cell.purpose in (OPEN, SWEEP)]
    panels = panels_along("rate_qps", [cell for cell in offered if study.models_in(cell.number)])
    if not panels:
        return None
    with paper():
        subtitle = "p99 from the intended start of a query, over all invocations; lower is better"
        parts = split_by_style(study, panels)
        titles = [part.title() for part in parts]
        figure, axes = grid_for(study, parts).place(titles, TITLE, subtitle)
        for one, panel in zip(axes, parts):
            _panel(one, study, panel)
    cells = [cell for panel in panels for cell in panel.cells]
    caption = captions.caption(
        behind_sentence(study, panels),
        "Hollow: more than 1% of the queries that were due had not been begun when the turn ended "
        "(flag \u201cunstable\u201d); their latency is that of those begun, so the truth is worse.",
        *(_found(study, panel) for panel in panels),
        captions.n_of(study, cells),
    )
    return Chart("offered_rate", TITLE, caption, figure)


def _panel(axes: Axes, study: Study, panel: Panel) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("queries offered per second")
    axes.set_ylabel("p99 latency")
    axes.grid(axis="both")
    behind = [_points(study, panel, model) for model in others_of(study, panel)]
    draw_behind(axes, [[(rate, p99) for rate, p99, _ in points] for points in behind])
    ends = []
    for model in models_of(study, panel):
        points = _points(study, panel, model)
        if points:
            x, y, _ = zip(*points)
            ends.append(End(x[-1], y[-1], line_name(study, panel, model), study.appearance(model)))
            _line(axes, study, model, points)
    _name_ticks(axes, [cell.axes["rate_qps"] for cell in panel.cells])
    label_ends(axes, ends)


def _name_ticks(axes: Axes, rates: Sequence[float]) -> None:
    """Rates as they were offered, if there are few; latencies at 1, 2 and 5 of each decade."""
    if len(rates) <= _NAMED_RATES:
        axes.xaxis.set_major_locator(FixedLocator(rates))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:,g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda p99, _: microseconds(p99)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())


def _points(study: Study, panel: Panel, model: str) -> list[tuple[float, float, bool]]:
    """Rate offered (queries/s), p99 (microseconds) and whether the model kept up, ascending."""
    points = []
    for cell in panel.cells:
        latency = study.latency(cell.number, model)
        if latency and latency["p99"] > 0:
            kept_up = "unstable" not in study.flags(cell.number, model)
            points.append((float(cell.axes["rate_qps"]), latency["p99"], kept_up))
    return points


def _line(
    axes: Axes, study: Study, model: str, points: Sequence[tuple[float, float, bool]]
) -> None:
    look = study.appearance(model)
    axes.plot(*list(zip(*points))[:2], color=look.colour, linestyle=look.line, zorder=3)
    for rate, p99, kept_up in points:
        fill = {} if kept_up else HOLLOW
        axes.plot([rate], [p99], marker=look.marker, color=look.colour, zorder=4, **fill)


def _found(study: Study, panel: Panel) -> str:
    """What the sweep of a panel found, model by model; empty where it is none."""
    rows = [study.entries(cell.number).assign(rate=cell.axes["rate_qps"]) for cell in panel.cells]
    trials = pd.concat(rows)
    trials = trials[trials["p99_limit_us"].notna()]
    limits = sorted(set(trials["p99_limit_us"]))
    found = []
    for limit in limits:
        parts = [
            f"{model} {_bracket(trials[(trials['model'] == model)])}"
            for model in models_of(study, panel)
        ]
        within = microseconds(limit)
        found.append(f"Sustained with a p99 within {within}, in queries/s: {'; '.join(parts)}.")
    return " ".join(found)


def _bracket(trials: pd.DataFrame) -> str:
    """58,700 to 61,300: the least that any invocation sustained at best, and the most that any
    refused at first."""
    best, first = [], []
    for _, of_one in trials.groupby(["run", "invocation", "entry"]):
        sustained = of_one["sustained"].astype(bool)
        best.append(of_one["rate"][sustained].max())
        first.append(of_one["rate"][~sustained].min())
    low, high = np.min(best), np.max(first)
    if not np.isfinite(low):
        return f"less than {significant(high)}"
    if not np.isfinite(high):
        return f"{significant(low)} and more"
    return extent(significant(low), significant(high))

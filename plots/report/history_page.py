"""The page of `waitbench history`: the ratio of each model to the baseline of its run over time,
with sparklines and change points; machines apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from plots.analysis.change_points import FEWEST
from plots.analysis.history import Point, Series, histories, is_worse
from plots.analysis.study import Study
from plots.analysis.within_rounds import RATE
from plots.data.errors import ResultsError
from plots.data.load import load
from plots.report.palette import palette
from plots.text.format import p_value, plural, span, times

_TEMPLATES = jinja2.PackageLoader("plots.report", "templates")
_WIDTH, _HEIGHT, _EDGE = 180, 28, 3  # of a sparkline


def read_histories(paths: Sequence[Path], baseline: str | None) -> tuple[list[Series], list[str]]:
    """The series of all files, and what was left out of folders, in one line each. A folder stands
    for the results files in it. Raises ResultsError."""
    studies, left_out = [], []
    for path in paths:
        if not path.is_dir():
            studies.append(Study(load([path]), baseline))
            continue
        for inside in sorted(path.glob("*.json")):
            try:
                studies.append(Study(load([inside]), baseline))
            except ResultsError as error:
                left_out.append(str(error))
    found = histories(studies)
    if not found:
        raise ResultsError("these files have no run that ranks anything, so there is no history")
    return found, left_out


def history_page(found: Sequence[Series]) -> str:
    """The HTML document."""
    environment = jinja2.Environment(
        loader=_TEMPLATES,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    css, script = (_TEMPLATES.get_source(environment, n)[0] for n in ("page.css", "tables.js"))
    machines = [
        (machine, _cells(list(series)))
        for machine, series in groupby(found, key=lambda one: one.machine)
    ]
    return environment.get_template("history.html.j2").render(
        css=Markup(css),
        script=Markup(script),
        palette=palette(),
        machines=machines,
        changes=_news(found),
        least=2 * FEWEST,
    )


def _cells(series: Sequence[Series]) -> list[tuple[str, str, str, list[dict[str, Any]]]]:
    """Cell, what is compared and the baseline, and a row for each model."""
    keyed = groupby(series, key=lambda one: (one.cell, one.metric, one.baseline))
    return [
        (
            cell,
            "queries per second" if metric == RATE else "client CPU per query",
            baseline,
            [_row(one) for one in group],
        )
        for (cell, metric, baseline), group in keyed
    ]


def _row(series: Series) -> dict[str, Any]:
    first, last = series.points[0], series.points[-1]
    return {
        "model": series.model,
        "runs": len(series.points),
        "line": Markup(_sparkline(series)),
        "first": times(first.ratio),
        "last": times(last.ratio),
        "span": span(last.low, last.high),
        "changes": [_change(series, place) for place in range(len(series.changes))],
    }


def _change(series: Series, number: int) -> str:
    """2026-03-01 (abc123): from 1.04x to 1.12x, worse, p = 0.003."""
    change = series.changes[number]
    point = series.points[change.place]
    word = "worse" if is_worse(series, change) else "better"
    p = p_value(change.p_value)
    return (
        f"{_when(point)}: from {times(change.before)} to {times(change.after)}, {word}, "
        f"p {p if p.startswith('<') else f'= {p}'}"
    )


def _when(point: Point) -> str:
    return f"{point.date[:10]} ({point.commit})" if point.commit else point.date[:10]


def _news(found: Sequence[Series]) -> list[str]:
    """All changes as sentences, the latest first."""
    dated = [
        (series.points[change.place].date, f"{series.model} at {series.cell}, {series.machine}: "
         f"{_change(series, number)}")
        for series in found
        for number, change in enumerate(series.changes)
    ]  # fmt: skip
    return [text for _, text in sorted(dated, reverse=True)]


def _sparkline(series: Series) -> str:
    """A line of the ratios, a dot at the end, and a mark at each change."""
    logs = np.log([point.ratio for point in series.points])
    low, high = float(logs.min()), float(logs.max())
    room = max(high - low, 0.02)  # so that noise does not look like news
    middle = (high + low) / 2
    left = _EDGE if len(logs) > 1 else _WIDTH / 2
    steps = np.linspace(left, _WIDTH - _EDGE, len(logs))
    heights = _HEIGHT / 2 - (logs - middle) / room * (_HEIGHT - 2 * _EDGE)
    dots = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(steps, heights))
    marks = "".join(
        f'<line x1="{steps[change.place]:.1f}" x2="{steps[change.place]:.1f}" y1="0" '
        f'y2="{_HEIGHT}" class="one"/>'
        for change in series.changes
    )
    ends = (times(series.points[place].ratio) for place in (0, -1))
    label = f"{plural(len(logs), 'run')}, from {' to '.join(ends)}"
    return (
        f'<svg role="img" aria-label="{label}" width="{_WIDTH}" height="{_HEIGHT}">{marks}'
        f'<polyline points="{dots}" fill="none" stroke="currentColor"/>'
        f'<circle cx="{steps[-1]:.1f}" cy="{heights[-1]:.1f}" r="2.5" fill="currentColor"/></svg>'
    )

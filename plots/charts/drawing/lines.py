"""Lines against one axis of the cells, such as the number in flight: one panel for cells that
differ in nothing else. Where there are many models, each style has a panel of its own, with the
lines of the other styles behind it in grey.

A profile may lengthen the delay as the number in flight grows, so that all models sustain the load;
then the tick names the delay, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from plots.analysis.appearance import RULE
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Grid
from plots.charts.drawing.labels import End, count_axis, label_ends
from plots.charts.drawing.marks import Mark, draw_marks
from plots.data.cell_names import shared_phrase
from plots.data.cells import CUSTOM, Cell
from plots.text.format import microseconds

_LABEL_WIDTH = 2.35  # inches right of a panel, for the names of its lines
_TALLEST = 1.6  # times the highest mean, beyond which intervals are cut
_HEADROOM = 1.08
_MOST_LINES = 12  # that a reader can follow in one panel
_WHOLE, _PART = 2.7, 1.6  # inches: least height of a panel for all models, and for one style
_MARK = 5.5  # points
BEHIND = 1.5  # the zorder of lines that a panel is not about
_KERNEL = "left to the kernel"
_FROM_ZERO = 8  # times the smallest number, to the left: where 0 stands
AXIS_LABELS = {
    "in_flight": "queries in flight",
    "idle": "idle connections",
    "fan_out": "queries that a task asks at once",
    "loops": "event loops",
}


class Panel(NamedTuple):
    """Cells that differ in `axis`, ascending, one for each of its values. With `style` it is about
    the models of that style; empty: about all."""

    axis: str
    cells: list[Cell]
    style: str = ""

    def title(self, where: str = "") -> str:
        """Its style, and `where`: what its cells have in common, unless the words are given."""
        return ": ".join(filter(None, [self.style, where or shared_phrase(self.cells)]))

    def place(self, cell: Cell) -> float:
        """Where a cell stands on the logarithmic axis; 0 stands apart, left of all others."""
        value = cell.axes[self.axis]
        others = [other.axes[self.axis] for other in self.cells if other.axes[self.axis]]
        return float(value or min(others, default=1) / _FROM_ZERO)


def panels_of(cells: Sequence[Cell]) -> list[Panel]:
    """Cells grouped into panels against the number in flight."""
    groups: dict[tuple, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.beside("in_flight", "delay_us"), []).append(cell)
    panels = []
    for group in groups.values():
        if len({cell.in_flight for cell in group}) == len(group):
            panels.append(_ascending("in_flight", group))
            continue
        by_delay: dict[tuple, list[Cell]] = {}
        for cell in group:
            by_delay.setdefault((cell.purpose, cell.axes["delay_us"]), []).append(cell)
        panels += [_ascending("in_flight", part) for part in by_delay.values()]
    return panels


def panels_along(axis: str, cells: Sequence[Cell]) -> list[Panel]:
    """Panels of those cells that have others beside them which differ in this axis alone; the
    user's own cells and those of a profile are kept apart. Cells without a value of the axis have
    no place on it."""
    groups: dict[tuple, list[Cell]] = {}
    for cell in cells:
        if cell.axes[axis] is None:
            continue
        groups.setdefault((cell.purpose == CUSTOM, *cell.beside(axis)), []).append(cell)
    return [_ascending(axis, group) for group in groups.values() if len(group) > 1]


def _ascending(axis: str, cells: Sequence[Cell]) -> Panel:
    return Panel(axis, sorted(cells, key=lambda cell: cell.axes[axis] or 0))


def split_by_style(study: Study, panels: Sequence[Panel]) -> list[Panel]:
    """The panels; a panel with many models becomes one for each style."""
    return [part for panel in panels for part in _parts(study, panel)]


def behind_sentence(study: Study, panels: Sequence[Panel]) -> str:
    """What the grey lines are, where there are any."""
    if split_by_style(study, panels) == [*panels]:
        return ""
    return "Each style has a panel of its own; grey behind its lines are those of all others."


def _parts(study: Study, panel: Panel) -> list[Panel]:
    models = models_of(study, panel)
    if len(models) <= _MOST_LINES:
        return [panel]
    styles = dict.fromkeys(_style(study, model) for model in models)
    return [panel._replace(style=style) for style in styles]


def _style(study: Study, model: str) -> str:
    style, engine = study.parts(model)
    return (style or model) if engine else _KERNEL


def grid_for(study: Study, panels: Sequence[Panel]) -> Grid:
    """One panel per row, tall enough for a name per line."""
    most = max(len(models_of(study, panel)) for panel in panels)
    least = _PART if all(panel.style for panel in panels) else _WHOLE
    height = max(least, 0.18 * most + 0.3)
    return Grid(columns=1, height=height, left=0.95, right=_LABEL_WIDTH, below=0.68)


def models_of(study: Study, panel: Panel) -> list[str]:
    """Models that a panel is about, with results in any of its cells, in display order."""
    present = {model for cell in panel.cells for model in study.models_in(cell.number)}
    return [
        model
        for model in study.models
        if model in present and panel.style in ("", _style(study, model))
    ]


def others_of(study: Study, panel: Panel) -> list[str]:
    """Models with results in its cells that a panel is not about."""
    everybody = models_of(study, panel._replace(style=""))
    return [model for model in everybody if model not in models_of(study, panel)]


def name_ticks(axes: Axes, panel: Panel) -> None:
    """The x axis of a panel."""
    delays = {cell.axes["delay_us"] for cell in panel.cells}
    names = {
        panel.place(cell): f"{cell.axes[panel.axis] or 0:,}"
        + (f"\n{microseconds(cell.axes['delay_us'])}" if len(delays) > 1 else "")
        for cell in panel.cells
    }
    label = AXIS_LABELS[panel.axis] + (", and the delay of a reply" if len(delays) > 1 else "")
    count_axis(axes, names, label)


def tallest(study: Study, panel: Panel, metric: str) -> float:
    """The height a panel needs: for all intervals, unless they dwarf the means."""
    levels = [
        study.level(c.number, m, metric) for c in panel.cells for m in study.models_in(c.number)
    ]
    means = [level.mean for level in levels if level.mean > 0]
    bounds = [level.high for level in levels if level.high > 0]
    return min(max([*means, *bounds], default=1.0), _TALLEST * max(means, default=1.0))


def cut_sentence(study: Study, panels: Sequence[Panel], metric: str) -> str:
    """A sentence if some interval is longer than its panel is high."""
    cut = any(
        study.level(cell.number, model, metric).high > tallest(study, panel, metric) * _HEADROOM
        for panel in panels
        for cell in panel.cells
        for model in study.models_in(cell.number)
    )
    return "Bars that meet the edge of a panel go on beyond it." if cut else ""


def headroom(top: float) -> tuple[float, float]:
    """Limits of a y axis from zero to somewhat above `top`."""
    return 0.0, top * _HEADROOM


def draw_lines(
    axes: Axes,
    study: Study,
    panel: Panel,
    metric: str,
    hollow: Callable[[int, str], bool],
    others: Sequence[End] = (),
) -> None:
    """One line per model: means over invocations, with intervals, named at its right end.

    Points are moved aside a little, so that intervals stay apart. `hollow(cell, model)` says which
    points are drawn hollow; `others` are lines drawn already, to be named too.
    """
    behind = [_points(study, panel, model, metric) for model in others_of(study, panel)]
    draw_behind(axes, [[(point.x, point.level.mean) for point in line] for line in behind])
    models = models_of(study, panel)
    ends, marks, bars = [*others], [], []
    for place, model in enumerate(models):
        aside = 2 ** (0.16 * ((place + 0.5) / len(models) - 0.5))
        points = _points(study, panel, model, metric, aside)
        if not points:
            continue
        look = study.appearance(model)
        x, y = [point.x for point in points], [point.level.mean for point in points]
        axes.plot(x, y, color=look.colour, linestyle=look.line, zorder=3)
        hollows = [hollow(point.cell, model) for point in points]
        marks += [
            Mark(across, up, look.colour, look.marker, is_open)
            for across, up, is_open in zip(x, y, hollows)
        ]
        bars += [(point, look.colour) for point in points if np.isfinite(point.level.low)]
        ends.append(End(x[-1], y[-1], line_name(study, panel, model), look, hollows[-1]))
    _intervals(axes, bars)
    draw_marks(axes, marks, _MARK, clipped=True)
    label_ends(axes, ends)


class _Point(NamedTuple):
    """Where on the axis, how high, and in which cell."""

    x: float
    level: Interval
    cell: int


def _points(
    study: Study, panel: Panel, model: str, metric: str, aside: float = 1.0
) -> list[_Point]:
    """The points of a model's line that have a mean, moved aside by a factor."""
    points = [
        _Point(panel.place(cell) * aside, study.level(cell.number, model, metric), cell.number)
        for cell in panel.cells
    ]
    return [point for point in points if np.isfinite(point.level.mean)]


def draw_behind(axes: Axes, lines: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Lines that a panel is not about: grey, and without names."""
    axes.add_collection(LineCollection(lines, colors=RULE, linewidths=1.0, zorder=BEHIND))


def _intervals(axes: Axes, bars: Sequence[tuple[_Point, str]]) -> None:
    """Those of points, in the colours of their models."""
    low, high = ([getattr(point.level, end) for point, _ in bars] for end in ("low", "high"))
    colours = [colour for _, colour in bars]
    axes.vlines([point.x for point, _ in bars], low, high, colours, linewidths=1.1, zorder=3)


def line_name(study: Study, panel: Panel, model: str) -> str:
    """The model, and how many it holds in flight where that is less than asked for."""
    present = [cell.number for cell in panel.cells if model in study.models_in(cell.number)]
    if all(study.carries_load(cell, model) for cell in present):
        return model
    capacity = max(study.entries(cell, model)["max_in_flight"].max() for cell in present)
    return f"{model} ({capacity:,.0f} in flight)"

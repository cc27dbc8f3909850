"""The micro families on logarithmic axes, a row each: what a switch costs, from nanoseconds to
microseconds, and what a task costs to make and to keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots import words
from plots.charts import captions
from plots.charts.canvas import Chart, Grid, key, paper
from plots.charts.dots import height_for
from plots.charts.labels import log_ticks, margin_for, rows_for
from plots.operations import BYTES, operations
from plots.study import Study
from plots.style import INK, look_of

SWITCH_TITLE, TASK_TITLE = "What a switch costs by itself", "What a task costs to make and to keep"
_CONTEXTS = 2
_FILLED = {"marker": "o"}
_HOLLOW = {"marker": "o", "markerfacecolor": "white", "markeredgewidth": 1.2}


class _Panel(NamedTuple):
    """A title, the operations to draw, how their values read, and the base of the axis."""

    title: str
    found: pd.DataFrame
    word: Callable[[float], str]
    base: int = 10


def draw_switches(study: Study) -> Chart | None:
    """The ladder of switches between two contexts that touch no memory, or None without any."""
    found = operations(study.results, "switch")
    found = found[found["role"] != "no-op"]
    alone = found["contexts"].isna()
    ring = (found["contexts"] == _CONTEXTS) & (found["working_set_bytes"] == 0)
    panel = _Panel(f"{_CONTEXTS} contexts, no memory touched", found[alone | ring], _time)
    caption = (
        "One operation passes control on once, whether through a driver or directly; a round trip "
        "is two."
    )
    return _draw(study, "ladder", SWITCH_TITLE, "time of one operation", [panel], caption)


def draw_tasks(study: Study) -> Chart | None:
    """What a task costs to start and end, and what it takes while it sleeps, or None."""
    spawned = operations(study.results, "spawn")
    kept = operations(study.results, "spawn", BYTES)
    panels = [
        _Panel("made, run and dropped, one at a time", spawned[spawned["tasks"].isna()], _time),
        _Panel("memory of each of very many that sleep", kept, _size, 16),
    ]
    counts = [f"{row.model} {int(row.tasks):,}" for row in kept.itertuples()]
    caption = f"Asleep at once: {words.listing(counts)}." if counts else ""
    return _draw(study, "tasks", TASK_TITLE, "of one task", panels, caption)


def _draw(
    study: Study, name: str, title: str, what: str, panels: list[_Panel], said: str
) -> Chart | None:
    panels = [panel for panel in panels if (panel.found["middle"] > 0).any()]
    if not panels:
        return None
    everything = pd.concat([panel.found for panel in panels])
    drawn = everything[everything["middle"] > 0]
    rows = list(dict.fromkeys(drawn["label"]))
    grid = Grid(len(panels), height_for(rows), labels=margin_for(rows), right=0.8)
    with paper():
        subtitle = f"{what}, median over rounds, on a logarithmic axis; lower is better"
        figure, axes = grid.place([panel.title for panel in panels], title, subtitle)
        if (drawn["role"] == "reference").any():
            key(figure, {"model": _FILLED, "reference": _HOLLOW})
        for place, (one, panel) in enumerate(zip(axes, panels)):
            rows_for(one, rows, place == 0)
            _dots(one, panel, rows)
    lost = everything[everything["middle"] <= 0]["label"]
    cut = (drawn["low"] <= 0).any()
    caption = captions.caption(
        said,
        "Bars span the middle half of the rounds. The empty loop is subtracted, round by round.",
        "Bars that meet the left edge go down to nothing." if cut else "",
        f"Too little to tell from the empty loop: {words.listing(list(lost))}." * bool(len(lost)),
        f"n = {words.count_range(everything['rounds'])} rounds, each a process of its own.",
    )
    return Chart(name, title, caption, figure)


def _dots(axes: Axes, panel: _Panel, rows: list[str]) -> None:
    found = panel.found[panel.found["middle"] > 0]
    low, high = found["middle"].min() / 2, max(found["high"].max(), found["middle"].max()) * 2
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(low, high, panel.base)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: panel.word(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x")
    for row in found.itertuples():
        _dot(axes, row, rows.index(row.label), panel.word(row.middle))


def _dot(axes: Axes, operation, row: int, text: str) -> None:
    colour = look_of(operation.model, operation.style, operation.engine).colour
    ends = [max(operation.low, axes.get_xlim()[0]), operation.high]
    axes.plot(ends, [row, row], color=colour, linewidth=1.8, solid_capstyle="butt", zorder=3)
    fill = _HOLLOW if operation.role == "reference" else _FILLED
    axes.plot([operation.middle], [row], color=colour, linestyle="none", zorder=4, **fill)
    axes.annotate(
        text,
        (1, row),
        xycoords=axes.get_yaxis_transform(),
        xytext=(52, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        size=8.5,
        color=INK,
    )


def _time(nanoseconds: float) -> str:
    return words.microseconds(nanoseconds / 1000)


def _size(size: float) -> str:
    """Bytes in the unit that suits them: 64 B, 4.17 KiB, 135 KiB."""
    return f"{size:.0f} B" if size < 1024 else f"{words.significant(size / 1024)} KiB"

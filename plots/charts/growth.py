"""How the micro families grow: a value's way up through nested helpers, against their depth, and
waking up, against the descriptors watched."""

from __future__ import annotations

from itertools import groupby

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from plots import words
from plots.charts import captions
from plots.charts.canvas import Chart, Grid, paper
from plots.charts.labels import End, count_axis, label_ends, log_ticks, plain_ticks
from plots.operations import operations, refused
from plots.study import Study
from plots.style import look_of

DEPTH_TITLE, WAKE_TITLE = "What nested helper calls cost", "What it costs to be woken up"
_GRID = Grid(columns=1, height=2.5, left=0.95, right=1.9, below=0.68)


def draw_depth(study: Study) -> Chart | None:
    """Time of one resumption through nested calls against their depth, or None without any."""
    found = operations(study.results, "delegate")
    panels = {"one value, from the innermost call to the outermost caller": found}
    return _draw("depth", DEPTH_TITLE, panels, "depth", "nested calls")


def draw_wake(study: Study) -> Chart | None:
    """Time of one wake-up against the descriptors watched, or None without any."""
    found = operations(study.results, "wake")
    found = found[found["watched"].notna() & (found["watched"] > 0)]
    one = found["ready"] == 1
    panels = {"one of those watched is ready": found[one], "a tenth are ready": found[~one]}
    said = _refusals(study)
    return _draw("wake", WAKE_TITLE, panels, "watched", "descriptors watched", said)


def _draw(
    name: str,
    title: str,
    panels: dict[str, pd.DataFrame],
    axis: str,
    label: str,
    said: str = "",
) -> Chart | None:
    panels = {title_: found[found["middle"] > 0] for title_, found in panels.items()}
    panels = {title_: found for title_, found in panels.items() if len(found)}
    if not panels:
        return None
    with paper():
        subtitle = "time of one operation, median over rounds; logarithmic axes; lower is better"
        figure, axes = _GRID.place(list(panels), title, subtitle)
        for one, found in zip(axes, panels.values()):
            _panel(one, found, axis, label)
    rounds = pd.concat(panels.values())["rounds"]
    caption = captions.caption(
        *(_growth(found, axis, label) for found in list(panels.values())[:1]),
        said,
        "Bars span the middle half of the rounds. The empty loop is subtracted, round by round.",
        f"n = {words.count_range(rounds)} rounds, each a process of its own.",
    )
    return Chart(name, title, caption, figure)


def _panel(axes: Axes, found: pd.DataFrame, axis: str, label: str) -> None:
    counts = sorted({int(value) for value in found[axis]})
    count_axis(axes, {float(count): f"{count:,}" for count in counts}, label)
    axes.set_yscale("log")
    axes.set_ylabel("ns per operation")
    low, high = found["middle"].min() / 1.6, found["high"].max() * 1.6
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axes.yaxis.set_minor_locator(NullLocator())
    plain_ticks(axes.yaxis)
    axes.grid(axis="y")
    ends = []
    for model, rows in found.groupby("model", sort=False):
        rows = rows.sort_values(axis)
        look = look_of(model, rows["style"].iloc[0], rows["engine"].iloc[0])
        line = {"color": look.colour, "linestyle": look.line, "marker": look.marker}
        axes.plot(rows[axis], rows["middle"], zorder=3, **line)
        axes.vlines(rows[axis], rows["low"], rows["high"], color=look.colour, linewidth=1.1)
        ends.append(End(rows[axis].iloc[-1], rows["middle"].iloc[-1], model, look))
    label_ends(axes, ends)


def _growth(found: pd.DataFrame, axis: str, label: str) -> str:
    """How the most compares with the fewest, model by model."""
    parts = []
    for model, rows in found.groupby("model", sort=False):
        rows = rows.sort_values(axis)
        if len(rows) > 1:
            ratio = words.times(rows["middle"].iloc[-1] / rows["middle"].iloc[0])
            last = int(rows[axis].iloc[-1])
            short = "" if last == found[axis].max() else f" (at {last:,})"
            parts.append(f"{model} {ratio}{short}")
    if not parts:
        return ""
    ends = (int(found[axis].max()), int(found[axis].min()))
    return f"With {ends[0]:,} {label}, over {ends[1]:,}: {'; '.join(parts)}."


def _refusals(study: Study) -> str:
    """Who could not watch so many, and the reason."""
    lost = refused(study.results, "wake")
    rows = sorted({(row.reason, row.model, int(row.watched)) for row in lost.itertuples()})
    said = []
    for (reason, model), group in groupby(rows, key=lambda row: row[:2]):
        said.append(f"{model} at {words.listing([f'{row[2]:,}' for row in group])}: {reason}")
    return f"Not measured: {'; '.join(said)}." if said else ""

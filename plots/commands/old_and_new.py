"""Two runs over each other: what each model measured in the old one and in the new one, cell by
cell. It belongs to `waitbench compare`, and is on no page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from plots.analysis.appearance import HOLLOW, INK, MUTED
from plots.analysis.changes import Change
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, key, paper
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.rows import number_beside, place_rows
from plots.text.format import times

NAME, TITLE = "old-and-new", "Old run and new run"
_OLD, _NEW = -0.16, 0.16  # places beside the middle of a row
_NUMBER_WIDTH = 0.72  # inches right of a panel


def draw_old_and_new(old: Study, new: Study, changes: Sequence[Change]) -> Chart | None:
    """The chart of what plots.analysis.changes found, or None where that is nothing."""
    if not changes:
        return None
    present = {model for change in changes for model in change.comparisons["model"]}
    names = [model for model in new.models if model in present]
    cells = [change.cell for change in changes]
    with paper():
        subtitle = "client CPU per query in µs, or queries per second; mean over invocations"
        figure, panels = place_rows(cells, names, TITLE, subtitle, right=_NUMBER_WIDTH)
        key(figure, {"old": {"marker": "o", **HOLLOW}, "new": {"marker": "o"}})
        for change, (axes, _) in zip(changes, panels):
            _panel(axes, old, new, change, names)
    caption = captions.caption(
        "Hollow: old; filled: new. What the machine did between the runs is in these levels. "
        "Numbers are the ratios new over old of what each model costs relative to a reference "
        "within the rounds of its run, from which that cancels; bold where the test finds a "
        "change.",
        captions.intervals(new, cells),
        captions.n_of(new, cells),
    )
    return Chart(NAME, TITLE, caption, figure)


def levels(old: Study, new: Study, change: Change, model: str) -> tuple[Interval, Interval]:
    """What the two runs measured of a model."""
    return (
        old.level(change.before.number, model, change.metric),
        new.level(change.cell.number, model, change.metric),
    )


def _panel(axes: Axes, old: Study, new: Study, change: Change, names: Sequence[str]) -> None:
    title = axes.get_title(loc="left")
    what = "µs" if change.metric == CPU else "queries/s"
    axes.set_title(f"{title} ({what})", loc="left", size=9, weight="bold", pad=6)
    highest = 0.0
    for row in change.comparisons.itertuples():
        place, look = names.index(row.model), new.appearance(row.model)
        both = levels(old, new, change, row.model)
        for level, aside, fill in zip(both, (_OLD, _NEW), (HOLLOW, {})):
            where = [place + aside] * 2
            if np.isfinite(level.low):
                axes.plot([level.low, level.high], where, color=look.colour, linewidth=1.4)
            mark: dict[str, Any] = {"marker": look.marker, "color": look.colour, "markersize": 4.2}
            axes.plot([level.mean], where[:1], linestyle="none", zorder=4, **mark, **fill)
            highest = np.nanmax([highest, level.mean, level.high])
        changed = row.verdict.startswith(("slower", "faster"))
        emphasis = {"weight": "bold", "color": INK} if changed else {"color": MUTED}
        number_beside(axes, place, times(row.ratio), 46, **emphasis)
    axes.set_xlim(0, 1.06 * highest or 1)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")

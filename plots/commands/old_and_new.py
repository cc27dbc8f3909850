"""Two runs over each other: what each model measured in the old one and in the new one, cell by
cell. It belongs to `waitbench compare`, and is on no page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from plots.analysis.appearance import HOLLOW, INK, MUTED
from plots.analysis.changes import Change
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, key, paper, stack
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.marks import Dot, draw_dots
from plots.charts.drawing.rows import Rows, number_beside
from plots.data.cell_names import short_names
from plots.text.format import times

NAME, TITLE = "old-and-new", "Old run and new run"
_OLD, _NEW = -0.16, 0.16  # places beside the middle of a row
_NUMBER_WIDTH = 0.72  # inches right of a panel


def draw_old_and_new(old: Study, new: Study, changes: Sequence[Change]) -> Chart | None:
    """The chart of what plots.analysis.changes found, or None where that is nothing."""
    if not changes:
        return None
    shown = drawn_of(changes)
    cells = [change.cell for change in shown]
    titles = {
        change.cell.number: f"{name} ({'µs' if change.metric == CPU else 'queries/s'})"
        for change, name in zip(shown, short_names(cells).values())
    }
    blocks = _blocks(new, shown)
    with paper():
        subtitle = "client CPU per query in µs, or queries per second; mean over invocations"
        figure, placed = stack([rows.block(titles) for rows in blocks], TITLE, subtitle)
        key(figure, {"old": {"marker": "o", **HOLLOW}, "new": {"marker": "o"}})
        by_cell = {change.cell.number: change for change in shown}
        for rows, panels in zip(blocks, placed):
            for axes, cell in rows.written(panels):
                _panel(axes, old, new, by_cell[cell.number], rows.names)
    caption = captions.caption(
        "Hollow: old; filled: new. What the machine did between the runs is in these levels. "
        "Numbers are the ratios new over old of what each model costs relative to a reference "
        "within the rounds of its run, from which that cancels; bold where the test finds a "
        "change.",
        crowd_sentence(changes),
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


def _blocks(new: Study, changes: Sequence[Change]) -> list[Rows]:
    """Panels with the same rows: of cells that ask the same, since other cells have others."""
    alike: dict[str, list[Change]] = {}
    for change in changes:
        alike.setdefault(change.cell.question, []).append(change)
    blocks = []
    for group in alike.values():
        present = {model for change in group for model in change.comparisons["model"]}
        names = [model for model in new.models if model in present]
        blocks.append(Rows([change.cell for change in group], names, right=_NUMBER_WIDTH))
    return blocks


def _panel(axes: Axes, old: Study, new: Study, change: Change, names: Sequence[str]) -> None:
    dots = []
    for row in change.comparisons.itertuples():
        place, look = names.index(row.model), new.appearance(row.model)
        for level, aside, hollow in zip(
            levels(old, new, change, row.model), (_OLD, _NEW), (True, False)
        ):
            if np.isfinite(level.mean):
                dots.append(Dot(place + aside, *level[:3], look, hollow))
        changed = row.verdict.startswith(("slower", "faster"))
        emphasis = {"weight": "bold", "color": INK} if changed else {"color": MUTED}
        number_beside(axes, place, times(row.ratio), 46, **emphasis)
    draw_dots(axes, dots, linewidth=1.4, size=4.2)
    highest = max((end for dot in dots for end in (dot.value, dot.high) if end > 0), default=1.0)
    axes.set_xlim(0, 1.06 * highest)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    plain_ticks(axes.xaxis)
    axes.grid(axis="x")

"""The same suite on several machines: for each cell a panel for each machine, with its own ratios.
Many machines share a panel, in which the row of each model shows how far they reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from plots.analysis.appearance import Appearance
from plots.analysis.machines import CellKey, CellOfRun, MachineRun, extent_over
from plots.analysis.stats import AaSpread
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, paper, stack
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.dots import draw_comparisons, ratio_axis, ratio_limits
from plots.charts.drawing.marks import SMALL, Mark, draw_marks, spans
from plots.charts.drawing.rows import height_for, margin_for, number_beside, rows_for
from plots.text.format import count_range, plural, times

TITLE = "The same suite on each machine"
MOST_PANELS = 6  # runs that have panels of their own
_NUMBER_WIDTH = 0.62  # inches right of a panel
_COLUMNS = 3


@dataclass(frozen=True)
class _Block:
    """One cell over the runs that have it."""

    runs: Sequence[MachineRun]
    key: CellKey

    @property
    def cells(self) -> list[CellOfRun]:
        return [run.cells[self.key] for run in self.runs]

    @property
    def apart(self) -> bool:
        """Whether each run has a panel of its own."""
        return len(self.runs) <= MOST_PANELS

    def models(self) -> list[str]:
        return [*dict.fromkeys(ratio.model for cell in self.cells for ratio in cell.ratios)]

    def titles(self) -> list[str]:
        first = self.cells[0]
        measure = "CPU per query" if first.metric == CPU else "queries per second"
        if not self.apart:
            return [f"{first.title} ({measure})"]
        return [
            f"{run.name}: {', '.join(filter(None, (cell.title, cell.loads)))} ({measure})"
            for run, cell in zip(self.runs, self.cells)
        ]

    def grid(self) -> Grid:
        names, columns = self.models(), min(len(self.titles()), _COLUMNS)
        margin = margin_for(names)
        return Grid(columns, height_for(names), labels=margin, right=_NUMBER_WIDTH)


def draw(runs: Sequence[MachineRun]) -> Chart | None:
    """The chart, or None where no run has a ratio."""
    found = _blocks(runs)
    blocks = drawn_of(found)
    if not blocks:
        return None
    with paper():
        subtitle = (
            f"relative to {runs[0].baseline} within the same rounds of one machine; axis "
            "stretched at 1"
        )
        placed = [(block.grid(), block.titles()) for block in blocks]
        figure, panels = stack(placed, TITLE, subtitle)
        limits = _limits(blocks)
        for block, axes in zip(blocks, panels):
            _draw_block(block, axes, limits)
    return Chart("machines", TITLE, _caption(runs, found), figure)


def _blocks(runs: Sequence[MachineRun]) -> list[_Block]:
    keys = sorted({key for run in runs for key, cell in run.cells.items() if cell.ratios})
    having = ([run for run in runs if key in run.cells and run.cells[key].ratios] for key in keys)
    return [_Block(some, key) for some, key in zip(having, keys)]


def _limits(blocks: Iterable[_Block]) -> tuple[float, float]:
    cells = [cell for block in blocks for cell in block.cells]
    ratios = [end for c in cells for r in c.ratios for end in (r.ratio, r.low, r.high)]
    return ratio_limits(ratios, (cell.band for cell in cells))


def _draw_block(block: _Block, panels: Sequence[Axes], limits: tuple[float, float]) -> None:
    names = block.models()
    for place, axes in enumerate(panels):
        rows_for(axes, names, place % min(len(panels), _COLUMNS) == 0)
        ratio_axis(axes, limits, _band(block, place))
        if block.apart:
            run = block.runs[place]
            draw_comparisons(axes, names, run.cells[block.key].ratios, run.looks.__getitem__)
        else:
            _draw_extents(axes, block, names)


def _band(block: _Block, place: int) -> AaSpread | None:
    """The A/A figure of a panel, if it is of one run."""
    return block.cells[place].band if block.apart else None


def _draw_extents(axes: Axes, block: _Block, names: Sequence[str]) -> None:
    """All runs together: a thin line as far as they reach, a thick one for their middle half, and a
    mark at the median, which is the number, too."""
    looks: dict[str, Appearance] = {}
    for run in block.runs:
        looks |= run.looks
    thin, thick, marks = [], [], []
    for row, model in enumerate(names):
        ratios = [ratio for cell in block.cells for ratio in cell.ratios if ratio.model == model]
        reach, look = extent_over(ratios), looks[model]
        thin.append((reach.lowest, reach.highest, row, look.colour))
        thick.append((reach.low, reach.high, row, look.colour))
        marks.append(Mark(reach.middle, row, look.colour, look.marker))
        number_beside(axes, row, times(reach.middle), 40)
    spans(axes, thin, 0.9)
    spans(axes, thick, 3.0)
    draw_marks(axes, marks, SMALL)


def _caption(runs: Sequence[MachineRun], blocks: Sequence[_Block]) -> str:
    machines = plural(len({run.machine for run in runs}), "machine")
    apart = any(block.apart for block in blocks)
    together = not all(block.apart for block in blocks)
    return captions.caption(
        f"Each ratio is within one run: turns of different machines are never pooled. {machines}, "
        f"{plural(len(runs), 'run')}.",
        "Bars are 95% intervals over the invocations of that run; shaded: how far one model "
        "differs from itself there. Bold numbers: different from 1 after Holm's adjustment. Hollow "
        "where not ranked."
        if apart
        else "",
        f"Where more than {MOST_PANELS} runs have a cell, they share a panel: a thin line from the "
        "lowest of their ratios to the highest, a thick one for the middle half, and the median."
        if together
        else "",
        "Of CPU per query left of 1 is better, of queries per second right of 1.",
        crowd_sentence(blocks),
        f"n = {count_range(len(block.runs) for block in blocks)} runs with a cell.",
    )

"""Levels of a metric: lines against the number in flight for cells that differ in nothing else, and
a row for each model, with the number, for cells that stand alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from plots.analysis.study import Study
from plots.charts.drawing.canvas import stack
from plots.charts.drawing.labels import plain_ticks
from plots.charts.drawing.lines import (
    Panel,
    behind_sentence,
    grid_for,
    headroom,
    panels_of,
    split_by_style,
    tallest,
)
from plots.charts.drawing.marks import Dot, draw_dots
from plots.charts.drawing.rows import Rows, number_beside
from plots.data.cell_names import short_names
from plots.data.cells import Cell
from plots.text.format import significant

_NUMBER_WIDTH = 0.85  # inches right of a panel


@dataclass(frozen=True)
class Levels:
    """What is drawn of cells: `draw_line` draws a panel of lines, `hollow(cell, model)` says which
    points are drawn hollow."""

    study: Study
    cells: Sequence[Cell]
    metric: str
    draw_line: Callable[[Axes, Study, Panel], None]
    hollow: Callable[[int, str], bool]

    @property
    def panels(self) -> list[Panel]:
        """Cells by the panel that holds them."""
        return panels_of(self.cells)

    def behind_sentence(self) -> str:
        """What the grey lines are, where there are any."""
        return behind_sentence(self.study, self._of_several())

    def draw(self, title: str, subtitle: str) -> tuple[Figure, list[tuple[Axes, Cell]]]:
        """The figure, and its panels of rows with their cells."""
        parts = split_by_style(self.study, self._of_several())
        rows = self._rows()
        blocks = [(grid_for(self.study, parts), [part.title() for part in parts])] if parts else []
        blocks += [rows.block(short_names(rows.cells))] if rows.cells else []
        figure, placed = stack(blocks, title, subtitle)
        if parts:
            for axes, panel in zip(placed[0], parts):
                self.draw_line(axes, self.study, panel)
        alone = rows.written(placed[-1]) if rows.cells else []
        for axes, cell in alone:
            self._row_panel(axes, cell, rows.names)
        return figure, alone

    def _of_several(self) -> list[Panel]:
        return [panel for panel in self.panels if len(panel.cells) > 1]

    def _rows(self) -> Rows:
        cells = [panel.cells[0] for panel in self.panels if len(panel.cells) == 1]
        present = {model for cell in cells for model in self.study.models_in(cell.number)}
        names = [model for model in self.study.models if model in present]
        return Rows(cells, names, right=_NUMBER_WIDTH)

    def _row_panel(self, axes: Axes, cell: Cell, names: Sequence[str]) -> None:
        study = self.study
        axes.set_xlim(*headroom(tallest(study, Panel("in_flight", [cell]), self.metric)))
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        plain_ticks(axes.xaxis)
        axes.grid(axis="x")
        hollow = self.hollow
        dots = [
            Dot(names.index(model), *level[:3], study.appearance(model), hollow(cell.number, model))
            for model in study.models_in(cell.number)
            if np.isfinite((level := study.level(cell.number, model, self.metric)).mean)
        ]
        draw_dots(axes, dots)
        for dot in dots:
            number_beside(axes, int(dot.row), significant(dot.value), 52)

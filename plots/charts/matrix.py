"""The matrix of styles and engines: the cost of each pair and, where the effects of rows and
columns add up, the effect of each style and each engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from plots.analysis.appearance import INK, MUTED
from plots.analysis.factorial import Factorial
from plots.analysis.phrases import entries_phrase
from plots.analysis.stats import ERROR_RATE, Interval
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, Grid, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.data.cell_names import short_names
from plots.data.cells import Cell
from plots.text.format import percent, significant, span, times

TITLE = "What a style costs, and what an engine"
_ROW = 0.36  # inches
_STRONGEST = 0.38  # of a shade, which is ink that lets the paper through, under a number in ink
_NARROWEST = 0.2  # log range of the shades, so that small differences do not look large


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell has a whole matrix whose models are all ranked."""
    found = [cell for cell in study.matrix_cells() if study.matrix_ranked(cell.number)]
    cells = drawn_of(found)
    if not cells:
        return None
    most = max(len(study.matrix(cell.number).styles) for cell in cells)
    grid = Grid(columns=1, height=_ROW * most, left=0.95, right=1.75, below=0.75)
    names = short_names(cells)
    with paper():
        figure, panels = grid.place(
            [names[cell.number] for cell in cells],
            TITLE,
            "µs of client CPU per query, mean over invocations; a stronger shade: more expensive",
        )
        for axes, cell in zip(panels, cells):
            _panel(axes, study, cell)
    entries = study.entries_of(cells)
    in_matrix = entries[entries["style"].notna() & entries["engine"].notna()]
    caption = captions.caption(
        *(reading(study, cell, names[cell.number]) for cell in cells),
        crowd_sentence(found),
        "An effect is a ratio, with its 95% interval over invocations, from log(cost) = style + "
        "engine + round.",
        f"n = {entries_phrase(in_matrix)}.",
    )
    return Chart("matrix", TITLE, caption, figure)


def reading(study: Study, cell: Cell, name: str) -> str:
    """Whether style and engine may be read one by one in a cell, as a sentence."""
    fit = study.matrix(cell.number)
    largest = percent(np.exp(fit.largest) - 1)
    if not np.isfinite(fit.p_value):
        return f"{name}: one invocation only, so whether effects add up is unknown."
    test = (
        f"F({fit.degrees[0]}, {fit.degrees[1]}) = {significant(fit.f, 2)}, "
        f"p = {significant(fit.p_value, 2)}"
    )
    if fit.p_value >= ERROR_RATE:
        why = f"the test finds no interaction of style and engine ({test}; at most {largest})"
    elif study.additive(cell.number):
        why = f"the interaction of style and engine ({test}) is within the A/A band ({largest})"
    else:
        pair = "-".join(fit.model)
        return (
            f"{name}: effects do not add up ({test}; {pair} is {largest} off their sum), so only "
            "the costs themselves can be read."
        )
    return f"{name}: effects may be read one by one, since {why}."


def _panel(axes: Axes, study: Study, cell: Cell) -> None:
    fit = study.matrix(cell.number)
    models = {study.parts(model): model for model in study.models_in(cell.number)}
    styles, engines = _in_order(models, 0, fit.styles), _in_order(models, 1, fit.engines)
    costs = np.array(
        [
            [study.level(cell.number, models[style, engine], CPU).mean for engine in engines]
            for style in styles
        ]
    )
    _cells(axes, costs)
    effects = fit if study.additive(cell.number) else None
    axes.set_xticks(range(len(engines)), [_engine_label(effects, engine) for engine in engines])
    axes.set_yticks(range(len(styles)), styles)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if not effects:
        _beside(axes, (len(styles) - 1) / 2, "effects do not add up")
        return
    for row, style in enumerate(styles):
        _beside(axes, row, _effect(effects.styles, style, ", "))


def _in_order(models: dict[Any, str], part: int, wanted: dict[str, Interval]) -> list[str]:
    """Styles (part 0) or engines (1) in the order in which the models of the cell stand."""
    return [name for name in dict.fromkeys(parts[part] for parts in models) if name in wanted]


def _cells(axes: Axes, costs: np.ndarray) -> None:
    """Shaded squares with their numbers."""
    logs = np.log(costs)
    low, high = logs.min(), max(logs.max(), logs.min() + _NARROWEST)
    axes.set_xlim(-0.5, costs.shape[1] - 0.5)
    axes.set_ylim(costs.shape[0] - 0.5, -0.5)
    for (row, column), cost in np.ndenumerate(costs):
        strength = _STRONGEST * (logs[row, column] - low) / (high - low)
        place = (column - 0.49, row - 0.47)
        shade = {"facecolor": INK, "alpha": float(strength), "linewidth": 0}
        axes.add_patch(Rectangle(place, 0.98, 0.94, **shade))
        text = significant(cost)
        axes.text(column, row, text, ha="center", va="center", size=9, color=INK)


def _engine_label(fit: Factorial | None, engine: str) -> str:
    return f"{engine}\n{_effect(fit.engines, engine, chr(10))}" if fit else engine


def _effect(effects: dict[str, Interval], name: str, between: str) -> str:
    """1.54×, 1.46–1.61; the base is 1."""
    if name == next(iter(effects)):
        return "1"
    effect = effects[name]
    return f"{times(effect.mean)}{between}{span(effect.low, effect.high)}"


def _beside(axes: Axes, row: float, text: str) -> None:
    axes.annotate(
        text,
        (1, row),
        xycoords=axes.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        size=8.5,
        color=MUTED,
    )

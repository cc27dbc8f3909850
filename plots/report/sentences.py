"""The answer in three sentences that a person would say: the style, the engine, and what is left to
the kernel. Each is made of the effects and ratios of the cells that rank cost; one that the files
do not hold is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from plots.analysis.phrases import aa_limit
from plots.analysis.stats import SMALL, Interval
from plots.analysis.study import Study
from plots.data.cell_names import short_names
from plots.data.cells import COST, Cell
from plots.text.format import extent, listing, percent, plural_of, times

_MOST_CELLS = 3  # that one sentence names
_NONE = "makes no difference that shows"


def sentences(study: Study) -> list[str]:
    """At most three."""
    cells = [cell for cell in study.matrix_cells() if _told(study, cell)]
    found = [_styles(study, cells), _engines(study, cells), _kernel(study)]
    return [text for text in found if text]


def _told(study: Study, cell: Cell) -> bool:
    """Whether effects of a cell may be spoken of: ranked, with intervals, and they add up."""
    return (
        cell.question == COST
        and study.ranks(cell.number)
        and study.matrix_ranked(cell.number)
        and study.matrix(cell.number).invocations > 1
        and study.additive(cell.number)
    )


def _shows(study: Study, cell: Cell, effect: Interval) -> bool:
    """Whether an effect is one to speak of: its interval excludes 1, and it is not small, and more
    than what one model differs from itself."""
    spread = study.aa(cell.number)
    least = max(float(np.log1p(SMALL)), spread.limit if spread else 0.0)
    beyond = abs(np.log(effect.mean)) > least
    return bool(beyond and (effect.low > 1 or effect.high < 1))


def _styles(study: Study, cells: Sequence[Cell]) -> str:
    if not cells:
        return ""
    base, *names = study.matrix(cells[0].number).styles
    choice = listing([plural_of(name) for name in (base, *names)])
    shown = [name for name in names if any(_shows(study, c, _style(study, c, name)) for c in cells)]
    if not shown:
        largest = max(
            abs(np.log(_style(study, cell, name).mean)) for cell in cells for name in names
        )
        return (
            f"On this machine the choice between {choice} {_NONE}: at most "
            f"{percent(float(np.exp(largest)) - 1)} over {_cells(cells)}{_itself(study)}."
        )
    parts = []
    for name in shown:
        ratios = [_style(study, cell, name).mean for cell in cells]
        parts.append(f"{plural_of(name)} cost {extent(times(min(ratios)), times(max(ratios)))}")
    rest = [plural_of(name) for name in names if name not in shown]
    tail = f"; of {listing(rest)} no difference shows" if rest else ""
    return (
        f"On this machine {listing(parts)} what {plural_of(base)} do, over {_cells(cells)}{tail}."
    )


def _style(study: Study, cell: Cell, name: str) -> Interval:
    return study.matrix(cell.number).styles[name]


def _cells(cells: Sequence[Cell]) -> str:
    return "one cell" if len(cells) == 1 else f"{len(cells)} cells"


def _itself(study: Study) -> str:
    spread = study.aa(None)
    return f", and one model differs from itself by {aa_limit(spread)}" if spread else ""


def _engines(study: Study, cells: Sequence[Cell]) -> str:
    """At 8 in flight the choice of engine makes no difference that shows; at 64 select costs ..."""
    if not cells:
        return ""
    names = short_names(cells)
    base = next(iter(study.matrix(cells[0].number).engines))
    told = {cell.number: _engines_in(study, cell) for cell in cells}
    chosen = [cell for cell in cells if told[cell.number]]
    quiet = [names[cell.number] for cell in cells if not told[cell.number]]
    if not chosen:
        return f"Nor does the choice of engine show, over {_cells(cells)}."
    chosen.sort(key=lambda cell: _largest(told[cell.number]), reverse=True)
    parts = [f"at {names[c.number]} {_cost_words(told[c.number])}" for c in chosen[:_MOST_CELLS]]
    text = f"Of the engines, against {base}: {'; '.join(parts)}"
    if len(chosen) > _MOST_CELLS:
        text += f"; elsewhere ({len(chosen) - _MOST_CELLS} cells) less"
    return f"{text}; at {listing(quiet)} no difference shows." if quiet else f"{text}."


def _engines_in(study: Study, cell: Cell) -> dict[str, Interval]:
    _, *others = study.matrix(cell.number).engines.items()
    return {name: effect for name, effect in others if _shows(study, cell, effect)}


def _largest(effects: dict[str, Interval]) -> float:
    return max(abs(float(np.log(effect.mean))) for effect in effects.values())


def _cost_words(effects: dict[str, Interval]) -> str:
    """select costs 1.54x and poll 1.41x."""
    parts = [f"{name} {times(effect.mean)}" for name, effect in effects.items()]
    return f"{parts[0].replace(' ', ' costs ', 1)}{_rest(parts[1:])}"


def _rest(parts: Sequence[str]) -> str:
    return "".join(
        f"{' and' if part is parts[-1] else ','} {part}" for part in parts
    )


def _kernel(study: Study) -> str:
    """What is left to the kernel, in the cell of cost where most such models are ranked."""
    best: tuple[int, int, Cell] | None = None
    for cell in study.asking(COST):
        ranked = _kernels_models(study, cell)
        if ranked and (best is None or (len(ranked), cell.in_flight) > best[:2]):
            best = (len(ranked), cell.in_flight, cell)
    if best is None:
        return _range(study)
    cell = best[2]
    parts = [
        f"{row.model} costs {times(row.ratio)}" if not place else f"{row.model} {times(row.ratio)}"
        for place, row in enumerate(_kernels_models(study, cell))
    ]
    name = short_names(study.asking(COST))[cell.number]
    return f"What leaves the waiting to the kernel, against {study.baseline} at {name}: " + (
        f"{listing(parts)}."
    )


def _kernels_models(study: Study, cell: Cell) -> list:
    rows: Iterable = study.ratios(cell.number).itertuples()
    return [
        row
        for row in rows
        if row.ranked
        and row.invocations > 1
        and study.kind(row.model) is None
        and study.parts(row.model)[1] is None
    ]


def _range(study: Study) -> str:
    """Where none of these is ranked: how far apart the ranked are."""
    spans = []
    names = short_names(study.asking(COST))
    for cell in study.asking(COST):
        frame = study.ratios(cell.number)
        ranked = frame[frame["ranked"].astype(bool)]
        if len(ranked):
            spans.append((float(ranked["ratio"].max()), cell.number, ranked))
    if not spans:
        return ""
    most, number, ranked = max(spans, key=lambda found: found[0])
    model = ranked["model"].iloc[int(ranked["ratio"].to_numpy().argmax())]
    verdict = ranked["verdict"].iloc[int(ranked["ratio"].to_numpy().argmax())]
    if not verdict.startswith("slower"):
        return f"Nothing that is ranked costs clearly more than {study.baseline}."
    return f"The most expensive that is ranked is {model} at {names[number]}: {times(most)}."

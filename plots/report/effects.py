"""The effect of each style and each engine on the cost of a query, in sentences, where these
effects add up."""

from __future__ import annotations

from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.data.cell_names import short_names
from plots.report.answer import Answer
from plots.text.format import listing, span, times


def effects(study: Study) -> list[Answer]:
    """One sentence for each cell that has a whole matrix of styles and engines."""
    cells = study.matrix_cells()
    names = short_names(cells)
    found = []
    for cell in cells:
        if not study.matrix_ranked(cell.number):
            text = "unknown, since not all of the matrix is ranked."
        elif study.additive(cell.number):
            fit = study.matrix(cell.number)
            text = f"{_against_base(fit.styles)}; {_against_base(fit.engines)}."
        else:
            text = "the cost of an engine depends on the style, so neither has a cost of its own."
        found.append(Answer("Style and engine apart", f"{names[cell.number]}: {text}"))
    return found


def _against_base(terms: dict[str, Interval]) -> str:
    """against epoll, select costs 1.54× (1.46–1.61) and poll 1.53× (1.46–1.60)."""
    base, *others = terms
    parts = [
        f"{name} {times(terms[name].mean)} ({span(terms[name].low, terms[name].high)})"
        for name in others
    ]
    return f"against {base}, {listing(parts)}"

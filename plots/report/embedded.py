"""What the page's script shows: the rows of plots.analysis.wide, which the CSV holds too, and the
ratios of every model to every other, as JSON inside the page."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from plots.analysis.pairs import Pairs, pairs
from plots.analysis.study import METRIC_OF, Study
from plots.analysis.wide import MEASURES, author, wide_rows
from plots.analysis.within_rounds import CPU
from plots.data.cell_names import cell_phrase
from plots.data.cells import SWEEP, Cell
from plots.report.palette import variable
from plots.report.tables import ranks_what

_DIGITS = 4  # of an embedded ratio


def embedded(study: Study) -> str:
    """The JSON, in which nothing can end the element that it stands in; empty without rows."""
    rows = [row for row in wide_rows(study) if study.cells[row["cell"]].purpose != SWEEP]
    if not rows:
        return ""
    shown = list(dict.fromkeys(row["cell"] for row in rows))
    measures = [m for m in MEASURES if any(row[m.name] is not None for row in rows)]
    place = {model: number for number, model in enumerate(study.models)}
    verdicts: dict[str, int] = {}
    document = {
        "baseline": study.baseline,
        "models": [_model(study, model) for model in study.models],
        "cells": [_cell(study, study.cells[number], verdicts) for number in shown],
        "measures": [
            {
                "name": measure.name,
                "words": measure.words,
                "unit": measure.unit,
                "lower": measure.lower_is_better,
            }
            for measure in measures
        ],
        "rows": [
            [
                row["cell"],
                place[row["model"]],
                row["flags"],
                [_value(row, measure.name) for measure in measures],
            ]
            for row in rows
        ],
        "verdicts": list(verdicts),
    }
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _model(study: Study, model: str) -> dict[str, Any]:
    style, engine = study.parts(model)
    colour = variable(study.appearance(model).colour)
    names = {"name": model, "style": style, "engine": engine}
    return names | {"author": author(study, model), "colour": colour}


def _cell(study: Study, cell: Cell, verdicts: dict[str, int]) -> dict[str, Any]:
    name = f"{cell.purpose}: {cell_phrase(cell)}"
    found = pairs(study, cell.number)
    return {
        "number": cell.number,
        "key": "-".join("".join(c if c.isalnum() else " " for c in name).split()),
        "name": name,
        "ranks": ranks_what(study, cell),
        "measure": METRIC_OF.get(cell.question, CPU),
        "pairs": found and _pairs(found, verdicts),
    }


def _pairs(found: Pairs, verdicts: dict[str, int]) -> dict[str, Any]:
    return {
        "models": found.models,
        "ratio": _rounded(found.ratio),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
        "verdict": [
            [verdicts.setdefault(word, len(verdicts)) for word in row] for row in found.verdicts
        ],
    }


def _rounded(values: np.ndarray) -> list[list[float | None]]:
    return [
        [float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None for value in row]
        for row in values
    ]


def _value(row: dict[str, Any], name: str) -> Any:
    """A mean alone, or with its interval."""
    if row.get(f"{name}_low") is None:
        return row[name]
    return [row[name], row[f"{name}_low"], row[f"{name}_high"]]

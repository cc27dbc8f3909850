"""The tables of `waitbench compare`: every cell and model with ratio, interval and verdict, as
plain text or as JSON, and whether anything was slower.

Two runs are compared by plots.two_runs; one run with its baseline as the report does it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plots.analysis.changes import LEVELS, OTHERS, Change, changes
from plots.analysis.phrases import aa_phrase, aa_statement
from plots.analysis.study import METRIC_OF, Study
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, SEAM, THROUGHPUT, Cell
from plots.text.format import listing, p_value, span, times

_METRIC_WORDS = {COST: "client CPU per query", THROUGHPUT: "queries per second"}
_HEADINGS = ("model", "ratio", "95% interval", "p (Holm)", "verdict")
_NUMBERS = ("ratio", "low", "high", "p_value", "adjusted_p")


class Table(NamedTuple):
    """One cell: what its ratios are of, what they are relative to, and the comparisons; `note` says
    why nothing is ranked, where that is so."""

    cell: Cell
    metric: str
    relative_to: str
    comparisons: pd.DataFrame
    note: str = ""


class Comparison(NamedTuple):
    """All tables, what was done to get them, and how far one model differs from itself."""

    method: str
    tables: list[Table]
    aa: str


def with_baseline(study: Study) -> Comparison:
    """Every model of one run against the study's baseline."""
    found = []
    for cell in [*study.asking(COST), *study.asking(THROUGHPUT), *study.asking(SEAM)]:
        seam = cell.question == SEAM
        frame = study.seam(cell.number) if seam else study.ratios(cell.number)
        if len(frame):
            metric = METRIC_OF.get(cell.question, METRIC_OF[COST])
            relative_to = "its native" if seam else str(study.baseline)
            note = _note(study.why_unranked(cell.number))
            found.append(Table(cell, metric, relative_to, frame, note))
    method = (
        f"Ratios to {study.baseline} within the same rounds; medians over rounds, intervals over "
        "invocations (t; the variances of the models ranked in a cell are moderated together)."
    )
    return Comparison(method, found, aa_statement(study.aa(None)))


def of_runs(old: Study, new: Study) -> Comparison:
    """Every model of a new run against itself in an old one."""
    found = changes(old, new)
    tables = [
        Table(c.cell, c.metric, "the old run", c.comparisons, _note(c.why_unranked)) for c in found
    ]
    figures = [
        f"{name}: {aa_phrase(spread)}"
        for name, spread in (("old", old.aa(None)), ("new", new.aa(None)))
        if spread
    ]
    aa = "; ".join(figures)
    method = " ".join([_method_of_runs(found), *_cautions(old, new)])
    return Comparison(method, tables, f"One model against itself: {aa}." if aa else "")


def _note(why_unranked: str) -> str:
    return f"nothing is ranked: {why_unranked}" if why_unranked else ""


def _method_of_runs(found: Sequence[Change]) -> str:
    """What was done, in as many sentences as the cells call for."""
    against = {a for change in found for a in change.comparisons["against"]}
    said = ["New over old."]
    if OTHERS in against:
        references = sorted(against - {LEVELS, OTHERS})
        said.append(
            "Rounds of different runs do not pair, so each model is taken relative to "
            f"{listing([*references, OTHERS])} within the rounds of its run (a model that is "
            f"itself the reference, to {OTHERS}), and these ratios are compared."
        )
    if LEVELS in against:
        said.append(
            "A cell with one model is compared by its levels: what the machine did between the "
            "runs is in them."
        )
    return " ".join(said)


def _cautions(old: Study, new: Study) -> list[str]:
    """Differences between two runs that are not the program's."""
    kept_awake = [
        {bool(file.context["placement"].get("awake_cpus")) for file in study.results.files}
        for study in (old, new)
    ]
    if kept_awake[0] == kept_awake[1]:
        return []
    return ["CPUs were kept awake in one of the runs and not in the other, which moves costs."]


def count_slower(comparison: Comparison) -> int:
    """How many verdicts are slower, however small the difference."""
    verdicts = [verdict for table in comparison.tables for verdict in table.comparisons["verdict"]]
    return sum(verdict.startswith("slower") for verdict in verdicts)


def as_text(comparison: Comparison) -> str:
    """The tables in plain text."""
    blocks = [comparison.method]
    for table in comparison.tables:
        question = THROUGHPUT if table.metric == METRIC_OF[THROUGHPUT] else COST
        title = f"{table.cell.purpose}: {cell_phrase(table.cell)}"
        what = f"{_METRIC_WORDS[question]}, relative to {table.relative_to}"
        lines = [title, what, *filter(None, [table.note]), _aligned(table.comparisons)]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, *filter(None, [comparison.aa])]) + "\n"


def _aligned(frame: pd.DataFrame) -> str:
    """Rows in columns: names and verdicts to the left, numbers to the right."""
    rows = [_HEADINGS]
    for row in frame.itertuples():
        numbers = (times(row.ratio), span(row.low, row.high), p_value(row.adjusted_p))
        rows.append((row.model, *numbers, row.verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = []
    for name, *numbers, verdict in rows:
        middle = [text.rjust(width) for text, width in zip(numbers, widths[1:])]
        lines.append("  ".join(["", name.ljust(widths[0]), *middle, verdict]))
    return "\n".join(lines)


def as_json(comparison: Comparison) -> str:
    """The tables in JSON; what is not known is null."""
    document = {
        "method": comparison.method,
        "a_a": comparison.aa or None,
        "cells": [
            {
                "purpose": table.cell.purpose,
                "axes": dict(table.cell.axes),
                "metric": table.metric,
                "relative_to": table.relative_to,
                "note": table.note or None,
                "models": [_row(row) for row in table.comparisons.to_dict("records")],
            }
            for table in comparison.tables
        ],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    known = {name: float(row[name]) if np.isfinite(row[name]) else None for name in _NUMBERS}
    told = {name: row[name] for name in ("native", "against") if isinstance(row.get(name), str)}
    count = {"invocations": int(row["invocations"])} if np.isfinite(row["invocations"]) else {}
    return {"model": row["model"], **told, **known, **count, "verdict": row["verdict"]}

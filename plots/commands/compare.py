"""What `waitbench compare` prints: every cell and model with ratio, interval and verdict, as plain
text or as JSON; and what could not be compared, and why.

Two runs are compared by plots.analysis.changes; one run with its baseline as the report does it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plots.analysis.changes import LEVELS, OTHERS, Change, Loss, changes, losses, why_missing
from plots.analysis.phrases import aa_phrase, aa_statement
from plots.analysis.study import METRIC_OF, Study
from plots.data.axes import axis_phrase
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, SEAM, THROUGHPUT, Cell, differing_axes
from plots.data.errors import ResultsError
from plots.data.load import load
from plots.data.queries import COMPETING
from plots.report.control import control_statement
from plots.text.format import listing, p_value, span, times

METRIC_WORDS = {
    METRIC_OF[COST]: "client CPU per query",
    METRIC_OF[THROUGHPUT]: "queries per second",
}
_HEADINGS = ("model", "ratio", "95% interval", "p (Holm)", "verdict")
_NUMBERS = ("ratio", "low", "high", "p_value", "adjusted_p")


class Table(NamedTuple):
    """One cell: what its ratios are of, what they are relative to, and the comparisons; `note` says
    why nothing is ranked, where that is so. `before` is the same cell in the old of two runs."""

    cell: Cell
    metric: str
    relative_to: str
    comparisons: pd.DataFrame
    note: str = ""
    before: Cell | None = None


class Comparison(NamedTuple):
    """All tables, what was done to get them, how far one model differs from itself, what has no
    row in a table because one side of the comparison is missing, and whether the positive control
    was found."""

    method: str
    tables: list[Table]
    aa: str
    not_compared: list[Loss]
    control: str = ""


def compare(paths: Sequence[Path], baseline: str | None) -> Comparison:
    """The comparison of two results files, old and new, or of one with its baseline. Raises
    ResultsError."""
    if len(paths) > 2 or (len(paths) == 1 and baseline is None):
        raise ResultsError("give two files, OLD NEW, or one FILE and --baseline MODEL")
    studies = [Study(load([path]), baseline) for path in paths]
    return with_baseline(studies[0]) if len(studies) == 1 else of_runs(*studies)


def with_baseline(study: Study) -> Comparison:
    """Every model of one run against the study's baseline."""
    found = []
    cells = [*study.asking(COST), *study.asking(THROUGHPUT), *study.asking(SEAM)]
    for cell in cells:
        seam = cell.question == SEAM
        frame = study.seam(cell.number) if seam else study.ratios(cell.number)
        if len(frame):
            metric = METRIC_OF.get(cell.question, METRIC_OF[COST])
            relative_to = "its handwritten counterpart" if seam else str(study.baseline)
            note = _note(study.why_unranked(cell.number))
            found.append(Table(cell, metric, relative_to, frame, note))
    method = (
        f"Ratios to {study.baseline} within the same rounds; medians over rounds, intervals over "
        "invocations (t; the variances of the models ranked in a cell are moderated together)."
    )
    missing = [
        Loss(cell, model, why_missing(study, cell, model), ranked=False)
        for cell in cells
        for model in _missing_in(study, cell)
    ]
    aa = aa_statement(study.aa(None))
    return Comparison(method, found, aa, missing, control_statement(study))


def _missing_in(study: Study, cell: Cell) -> list[str]:
    """Models that failed or were skipped in a cell, and have no other entry there."""
    lost = study.missing
    lost = lost[(lost["cell"] == cell.number) & lost["role"].isin(COMPETING)]
    return sorted(set(lost["model"]) - set(study.models_in(cell.number)))


def of_runs(old: Study, new: Study) -> Comparison:
    """Every model of a new run against itself in an old one."""
    found = changes(old, new)
    tables = [
        Table(c.cell, c.metric, "the old run", c.comparisons, _note(c.why_unranked), c.before)
        for c in found
    ]
    figures = [
        f"{name}: {aa_phrase(spread)}"
        for name, spread in (("old", old.aa(None)), ("new", new.aa(None)))
        if spread
    ]
    aa = "; ".join(figures)
    method = " ".join([_method_of_runs(found), *_cautions(old, new)])
    aa = f"One model against itself: {aa}." if aa else ""
    runs = [(name, control_statement(study)) for name, study in (("old", old), ("new", new))]
    control = " ".join(f"In the {name} run: {text}" for name, text in runs if text)
    return Comparison(method, tables, aa, losses(old, new), control)


def _note(why_unranked: str) -> str:
    return f"nothing is ranked: {why_unranked}" if why_unranked else ""


def _method_of_runs(found: Sequence[Change]) -> str:
    """How the cells were compared, in sentences."""
    against = {a for change in found for a in change.comparisons["against"]}
    sentences = ["New over old."]
    if OTHERS in against:
        references = sorted(against - {LEVELS, OTHERS})
        sentences.append(
            "Rounds of different runs do not pair, so each model is taken relative to "
            f"{listing([*references, OTHERS])} within the rounds of its run (a model that is "
            f"itself the reference, to {OTHERS}), and these ratios are compared."
        )
    if LEVELS in against:
        sentences.append(
            "A cell with one model is compared by its levels: what the machine did between the "
            "runs is in them."
        )
    return " ".join(sentences)


def _cautions(old: Study, new: Study) -> list[str]:
    """Differences between two runs that do not come from the program."""
    kept_awake = [
        {bool(file.context["placement"].get("awake_cpus")) for file in study.results.files}
        for study in (old, new)
    ]
    if kept_awake[0] == kept_awake[1]:
        return []
    return ["CPUs were kept awake in one of the runs and not in the other, which changes costs."]


def as_text(comparison: Comparison) -> str:
    """The tables in plain text."""
    blocks = [comparison.method]
    for table in comparison.tables:
        title = f"{table.cell.purpose}: {cell_phrase(table.cell)}"
        what = f"{METRIC_WORDS[table.metric]}, relative to {table.relative_to}"
        notes = filter(None, [_loads_note(table), table.note])
        lines = [title, what, *notes, _aligned(table.comparisons)]
        blocks.append("\n".join(lines))
    blocks += [_not_compared(comparison.not_compared), comparison.aa, _control_text(comparison)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _control_text(comparison: Comparison) -> str:
    return f"Positive control. {comparison.control}" if comparison.control else ""


def _loads_note(table: Table) -> str:
    """Where the two runs had different loads, which followed from their machines."""
    if table.before is None:
        return ""
    parts = [
        f"{axis_phrase(axis, table.before.axes[axis])} in the old run, "
        f"{axis_phrase(axis, table.cell.axes[axis])} in the new one"
        for axis in differing_axes(table.before, table.cell)
    ]
    return f"loads differ: {'; '.join(parts)}" if parts else ""


def _loads_differ(table: Table) -> dict[str, dict[str, Any]]:
    """The same by axis."""
    if table.before is None:
        return {}
    return {
        axis: {"old": table.before.axes[axis], "new": table.cell.axes[axis]}
        for axis in differing_axes(table.before, table.cell)
    }


def _not_compared(losses_: Sequence[Loss]) -> str:
    """The models without a row, one line for each cell and reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for loss in losses_:
        cell = f"{loss.cell.purpose}: {cell_phrase(loss.cell)}"
        groups.setdefault((cell, loss.reason), []).append(loss.model)
    lines = [f"  {cell}: {listing(models)}: {why}" for (cell, why), models in groups.items()]
    return "\n".join(["not compared:", *lines]) if lines else ""


def _aligned(frame: pd.DataFrame) -> str:
    """Rows in columns: names and verdicts to the left, numbers to the right."""
    rows: list[Sequence[str]] = [_HEADINGS]
    for row in frame.itertuples():
        figures = (times(row.ratio), span(row.low, row.high), p_value(row.adjusted_p))
        rows.append((row.model, *figures, row.verdict))
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
        "positive_control": comparison.control or None,
        "cells": [
            {
                "purpose": table.cell.purpose,
                "axes": dict(table.cell.axes),
                "metric": table.metric,
                "relative_to": table.relative_to,
                "note": table.note or None,
                "loads_differ": _loads_differ(table),
                "models": [_row(row) for row in table.comparisons.to_dict("records")],
            }
            for table in comparison.tables
        ],
        "not_compared": [
            {
                "purpose": loss.cell.purpose,
                "axes": dict(loss.cell.axes),
                "model": loss.model,
                "reason": loss.reason,
                "ranked": loss.ranked,
            }
            for loss in comparison.not_compared
        ],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    known = {name: float(row[name]) if np.isfinite(row[name]) else None for name in _NUMBERS}
    names = ("handwritten", "against")
    texts = {name: row[name] for name in names if isinstance(row.get(name), str)}
    count = {"invocations": int(row["invocations"])} if np.isfinite(row["invocations"]) else {}
    return {"model": row["model"], **texts, **known, **count, "verdict": row["verdict"]}

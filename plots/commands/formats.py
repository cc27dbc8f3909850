"""A report for pasting: `waitbench report --format markdown|latex|csv|json`. All of it is what the
page says and shows; csv has the rows that the page embeds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from plots.analysis.study import Study
from plots.analysis.wide import measure_columns, wide_rows
from plots.data.axes import AXES
from plots.report.asked import asked
from plots.report.decision import Decision, decisions
from plots.report.sentences import sentences
from plots.report.tables import CellTable, cell_tables, notices
from plots.report.trust import trust
from plots.text.markup import latex_table, latex_text, markdown_table, markdown_text

_WHAT = ("model", "style", "engine", "author", "invocations")
_COMPARISON = ("relative_to", "ratio", "ratio_low", "ratio_high", "adjusted_p", "verdict", "flags")
_DECISION_HEADS = (
    "regime",
    "measured at",
    "compared by",
    "tied for best",
    "the next costs",
    "how sure",
)


def as_csv(study: Study) -> str:
    """One row for each cell and model; what is not known is empty."""
    stream = io.StringIO()
    columns = ["purpose", *AXES, *_WHAT, *measure_columns(), *_COMPARISON]
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(wide_rows(study))
    return stream.getvalue()


def as_json(study: Study) -> str:
    """The answer, the decision table, the rows, and what must be known before any of it."""
    document = {
        "files": [file.name for file in study.results.files],
        "baseline": study.baseline,
        "notices": notices(study),
        "answer": sentences(study),
        "decisions": [row._asdict() for row in decisions(study)],
        "questions": [{"question": a.lead, "answer": a.text} for a in asked(study)],
        "trust": [{"about": a.lead, "text": a.text} for a in trust(study)],
        "rows": [_without_number(row) for row in wide_rows(study)],
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _without_number(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "cell"}


def as_markdown(study: Study) -> str:
    """The answer, the decision table, and a table of ratios for each cell."""
    blocks = [*map(markdown_text, [*notices(study), *sentences(study)])]
    blocks.append(markdown_table(_DECISION_HEADS, _decision_rows(study), len(_DECISION_HEADS)))
    for table in cell_tables(study):
        heads, rows = _cell_rows(table)
        title = f"{markdown_text(table.title)} ({markdown_text(table.ranks)})"
        blocks.append(f"#### {title}\n\n{markdown_table(heads, rows)}")
    return "\n\n".join(blocks) + "\n"


def as_latex(study: Study) -> str:
    r"""The same in LaTeX, for \input in a document that uses the package booktabs."""
    blocks = [*map(latex_text, [*notices(study), *sentences(study)])]
    caption = "Models tied for best, by regime, and what the next group costs more."
    rows = _decision_rows(study)
    blocks.append(latex_table(_DECISION_HEADS, rows, caption, len(_DECISION_HEADS)))
    for table in cell_tables(study):
        heads, rows = _cell_rows(table)
        blocks.append(latex_table(heads, rows, f"{table.title}: {table.ranks}; {table.sample}."))
    return "\n\n".join(blocks) + "\n"


def _decision_rows(study: Study) -> list[tuple[str, ...]]:
    return [_decision_row(row) for row in decisions(study)]


def _decision_row(row: Decision) -> tuple[str, ...]:
    if not row.best:
        return (row.regime, row.cell, "", "", f"not measured: {row.command}", row.confidence)
    return (row.regime, row.cell, row.measure, row.best, row.following, row.confidence)


def _cell_rows(table: CellTable) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    heads = ("model", "CPU per query, \u00b5s", f"relative to {table.relative_to}")
    rows = [
        tuple(
            row[name]
            for name in ("model", "cpu", "ratio", "span", "p_value", "verdict", "rate")
        )
        for row in table.rows
    ]
    return (*heads, "95% interval", "p (Holm)", "verdict", "queries per second"), rows


FORMATS: dict[str, Callable[[Study], str]] = {
    "markdown": as_markdown,
    "csv": as_csv,
    "latex": as_latex,
    "json": as_json,
}

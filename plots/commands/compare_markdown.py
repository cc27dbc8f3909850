"""A comparison in Markdown, fit for a pull request: what is slower first, then what is faster, what
shows no difference, and what could not be compared and why."""

from __future__ import annotations

from typing import Any, NamedTuple

from plots.commands.compare import METRIC_WORDS, Comparison, Table
from plots.data.cell_names import cell_phrase
from plots.text.format import p_value, plural, span, times
from plots.text.markup import markdown_table, markdown_text

_HEADS = ("model", "cell", "ratio", "95% interval", "p (Holm)", "of")
_EQUAL = "no detectable difference"


class _Row(NamedTuple):
    """A comparison with its group: slower, faster, equal, or why it is in none."""

    group: str
    words: tuple[str, ...]


def as_markdown(comparison: Comparison) -> str:
    """The document."""
    rows = _rows(comparison)
    groups = {name: [r.words for r in rows if r.group == name] for name in ("slower", "faster")}
    equal = [row.words for row in rows if row.group == _EQUAL]
    others = [row.words for row in rows if row.group not in ("slower", "faster", _EQUAL)]
    lost = _lost(comparison)
    counts = [f"{len(found):,} {name}" for name, found in groups.items()]
    counts += [f"{len(equal):,} with {_EQUAL}", f"{len(others) + len(lost):,} not compared"]
    blocks = [f"**{', '.join(counts)}**"]
    for name, found in groups.items():
        if found:
            blocks.append(f"### {name.capitalize()}\n\n{markdown_table(_HEADS, found, 2)}")
    if equal:
        blocks.append(_folded(f"{plural(len(equal), 'comparison')} with {_EQUAL}", equal))
    if others:
        blocks.append(_folded(f"{plural(len(others), 'comparison')} not ranked", others))
    if lost:
        lines = markdown_table(("model", "cell", "why"), lost, 3)
        blocks.append(f"### Not compared\n\n{lines}")
    known = [comparison.method, comparison.aa, comparison.control]
    blocks.append(" ".join(markdown_text(text) for text in known if text))
    return "\n\n".join(blocks) + "\n"


def _rows(comparison: Comparison) -> list[_Row]:
    return [
        _Row(row.verdict.removesuffix(" (small)"), _words(table, row))
        for table in comparison.tables
        for row in table.comparisons.itertuples()
    ]


def _words(table: Table, row: Any) -> tuple[str, ...]:
    cell = f"{table.cell.purpose}: {cell_phrase(table.cell)}"
    figures = (times(row.ratio), span(row.low, row.high), p_value(row.adjusted_p))
    return (row.model, cell, *figures, METRIC_WORDS[table.metric])


def _folded(title: str, rows: list[tuple[str, ...]]) -> str:
    """A table that a reader has to open."""
    table = markdown_table(_HEADS, rows, 2)
    return f"<details><summary>{title}</summary>\n\n{table}\n\n</details>"


def _lost(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [
        (loss.model, f"{loss.cell.purpose}: {cell_phrase(loss.cell)}", loss.reason)
        for loss in comparison.not_compared
    ]

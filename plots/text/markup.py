"""Tables in the languages of other documents: Markdown and LaTeX. What they are made of may hold
any characters."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\u00d7": r"$\times$",
    "\u2212": r"$-$",
    "\u2013": "--",
    "\u00b5": r"$\mu$",
    "\u00b1": r"$\pm$",
    "\u2264": r"$\leq$",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    "\u201c": "``",
    "\u201d": "''",
    "\u2019": "'",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
_OF_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|~])")


def markdown_text(text: str) -> str:
    """Text in which nothing is markup, on one line."""
    return _OF_MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]], names: int = 1) -> str:
    """A table; the first `names` columns are to the left, all others to the right."""
    rule = [":--" if place < names else "--:" for place in range(len(heads))]
    lines = [[*map(markdown_text, heads)], rule, *([*map(markdown_text, row)] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def latex_text(text: str) -> str:
    """Text in which nothing is a command, on one line."""
    return "".join(_LATEX.get(character, character) for character in " ".join(text.split()))


def latex_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str, names: int = 1
) -> str:
    """A floating table in the style of the package booktabs."""
    columns = "l" * names + "r" * (len(heads) - names)
    body = [*map(_latex_row, rows)]
    lines = [
        r"\begin{table}",
        rf"\caption{{{latex_text(caption)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _latex_row(heads),
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def _latex_row(words: Sequence[str]) -> str:
    return " & ".join(map(latex_text, words)) + r" \\"

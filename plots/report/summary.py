"""The page in at most nine lines, for a terminal: the answer, how sure it is, and what is in
doubt."""

from __future__ import annotations

import textwrap
from collections import Counter

from plots.analysis.phrases import aa_statement
from plots.analysis.study import Study
from plots.report.sentences import sentences
from plots.report.unranked import failed_questions
from plots.text.format import listing, plural

_MOST_LINES = 9
_INDENT = "  "


def summary(study: Study, width: int) -> str:
    """Lines of at most `width` columns, each ended. The answer is in the sentences of the page; if
    they do not fit, the last of them end in an ellipsis."""
    below = [_line(text, width) for text in (aa_statement(study.aa(None)), _lost(study))]
    below += [_line(_flags(study), width)]
    said = failed_questions(study) or sentences(study) or ["Nothing that is ranked was measured."]
    room = _MOST_LINES - len(below)
    lines = [line for text in said for line in _wrapped(text, width)]
    if len(lines) > room:
        rest = " ".join(lines[room - 1 :])
        indent = _INDENT if rest.startswith(_INDENT) else ""
        lines = [*lines[: room - 1], indent + _line(rest, width - len(indent))]
    return "".join(f"{line}\n" for line in [*lines, *below])


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=_INDENT, break_on_hyphens=False)


def _line(text: str, width: int) -> str:
    return textwrap.shorten(text, width, placeholder=" ...")


def _flags(study: Study) -> str:
    """Flags: foreign-cpu (12), trend (3 of 250 entries)."""
    entries = study.results.entries
    counts = Counter(flag for flags in entries["flags"] for flag in flags)
    if not counts:
        return "Flags: none."
    parts = [f"{flag} {count:,}" for flag, count in counts.most_common()]
    return f"Flags, of {plural(len(entries), 'entry')}: {', '.join(parts)}."


def _lost(study: Study) -> str:
    counts = study.missing["status"].value_counts().sort_index()
    rows = [f"{plural(count, 'row')} {status}" for status, count in counts.items()]
    return f"Without results: {listing(rows)}." if rows else "All that was asked for has results."

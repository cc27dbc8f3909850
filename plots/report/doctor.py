"""What the doctor found on the machines of these files: whether they were fit to measure on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from plots.analysis.study import Study
from plots.report.answer import Answer
from plots.text.format import DASH, listing, plural

OK, UNFIT = "ok", "unfit"


class Finding(NamedTuple):
    """What one check of the doctor's found; `level` is ok, advice or unfit."""

    check: str
    level: str
    found: str
    advice: str | None


def examinations(study: Study) -> list[tuple[str, list[Finding]]]:
    """All examinations by the words for when they were: of each file one before its run, and one
    for each time that it was resumed. Without findings where the file holds none."""
    return [
        (when, [Finding(*(item[field] for field in Finding._fields)) for item in stored])
        for file in study.results.files
        for when, stored in _stored(file.name, file.context)
    ]


def _stored(name: str, context: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield name, context.get("doctor", [])
    if context.get("backend"):
        yield f"{name}, at the backend", context["backend"]["doctor"]
    for again in context.get("resumed", []):
        yield f"{name}, resumed {again['date']}", again["doctor"]


def doctor_rows(study: Study) -> list[dict[str, str]]:
    """Every check with what was found, in the doctor's order; what was found alike in several
    examinations is one row, and `where` names them unless that is all of them."""
    examined = [(when, findings) for when, findings in examinations(study) if findings]
    places: dict[Finding, list[str]] = {}
    for when, findings in examined:
        for finding in findings:
            places.setdefault(finding, []).append(when)
    checks = list(dict.fromkeys(finding.check for finding in places))
    return [
        finding._asdict()
        | {"advice": finding.advice or DASH}
        | {"where": "" if len(whens) == len(examined) else "; ".join(whens)}
        for finding, whens in sorted(places.items(), key=lambda item: checks.index(item[0].check))
    ]


def doctor_answers(study: Study) -> list[Answer]:
    """Whether the machine was fit to measure on, as far as the files say."""
    rows = doctor_rows(study)
    sentences = [_judgement(rows)] if rows else []
    silent = [when for when, findings in examinations(study) if not findings]
    if silent:
        verb = "holds" if len(silent) == 1 else "hold"
        sentences.append(f"{listing(silent)} {verb} no findings of waitbench doctor.")
    return [Answer("The machine", " ".join(sentences))]


def _judgement(rows: list[dict[str, str]]) -> str:
    checks = plural(len({row["check"] for row in rows}), "check")
    made = f"waitbench doctor made {checks} before anything was measured"
    doubts = dict.fromkeys(f"{row['check']} ({row['level']})" for row in rows if row["level"] != OK)
    if not doubts:
        return f"{made}, and found nothing wrong."
    return f"{made}; it found fault with {listing(list(doubts))}: see the machine, below."


def unfit_notices(study: Study) -> list[str]:
    """What made a machine unfit, examination by examination."""
    return [
        f"{when}: the machine was not fit to measure on ("
        f"{'; '.join(f'{finding.check}: {finding.found}' for finding in unfit)})."
        for when, findings in examinations(study)
        if (unfit := [finding for finding in findings if finding.level == UNFIT])
    ]

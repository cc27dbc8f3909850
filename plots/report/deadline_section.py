"""What deadlines cost: a timer that does not fire, and a query that is cancelled, in sentences and
tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis.deadlines import Deadline, deadline_cells, deadlines
from plots.analysis.study import Study
from plots.data.cell_names import known_phrase
from plots.report.answer import Answer
from plots.report.extremes import extremes, not_shown
from plots.text.format import extent, percent, plural, significant, span, times

_BY_LOAD = ("deadline_us", "in_flight", "delay_us", "transport", "connections")


class DeadlineTable(NamedTuple):
    """Every model at one load, without a deadline and with it."""

    title: str
    sample: str
    rows: list[dict[str, str]]


def deadline_answers(study: Study) -> list[Answer]:
    """What each deadline costs."""
    return [
        Answer(
            known_phrase(timed, _BY_LOAD),
            " ".join(filter(None, [_timer(found), _cancelled(found)])),
        )
        for without, timed in deadline_cells(study)
        if (found := deadlines(study, without, timed))
    ]


def deadline_tables(study: Study) -> list[DeadlineTable]:
    """A table for each load that was measured without a deadline and with one."""
    return [
        DeadlineTable(
            known_phrase(timed, _BY_LOAD),
            f"{plural(study.invocations([without]), 'invocation')} without a deadline, "
            f"{study.invocations([timed])} with it",
            [_row(of) for of in deadlines(study, without, timed)],
        )
        for without, timed in deadline_cells(study)
    ]


def _timer(found: list[Deadline]) -> str:
    """Of the models of which none, or hardly any, of the queries were cancelled."""
    quiet = [of for of in found if not np.isfinite(of.cancelled.mean)]
    known = [(of.query.ratio, of.model) for of in quiet if np.isfinite(of.query.ratio.mean)]
    if not known:
        return ""
    fired = "no query" if not any(of.share for of in quiet) else "hardly any query"
    text = f"It fires for {fired}, and one costs {extremes(known)} what it does without."
    return f"{text} {not_shown(known)}".strip()


def _cancelled(found: list[Deadline]) -> str:
    """Of the models of which enough queries were cancelled to say what one costs."""
    fired = [of for of in found if np.isfinite(of.cancelled.mean)]
    if not fired:
        return ""
    shares = sorted(of.share for of in fired)
    return (
        f"It cancels {extent(percent(shares[0]), percent(shares[-1]))} of the queries. One that is "
        f"cancelled costs {extremes([(of.cancelled, of.model) for of in fired])} what a query "
        "costs without a deadline."
    )


def _row(of: Deadline) -> dict[str, str]:
    return {
        "model": of.model,
        "without": significant(of.query.before),
        "timed": significant(of.query.after),
        "ratio": times(of.query.ratio.mean),
        "span": span(of.query.ratio.low, of.query.ratio.high),
        "share": percent(of.share),
        "cancelled": times(of.cancelled.mean),
        "cancelled_span": span(of.cancelled.low, of.cancelled.high),
    }

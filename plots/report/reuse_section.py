"""What reuse buys: a fresh connection for each query beside a kept one, in sentences and tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis.priced import Priced
from plots.analysis.reuse import Reuse, reuse, reuse_cells
from plots.analysis.study import Study
from plots.data.cell_names import known_phrase
from plots.report.answer import Answer
from plots.report.extremes import extremes, not_shown
from plots.text.format import significant, span, times

_BY_LOAD = ("backend", "client", "in_flight", "delay_us", "transport")


class ReuseTable(NamedTuple):
    """Every model at one load, with kept connections and with fresh ones."""

    title: str
    sample: str
    rows: list[dict[str, str]]


def reuse_answers(study: Study) -> list[Answer]:
    """What a fresh connection costs, load by load."""
    return [
        Answer(
            known_phrase(kept, _BY_LOAD),
            f"{_sentence(found, 'client')} {_sentence(found, 'server')}",
        )
        for kept, fresh in reuse_cells(study)
        if (found := reuse(study, kept, fresh))
    ]


def reuse_tables(study: Study) -> list[ReuseTable]:
    """A table for each load at which both were measured."""
    return [
        ReuseTable(
            known_phrase(kept, _BY_LOAD),
            f"{study.invocations([kept])} invocations with kept connections, "
            f"{study.invocations([fresh])} with fresh ones",
            [_row(of) for of in reuse(study, kept, fresh)],
        )
        for kept, fresh in reuse_cells(study)
    ]


def _sentence(found: list[Reuse], side: str) -> str:
    """A fresh connection costs the client 2.1x (1.9-2.3, blocking) to 3.5x (...) ... ."""
    ratios = [(getattr(of, side).ratio, of.model) for of in found]
    known = [(ratio, model) for ratio, model in ratios if np.isfinite(ratio.mean)]
    if not known:
        return f"What it costs the {side} is not known."
    subject = "With a connection of its own a query costs" if side == "client" else "It costs"
    text = f"{subject} the {side} {extremes(known)} what it does over a kept one."
    return f"{text} {not_shown(known)}".strip()


def _row(of: Reuse) -> dict[str, str]:
    return {"model": of.model, **_cells("client", of.client), **_cells("server", of.server)}


def _cells(side: str, cost: Priced) -> dict[str, str]:
    return {
        f"{side}_kept": significant(cost.before),
        f"{side}_fresh": significant(cost.after),
        f"{side}_ratio": times(cost.ratio.mean),
        f"{side}_span": span(cost.ratio.low, cost.ratio.high),
    }

"""How far the numbers can be trusted, in sentences: how much one model differs from itself, what
the harness costs, and whether the machine was fit to measure on."""

from __future__ import annotations

import numpy as np

from plots.analysis.phrases import aa_by_rounds, aa_statement
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.data.cells import COST
from plots.report.answer import Answer
from plots.report.control import control_answers, gain_answers
from plots.report.doctor import doctor_answers
from plots.report.precision import precision_answers
from plots.report.reliability import reliability_answers
from plots.text.format import DASH, extent, percent, significant

_FEW = 5  # invocations; with fewer the t distribution makes intervals very wide


def trust(study: Study) -> list[Answer]:
    """How far the numbers can be trusted: how wide intervals are, A/A, the positive control, false
    alarms, what pairing gains, and what the harness itself costs."""
    found = [*precision_answers(study), Answer("A/A", _against_itself(study))]
    found += control_answers(study)
    found += [*reliability_answers(study), *gain_answers(study)]
    invocations = study.invocations(list(study.cells.values()))
    if 1 < invocations < _FEW:
        text = f"{invocations} invocations at most: intervals rest on few values, and are wide."
        found.append(Answer("Few invocations", text))
    level = study.no_op
    if np.isfinite(level.mean):
        interval = f" ({significant(level.low)}{DASH}{significant(level.high)})"
        text = (
            "The no-op model, which does everything except wait, used "
            f"{significant(level.mean)} µs of client CPU per query{interval if level.n > 1 else ''}"
        )
        costs = study.baseline_levels(study.asking(COST), CPU)
        if costs:
            low, high = level.mean / max(costs), level.mean / min(costs)
            text += f": {extent(percent(low), percent(high))} of what {study.baseline} used"
        found.append(Answer("The harness's own cost", f"{text}."))
    return [*found, *doctor_answers(study)]


def _against_itself(study: Study) -> str:
    """The A/A figure, and those of cells that have fewer rounds than it rests on."""
    quoted = study.aa(None)
    statement = aa_statement(quoted)
    if quoted is None or quoted.rounds is None:
        return statement
    others = {study.aa(cell.number) for cell in study.cells.values()}
    fewer = [
        (spread.rounds, spread)
        for spread in others
        if spread and spread.rounds and spread.rounds < quoted.rounds
    ]
    if not fewer:
        return statement
    fewer.sort()
    blocks = aa_by_rounds(spread for _, spread in fewer)
    return (
        f"{statement} Cells with fewer rounds are judged by blocks of as many of these: {blocks}."
    )

"""The decision table: for each regime the models that are tied for best, what the next group costs
more, and how sure that is; for a regime without results the command that would fill its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from plots.analysis.regimes import REGIMES, Regime, measured_in
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.analysis.ties import MEMORY_KIB, P99, Group, Ties, named_together, ties
from plots.analysis.within_rounds import CPU, RATE
from plots.data.cell_names import short_names
from plots.data.cells import Cell
from plots.text.format import p_value, percent, plural, span, times

MEASURE_WORDS = {
    CPU: "client CPU per query",
    RATE: "queries per second",
    P99: "99th percentile of latency",
    MEMORY_KIB: "memory of a connection",
}
_MORE = {RATE: "fewer"}


class Decision(NamedTuple):
    """One row of the table. Without results `command` fills it, and all else but `regime` is
    empty."""

    regime: str
    cell: str = ""
    measure: str = ""
    best: str = ""
    following: str = ""
    confidence: str = ""
    command: str = ""


def decisions(study: Study) -> list[Decision]:
    """One row for each regime."""
    found = {regime.name: measured_in(study, regime) for regime in REGIMES}
    shown = {cell.number: cell for cells in found.values() for cell in cells}
    names = short_names(list(shown.values()))
    return [_decision(study, regime, found[regime.name], names) for regime in REGIMES]


def unmeasured(study: Study) -> list[Regime]:
    """The regimes of which these files hold nothing that can be compared."""
    return [regime for regime in REGIMES if not measured_in(study, regime)]


def _decision(
    study: Study, regime: Regime, cells: Sequence[Cell], names: Mapping[int, str]
) -> Decision:
    for cell in cells:
        found = ties(study, cell.number, regime.measure)
        if found:
            return _filled(study, regime, cell, names[cell.number], found)
    command = f"waitbench {regime.command}"
    if cells:
        why = "measured once only, so nothing is told apart; more --invocations would"
        return Decision(regime.name, names[cells[0].number], confidence=why, command=command)
    return Decision(regime.name, command=command)


def _filled(study: Study, regime: Regime, cell: Cell, name: str, found: Ties) -> Decision:
    among = [m for m in study.models_in(cell.number) if not study.outside(cell.number, m)]
    among = among or study.models_in(cell.number)
    return Decision(
        regime.name,
        name,
        MEASURE_WORDS[regime.measure],
        f"{named_together(study, found.best, among)}{_within(found)}",
        _following(study, regime.measure, found, among),
        _confidence(found),
    )


def _within(found: Ties) -> str:
    """How far those tied for best differ in these files: (within 0.6%)."""
    return f" (within {percent(found.within - 1)})" if len(found.best) > 1 else ""


def _following(study: Study, measure: str, found: Ties, among: list[str]) -> str:
    """every style on poll: 1.39x (1.35-1.44); the last, callback-select: 1.52x."""
    if found.following is None or found.worst is None:
        return "nothing more that shows"
    text = f"{named_together(study, found.following.models, among)}: {_more(found.following)}"
    if _MORE.get(measure):
        text += f" {_MORE[measure]}"
    if found.worst.models[0] not in found.following.models:
        text += f"; the last, {found.worst.models[0]}: {times(found.worst.ratio.mean)}"
    return text


def _more(group: Group) -> str:
    return f"{times(group.ratio.mean)} ({_interval(group.ratio)})"


def _interval(ratio: Interval) -> str:
    return span(ratio.low, ratio.high)


def _confidence(found: Ties) -> str:
    """p < 0.001 for the next (21 comparisons)."""
    family = plural(found.compared - 1, "comparison")
    if found.following is None:
        return f"no difference shows in {family}"
    adjusted = min(1.0, found.following.ratio.p_value * (found.compared - 1))
    return f"p {_sign(p_value(adjusted))} for the next ({family})"


def _sign(p: str) -> str:
    return p if p.startswith("<") else f"= {p}"

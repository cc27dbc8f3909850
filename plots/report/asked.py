"""What people ask first, answered from the files, or with the command that would answer it."""

from __future__ import annotations

import numpy as np

from plots.analysis.control import controls
from plots.analysis.operations import clear_of_zero, plain_switches
from plots.analysis.phrases import aa_statement
from plots.analysis.regimes import REGIMES, Regime, measured_in
from plots.analysis.stats import LEVEL
from plots.analysis.study import Study
from plots.analysis.ties import named_together, ties
from plots.data.axes import axis_phrase
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, MEMORY, Cell
from plots.report.answer import Answer
from plots.report.decision import unmeasured
from plots.text.format import listing, nanoseconds, percent, plural, significant, span, times

_SLOW_US = 10_000
_USUAL_IN_FLIGHT = 64
_SWITCHES_COMMAND = "waitbench switch --out switches.json"


def asked(study: Study) -> list[Answer]:
    """Questions and their answers."""
    return [
        Answer("Which model for 1,000 slow queries in flight?", _thousand(study)),
        Answer("What does a fiber switch cost?", _fiber(study)),
        Answer(f"Is select a mistake at {_USUAL_IN_FLIGHT}?", _select(study)),
        Answer("What does a process cost in memory?", _process(study)),
        Answer("How sure is this page?", _sure(study)),
        Answer("What was not measured?", _missing(study)),
    ]


def _regime(name: str) -> Regime:
    return next(regime for regime in REGIMES if regime.name == name)


def _thousand(study: Study) -> str:
    regime = _regime("a thousand in flight")
    for cell in measured_in(study, regime):
        if (cell.axes["delay_us"] or 0) >= _SLOW_US:
            return _best(study, cell)
    nearest = _regime("many in flight")
    text = f"Not measured: waitbench {regime.command} would."
    for cell in measured_in(study, nearest):
        return f"{text} The nearest that was: {_best(study, cell)}"
    return text


def _best(study: Study, cell: Cell) -> str:
    found = ties(study, cell.number, _regime("many in flight").measure)
    where = cell_phrase(cell)
    if found is None:
        return f"{where}: measured once only, so nothing is told apart."
    among = [m for m in study.models_in(cell.number) if not study.outside(cell.number, m)]
    text = f"{where}: {named_together(study, found.best, among)}"
    if found.following is None or found.worst is None:
        return f"{text}; no difference shows between any of them."
    ratio = found.following.ratio
    return (
        f"{text}. The next costs {times(ratio.mean)} ({span(ratio.low, ratio.high)}), "
        f"the last, {found.worst.models[0]}, {times(found.worst.ratio.mean)}."
    )


def _fiber(study: Study) -> str:
    rows = plain_switches(study.results)
    rows = rows[(rows["model"] == "fiber")]
    if rows.empty:
        return f"Not measured: {_SWITCHES_COMMAND} would."
    row = rows.iloc[0]
    if not clear_of_zero(rows).iloc[0]:
        return "Too little to be told from the empty loop."
    return (
        f"{nanoseconds(row['middle'])} by itself on one CPU (half of the rounds: "
        f"{nanoseconds(row['low'])} to {nanoseconds(row['high'])})."
    )


def _select(study: Study) -> str:
    """select against epoll in the same style, with 64 in flight."""
    many = _regime("many in flight")
    cells = [c for c in measured_in(study, many) if c.in_flight == _USUAL_IN_FLIGHT]
    for cell in cells:
        rows = {row.model: row for row in study.ratios(cell.number).itertuples()}
        for model, row in rows.items():
            style, engine = study.parts(model)
            if engine != "select" or not row.ranked:
                continue
            if study.baseline != study.parts_named(style, "epoll"):
                continue
            verdict = row.verdict if row.invocations > 1 else "without an interval"
            spanned = f" ({span(row.low, row.high)})" if row.invocations > 1 else ""
            lead = "Yes" if row.verdict == "slower" else "No"
            lead = "Unknown" if row.invocations < 2 else lead
            return (
                f"{lead}: at {cell_phrase(cell)} {model} costs {times(row.ratio)}{spanned} what "
                f"{study.baseline} does: {verdict}."
            )
    return (
        f"Not compared here with {axis_phrase('in_flight', _USUAL_IN_FLIGHT)}: waitbench run "
        "--models 'callback-(epoll|select)' --in-flight 64 --delay-us 5000 would."
    )


def _process(study: Study) -> str:
    cells = [cell for cell in study.cells.values() if cell.purpose == MEMORY]
    for cell in cells:
        parts = []
        for model in study.models_in(cell.number):
            if not model.startswith("process"):
                continue
            own, kernel, both = (
                study.level(cell.number, model, f"memory_{part}_kib").mean
                for part in ("user", "kernel", "total")
            )
            if np.isfinite(both):
                parts.append(
                    f"{model} {significant(both)} KiB a connection ({significant(own)} its own, "
                    f"{significant(kernel)} the kernel's)"
                )
        if parts:
            return f"At {cell_phrase(cell)}: {listing(parts)}."
    return "Not measured: waitbench run --memory --models process would."


def _sure(study: Study) -> str:
    parts = [aa_statement(study.aa(None))]
    widths = [
        float(np.log(row.high / row.low)) / 2
        for cell in study.asking(COST)
        for row in study.ratios(cell.number).itertuples()
        if row.ranked and np.isfinite(row.low)
    ]
    if widths:
        parts.append(
            f"Half of the {percent(LEVEL)} intervals are narrower than ±"
            f"{percent(float(np.median(widths)))}."
        )
    else:
        parts.append("There are no intervals: nothing is told apart.")
    found = controls(study)
    if found:
        hits = sum(control.found for control in found)
        parts.append(f"A planted slowdown was found in {hits} of {plural(len(found), 'cell')}.")
    return " ".join(parts)


def _missing(study: Study) -> str:
    names = [regime.name for regime in unmeasured(study)]
    text = f"Of the table above: {listing(names)}." if names else "Each row above has results."
    lost = study.missing["status"].value_counts().sort_index()
    rows = [f"{plural(count, 'row')} {status}" for status, count in lost.items()]
    if rows:
        text += f" Asked for and without results: {listing(rows)} (see below why)."
    return f"{text} Network cards, TLS, disks and other machines are no part of any run."

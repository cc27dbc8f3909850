"""Does the order survive: the same models on several backends side by side, in sentences and a
table."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from plots.analysis.order import Share, share, side_by_side, survival
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.data.axes import is_usual
from plots.data.cell_names import cell_phrase, shared_phrase
from plots.data.cells import Cell, varying_axes
from plots.report.answer import Answer
from plots.text.format import DASH, percent, plural, significant, span, times


class OrderTable(NamedTuple):
    """Ratios to one baseline, a column for each backend, and what they say; `cells` of a row are
    its cost, its ratio and its interval, column by column."""

    title: str
    answers: list[Answer]
    columns: list[str]
    rows: list[dict[str, Any]]


def _answers(study: Study, group: list[Cell]) -> list[Answer]:
    """What the order on one backend says of that on another, and how much of a query is the
    model's."""
    names, first = _names(group), group[0]
    found = []
    for other in group[1:]:
        lead = f"From {names[first.number]} to {names[other.number]}"
        found.append(Answer(lead, _survival(study, first, other)))
    for cell in group:
        if decides := share(study, cell):
            lead = f"What the model decides: {names[cell.number]}"
            found.append(Answer(lead, _share(study, decides)))
    return found


def order_tables(study: Study) -> list[OrderTable]:
    return [_table(study, group) for group in side_by_side(study)]


def _names(group: list[Cell]) -> dict[int, str]:
    """The backend first, and what else differs within the group."""
    axes = [axis for axis in varying_axes(group) if axis != "backend" and _has_choice(group, axis)]
    return {cell.number: _name(cell, axes) for cell in group}


def _has_choice(group: list[Cell], axis: str) -> bool:
    """Whether two cells have different values of it, and not only one of them has any."""
    return len({cell.axes[axis] for cell in group} - {None}) > 1


def _name(cell: Cell, axes: list[str]) -> str:
    """The axes that are not at their usual values, and those that have none."""
    chosen = [axis for axis in axes if not is_usual(axis, cell.axes[axis])]
    more = [cell_phrase(cell, chosen)] if chosen else []
    return ", ".join([str(cell.axes["backend"]), *more])


def _survival(study: Study, one: Cell, other: Cell) -> str:
    counts = survival(study, one, other)
    if not counts.pairs:
        return "No two models are told apart on the former, so no order could survive."
    return (
        f"Of {plural(counts.pairs, 'pair')} of models told apart on the former, {counts.same} are "
        f"in the same order on the latter, {counts.reversed} in the opposite one, and "
        f"{counts.not_told} are not told apart there."
    )


def _share(study: Study, decides: Share) -> str:
    baseline = study.baseline
    ends = f"{decides.most} costs the client {times(decides.ratio)} what {decides.least} does"
    interval = span(decides.low, decides.high)
    known = f" (95% interval {interval})" if interval != DASH else ""
    if known and not decides.told_apart:
        text = f"Nothing that shows: no model is told apart from {baseline}. At most, {ends}{known}"
    else:
        text = f"From the cheapest to the dearest that is ranked, {ends}{known}"
    if np.isfinite(decides.of_all):
        text += (
            f"; the difference is {percent(decides.of_all)} of the CPU time that a query takes of "
            "client and server together"
        )
    return f"{text}." if known else f"{text}. One invocation gives no interval."


def _table(study: Study, group: list[Cell]) -> OrderTable:
    models = [m for m in study.models if any(m in study.models_in(c.number) for c in group)]
    names = _names(group)
    rows: list[dict[str, Any]] = [
        {"model": model, "cells": [_cell(study, cell, model) for cell in group]}
        for model in models
    ]
    return OrderTable(_title(group), _answers(study, group), list(names.values()), rows)


def _title(group: list[Cell]) -> str:
    """What its cells have in common."""
    in_flight = f"{group[0].in_flight:,} in flight"
    return ", ".join(filter(None, [in_flight, shared_phrase(group)]))


def _cell(study: Study, cell: Cell, model: str) -> tuple[str, str, str, str]:
    """Cost, ratio, interval, and why it is not ranked."""
    if model not in study.models_in(cell.number):
        return DASH, DASH, DASH, "not measured"
    cost = significant(study.level(cell.number, model, CPU).mean)
    if model == study.baseline:
        return cost, "1", DASH, "baseline"
    frame = study.comparisons(cell.number)
    found = frame[frame["model"] == model]
    if found.empty:
        return cost, DASH, DASH, ""
    row = found.iloc[0]
    return cost, times(row["ratio"]), span(row["low"], row["high"]), row["verdict"]

"""The share of a query's cost that is its model's own switch. Switches differ tenfold when measured
by themselves; this says how much of that difference remains in a query.

A model that switches in user space is assumed to switch once for a query. For a model whose
switches the kernel makes, the voluntary switches of its queries were counted. The cost of a switch
is the one measured by itself, on one CPU, in a ring of at least as many contexts as the cell has
queries in flight.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis import within_rounds
from plots.analysis.operations import operations
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU, VOLUNTARY
from plots.data.cells import COST, UNRANKED, Cell

_OF_STYLE = {
    "callback": "callback",
    "generator": "generator",
    "coroutine": "coroutine-transfer",
    "fiber": "fiber",
}
_OF_MODEL = {"thread-per-connection": "thread-futex", "process-per-connection": "process-pipe"}
_NANOSECONDS = 1000.0  # of a microsecond
_NO_INTERVAL = Interval(1.0, np.nan, np.nan, 0, np.nan)


class InQuery(NamedTuple):
    """The query of a model over one transport: its client CPU (microseconds), how many of its own
    switches it takes, their `share` of that CPU time, and the cost relative to the reference's
    query in the same rounds."""

    cost_us: float
    switches: float
    share: float
    ratio: Interval


class SwitchShare(NamedTuple):
    """A model and its switch: `switch` is the benchmark's name, `ns` what it costs by itself and
    `flags` those of that figure, `ratio` that relative to the reference's; `queries` by
    transport."""

    model: str
    switch: str
    ns: float
    flags: tuple[str, ...]
    ratio: float
    in_kernel: bool
    queries: dict[str, InQuery]


class _Ring(NamedTuple):
    """Nanoseconds of a switch in a ring, and the flags of that figure."""

    ns: float
    flags: tuple[str, ...]


def compared_cells(study: Study) -> dict[str, Cell]:
    """Cells by transport that differ in nothing else. Of several such groups, the one with the most
    transports; then one that ranks cost; then the least work per reply; then the most models; then
    the most in flight."""
    groups: dict[tuple, dict[str, Cell]] = {}
    for cell in study.cells.values():
        sustained = cell.question != COST or study.ranks(cell.number)
        if cell.question != UNRANKED and sustained and study.models_in(cell.number):
            group = groups.setdefault((cell.purpose, *cell.beside("transport")), {})
            group[str(cell.axes["transport"])] = cell

    def worth(group: dict[str, Cell]) -> tuple:
        cells = list(group.values())
        models = min(len(study.models_in(cell.number)) for cell in cells)
        ranks_cost, work_us = cells[0].question == COST, cells[0].axes["work_us"] or 0
        return len(cells), ranks_cost, -work_us, models, cells[0].in_flight

    return max(groups.values(), key=worth, default={})


def switch_shares(study: Study) -> list[SwitchShare]:
    """The models of `compared_cells` whose switch was measured by itself, in display order of
    their switches; the first is the reference. Empty where either is missing."""
    cells = compared_cells(study)
    rings = _rings(study, max((cell.in_flight for cell in cells.values()), default=0))
    switched = {model: switch for model, switch in _switch_of(study, cells) if switch in rings}
    if not switched:
        return []
    reference = next(iter(switched))
    base = rings[switched[reference]].ns
    return [
        SwitchShare(
            model,
            switch,
            *rings[switch],
            rings[switch].ns / base,
            model in _OF_MODEL,
            _queries(study, cells, model, reference, rings[switch].ns),
        )
        for model, switch in switched.items()
    ]


def _rings(study: Study, in_flight: int) -> dict[str, _Ring]:
    """Each switch that is clear of zero, in the smallest ring that is large enough, else in the
    largest."""
    rows = operations(study.results, "switch")
    rows = rows[rows["working_set_bytes"] == 0]
    rows = rows[(rows["placement"] != "cross-cpu") & (rows["low"] > 0)]
    found = {}
    for switch, group in rows.groupby("model", sort=False):
        group = group.sort_values("contexts")
        enough = group[group["contexts"] >= in_flight]
        chosen = enough.iloc[0] if len(enough) else group.iloc[-1]
        found[str(switch)] = _Ring(float(chosen["middle"]), chosen["flags"])
    return found


def _switch_of(study: Study, cells: dict[str, Cell]) -> list[tuple[str, str]]:
    """(model, switch): of each style the model on the baseline's engine, else on the first; then
    those of the kernel."""
    present = [
        model
        for model in study.models
        if cells and all(model in study.models_in(cell.number) for cell in cells.values())
    ]
    parts = {model: study.parts(model) for model in present}
    engines = [engine for style, engine in parts.values() if style in _OF_STYLE]
    wanted = study.parts(study.baseline)[1] if study.baseline else None
    engine = wanted if wanted in engines else next(iter(engines), None)
    found = [
        (model, _OF_STYLE[style])
        for model, (style, its_engine) in parts.items()
        if style in _OF_STYLE and its_engine == engine
    ]
    return found + [(model, _OF_MODEL[model]) for model in present if model in _OF_MODEL]


def _queries(
    study: Study, cells: dict[str, Cell], model: str, reference: str, ns: float
) -> dict[str, InQuery]:
    """The model's queries by transport, where their cost is known."""
    found = {}
    for transport, cell in cells.items():
        cost = study.level(cell.number, model, CPU).mean
        waits = study.level(cell.number, model, VOLUNTARY).mean if model in _OF_MODEL else 1.0
        if np.isfinite(cost) and np.isfinite(waits):
            share = ns * waits / _NANOSECONDS / cost
            ratio = _ratio(study, cell, model, reference)
            found[transport] = InQuery(cost, waits, share, ratio)
    return found


def _ratio(study: Study, cell: Cell, model: str, reference: str) -> Interval:
    """A model's client CPU over the reference's, within rounds."""
    if model == reference:
        return _NO_INTERVAL
    entries = within_rounds.measured(study.results, cell.number)
    entries = entries[entries["model"].isin([model, reference])]
    logs = within_rounds.by_model(within_rounds.log_rounds(study.results, entries, CPU))
    return within_rounds.interval_within_rounds(logs[model], logs[reference])

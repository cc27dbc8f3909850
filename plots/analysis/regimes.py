"""The regimes between which a reader chooses: one row for each, with how a cell is recognised as
one of it, what is compared there, and the command that measures it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from plots.analysis.study import Study
from plots.analysis.ties import MEMORY_KIB, P99
from plots.analysis.within_rounds import CPU, RATE
from plots.data.cells import COST, MEMORY, THROUGHPUT, Cell

_MANY, _VERY_MANY = 33, 500  # queries in flight, from which on they are many
_SHORT_US, _LONG_US = 1000, 10_000


class Regime(NamedTuple):
    """`holds` says whether a cell is of the regime, `command` are the arguments of waitbench that
    measure one; both the row of the page and the test of the commands come from here."""

    name: str
    measure: str
    holds: Callable[[Cell], bool]
    command: str


def _plain(cell: Cell) -> bool:
    """A cell of cost in which nothing is out of the ordinary but numbers in flight and delay."""
    axes = cell.axes
    return (
        cell.question == COST
        and (axes["backend"] or "delay") == "delay"
        and (axes["connections"] or "kept") == "kept"
        and not axes["idle"]
        and not axes["work_us"]
        and axes["rate_qps"] is None
        and (axes["loops"] or 1) == 1
        and (axes["fan_out"] or 1) == 1
        and not axes["deadline_us"]
    )


def _in_flight(low: float, high: float) -> Callable[[Cell], bool]:
    return lambda cell: _plain(cell) and low <= cell.in_flight < high


def _delay(low: float, high: float) -> Callable[[Cell], bool]:
    return lambda cell: _plain(cell) and low <= (cell.axes["delay_us"] or 0) < high


def _flat_out(loops: Callable[[int], bool]) -> Callable[[Cell], bool]:
    return lambda cell: cell.question == THROUGHPUT and loops(cell.axes["loops"] or 1)


def _backend(name: str) -> Callable[[Cell], bool]:
    return lambda cell: cell.axes["backend"] == name and cell.question == COST


def _cost_where(holds: Callable[[Cell], bool]) -> Callable[[Cell], bool]:
    return lambda cell: cell.question == COST and bool(holds(cell))


REGIMES = (
    Regime("one query in flight", CPU, _in_flight(1, 2), "run --in-flight 1 --delay-us 200"),
    Regime("few in flight", CPU, _in_flight(2, _MANY), "run --in-flight 8 --delay-us 600"),
    Regime(
        "many in flight",
        CPU,
        _in_flight(_MANY, _VERY_MANY),
        "run --in-flight 64 --delay-us 5000",
    ),
    Regime(
        "a thousand in flight",
        CPU,
        _in_flight(_VERY_MANY, float("inf")),
        "run --in-flight 1000 --delay-us 100000",
    ),
    Regime("short delays", CPU, _delay(1, _SHORT_US), "run --in-flight 8 --delay-us 600"),
    Regime(
        "long delays",
        CPU,
        _delay(_LONG_US, float("inf")),
        "run --in-flight 256 --delay-us 20000",
    ),
    Regime(
        "a connection for each query",
        CPU,
        _cost_where(lambda cell: cell.axes["connections"] == "fresh"),
        "run --connections fresh --in-flight 64 --delay-us 20000",
    ),
    Regime(
        "mostly idle connections",
        CPU,
        _cost_where(lambda cell: (cell.axes["idle"] or 0) > cell.in_flight),
        "run --idle 448 --in-flight 64 --delay-us 20000",
    ),
    Regime(
        "several queries gathered by each task",
        CPU,
        _cost_where(lambda cell: (cell.axes["fan_out"] or 1) > 1),
        "run --fan-out 16 --in-flight 64 --delay-us 5000",
    ),
    Regime(
        "work for each reply",
        CPU,
        _cost_where(lambda cell: (cell.axes["work_us"] or 0) > 0),
        "run --work-us 20 --in-flight 64 --delay-us 10000",
    ),
    Regime(
        "queries on a schedule",
        CPU,
        _cost_where(lambda cell: cell.axes["rate_qps"] is not None),
        "run --rate 5000 --arrivals poisson --in-flight 64",
    ),
    Regime(
        "tail latency (p99)",
        P99,
        _in_flight(2, float("inf")),
        "run --in-flight 64 --delay-us 5000",
    ),
    Regime(
        "memory of a connection",
        MEMORY_KIB,
        lambda cell: cell.purpose == MEMORY,
        "run --memory --invocations 3",
    ),
    Regime(
        "flat out, one event loop",
        RATE,
        _flat_out(lambda loops: loops == 1),
        "run --in-flight 64 --delay-us 0 --work-us 20",
    ),
    Regime(
        "flat out, several event loops",
        RATE,
        _flat_out(lambda loops: loops > 1),
        "run --loops 2 --in-flight 64 --delay-us 0 --work-us 20",
    ),
    Regime("a real database", CPU, _backend("postgres"), "run --backend postgres"),
    Regime("HTTP", CPU, _backend("http"), "run --backend http"),
)


def measured_in(study: Study, regime: Regime) -> list[Cell]:
    """The cells of a regime that compare at least two models, the most telling first: where most
    models are compared, over TCP, with the most in flight."""

    def worth(cell: Cell) -> tuple:
        ranked = [m for m in study.models_in(cell.number) if not _outside(study, cell, m)]
        return (len(ranked), cell.axes["transport"] == "tcp", cell.in_flight)

    cells = [cell for cell in study.cells.values() if regime.holds(cell)]
    cells = [cell for cell in cells if worth(cell)[0] > 1]
    return sorted(cells, key=worth, reverse=True)


def _outside(study: Study, cell: Cell, model: str) -> bool:
    return cell.purpose != MEMORY and study.outside(cell.number, model)

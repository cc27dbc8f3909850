"""Entries of cells that the hand-made results lack, each with a known truth behind its numbers."""

from __future__ import annotations

import copy
import math
import random
from itertools import product
from typing import Any

import make_fixture
from documents import fail

Entry = dict[str, Any]
ROUNDS = (
    "order",
    "wall_s",
    "queries_per_second",
    "client_cpu_us_per_query",
    "backend_cpu_us_per_query",
    "switches_voluntary_per_query",
    "switches_involuntary_per_query",
    "foreign_cpu_share",
    "steal_share",
)
MEMORY_KIB = {
    "thread-per-connection": (8.5, 30.0),
    "callback-epoll": (0.7, 5.0),
    "coroutine-epoll": (1.1, 5.0),
    "fiber-epoll": (5.2, None),
}
STYLES = {"callback": 1.0, "generator": 1.02, "coroutine": 1.01, "fiber": 1.1}
ENGINES = {"select": 1.5, "poll": 1.4, "epoll": 1.0, "libuv": 1.08, "io_uring": 0.95}
CPU = "client_cpu_us_per_query"


def a_a_entries(entries: int, rounds: int, turn_noise: float = 0.02) -> list[Entry]:
    """The a-a cell: callback-epoll entered so often, with independent noise in each turn's cost."""
    rng = random.Random(7)
    found = []
    for invocation in range(make_fixture.INVOCATIONS):
        for number in range(entries):
            row = _measured(rng, "callback-epoll", "a-a", invocation, [1.0] * rounds)
            row["entry"] = number
            row["rounds"][CPU] = [7.0 * math.exp(rng.gauss(0, turn_noise)) for _ in range(rounds)]
            found.append(row)
    return found


def control_entries(costs_more: float, planted_ns: float = 360.0) -> list[Entry]:
    """A cell of cost with the matrix, and the positive control beside it, which costs so much more
    than callback-epoll (a share)."""
    rng = random.Random(12)
    found = matrix_entries()
    for base in [row for row in found if row["model"] == "callback-epoll"]:
        row = copy.deepcopy(base)
        costs = [cost * (1 + costs_more) * rng.gauss(1, 0.01) for cost in base["rounds"][CPU]]
        row["rounds"][CPU] = costs
        row |= {"model": "positive-control", "role": "positive-control", "planted_ns": planted_ns}
        found.append(row)
    return found


GUESTS = {  # cost over callback-epoll, kind, and who does the same by hand
    "guest-epoll": (0.97, "handwritten", "callback-epoll"),
    "asio": (1.1, "library", "guest-epoll"),
    "go": (1.4, "language runtime", "guest-epoll"),
}


def guest_entries() -> list[Entry]:
    """A cell of cost with the matrix, and guests beside it, of which none was verified to have a
    ledger: no latency parts and no mean number in flight."""
    rng = random.Random(13)
    found = matrix_entries()
    for base in [row for row in found if row["model"] == "callback-epoll"]:
        for name, (cost, kind, over) in GUESTS.items():
            row = copy.deepcopy(base)
            row["rounds"][CPU] = [c * cost * rng.gauss(1, 0.005) for c in base["rounds"][CPU]]
            row |= {"model": name, "role": "guest", "style": "callback", "engine": "epoll"}
            row |= {"in_flight_mean": None, "latency_parts_us": None, "held_cpu_us": 12.5}
            row["guest"] = {"kind": kind, "version": "1.2", "sha256": None, "over": over}
            found.append(row)
    return found


def idle_entries() -> list[Entry]:
    """Cells that differ in idle connections only: epoll costs the same in all, poll three times as
    much with 1,000, and select cannot watch so many."""
    rng = random.Random(8)
    found = []
    for idle, invocation in product((0, 100, 1000), range(make_fixture.INVOCATIONS)):
        for engine, growth in (("epoll", 0.0), ("poll", 2.0), ("select", 2.0)):
            row = _measured(rng, "callback-epoll", "custom", invocation, [1.0] * 4)
            scale = 1 + growth * idle / 1000
            row["rounds"][CPU] = [7.0 * scale * rng.gauss(1, 0.005) for _ in range(4)]
            row[CPU] = 7.0 * scale
            row |= {"model": f"callback-{engine}", "engine": engine, "idle": idle}
            if engine == "select" and idle == 1000:
                fail(row)
                row |= {"status": "skipped", "reason": "select cannot watch so many"}
            elif growth and idle:
                row["flags"] = ["saturated"]
            found.append(row)
    return found


def fan_out_entries() -> list[Entry]:
    """Cells that differ in their fan-out only: callbacks cost the same in all, threads that are
    started and joined for each query ten times as much, and a pool of processes has none."""
    rng = random.Random(10)
    found = []
    models = {"callback-epoll": 1.0, "thread-per-connection": 10.0, "process-pool": 1.0}
    for fan_out, invocation in product((1, 4, 16), range(make_fixture.INVOCATIONS)):
        for model, growth in models.items():
            row = _measured(rng, "callback-epoll", "custom", invocation, [1.0] * 4)
            scale = growth if fan_out > 1 else 1.0
            row["rounds"][CPU] = [7.0 * scale * rng.gauss(1, 0.005) for _ in range(4)]
            row[CPU] = 7.0 * scale
            row |= {"model": model, "fan_out": fan_out}
            if model != "callback-epoll":
                row |= {"style": model.split("-", 1)[0], "engine": None}
            if model == "process-pool" and fan_out > 1:
                fail(row)
                row |= {"status": "skipped", "reason": "its workers share no memory"}
            found.append(row)
    return found


PARTS = ("send_lag", "transit", "delay", "delay_error", "resume_lag")


def offload_entries() -> list[Entry]:
    """Cells that differ in their calls only: in place these have every query come back 64 times as
    late, and by workers as late as without any."""
    rng = random.Random(15)
    found = []
    places = ((0.0, None, 4.0), (1000.0, "inline", 256.0), (1000.0, "threads:4", 4.0))
    for (block_us, offload, late_us), invocation in product(places, range(2)):
        row = _measured(rng, "callback-epoll", "custom", invocation, [1.0] * 4)
        bucket = [16 * (math.frexp(late_us * 1000)[1] - 4), 1000]  # of that time and somewhat more
        row["latency_us"]["histogram"]["buckets"] = [bucket]
        part = {"mean": late_us, "p50": late_us, "p99": late_us, "max": late_us}
        row["latency_parts_us"] = {"count": 1000, **{name: part for name in PARTS}}
        callers = 0 if offload else None
        row |= {"block_us": block_us, "offload": offload, "callers": callers}
        found.append(row)
    return found


def loop_entries() -> list[Entry]:
    """Saturated cells of 1 and 2 event loops: the second doubles the rate."""
    rng = random.Random(9)
    found = []
    for loops, invocation in product((1, 2), range(make_fixture.INVOCATIONS)):
        row = _measured(rng, "coroutine-epoll", "saturated", invocation, [1.0] * 4)
        rates = [50_000.0 * loops * rng.gauss(1, 0.005) for _ in range(4)]
        row["rounds"]["queries_per_second"] = rates
        row |= {"loops": loops, "delay_us": 0.0, "queries_per_second": 50_000.0 * loops}
        found.append(row)
    return found


def matrix_entries(interaction: float = 0.0) -> list[Entry]:
    """A cell of 4 styles x 5 engines whose costs multiply (STYLES x ENGINES), except fiber-select,
    which costs `interaction` (a log ratio) more."""
    rng = random.Random(11)
    found = []
    for invocation in range(make_fixture.INVOCATIONS):
        speeds = [rng.gauss(1.0, 0.1) for _ in range(4)]
        for (style, by_style), (engine, by_engine) in product(STYLES.items(), ENGINES.items()):
            extra = math.exp(interaction) if (style, engine) == ("fiber", "select") else 1.0
            row = _measured(rng, "callback-epoll", "matched", invocation, speeds)
            cost = 7.0 * by_style * by_engine * extra
            row["rounds"][CPU] = [cost * speed * rng.gauss(1, 0.01) for speed in speeds]
            row[CPU] = cost
            found.append(row | {"model": f"{style}-{engine}", "style": style, "engine": engine})
    return found


def pitfall_entries(peak: int | None) -> list[Entry]:
    """A pitfall that never reached 64 in flight; `peak` is what the backend counted, if it did."""
    found = []
    for invocation in range(2):
        row = make_fixture.entry("pitfall-awaits-in-turn", "custom", 64, 2000.0, invocation)
        fail(row)
        row["reason"] = "1 of 64 queries in flight at the deadline"
        row |= {"role": "pitfall", "style": "coroutine", "engine": "epoll"}
        found.append(row | {"in_flight_peak_backend": peak})
    return found


def memory_entries() -> list[Entry]:
    """A memory cell: what the models of the fixture take per connection, with noise."""
    rng = random.Random(10)
    found = []
    for invocation in range(make_fixture.INVOCATIONS):
        for model, (user, kernel) in MEMORY_KIB.items():
            row = make_fixture.entry(model, "memory", 1000, 2000.0, invocation)
            row["memory_kib"] = {"user": user * rng.gauss(1, 0.01), "kernel": kernel}
            row |= {"queries": 1000, "rounds": {name: [] for name in ROUNDS}}
            found.append(row)
    return found


def _measured(
    rng: random.Random, model: str, purpose: str, invocation: int, speeds: list[float]
) -> Entry:
    """An entry at 64 in flight and 2 ms delay, as the fixture has them."""
    row = make_fixture.entry(model, purpose, 64, 2000.0, invocation)
    return make_fixture.measure(row, rng, speeds, make_fixture.cost_of(model, 64, 2000.0))

"""Entries of open loops, each with a known truth behind its numbers."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import make_fixture

Entry = dict[str, Any]
PARTS_US = {"send_lag": 40.0, "transit": 30.0, "delay_error": 10.0, "resume_lag": 20.0}
CAPACITY_QPS = {"callback-epoll": 20_000.0, "blocking": 1000.0}
LIMIT_US = 5000.0


def open_entries(rates: tuple[float, ...] = (500.0, 2000.0, 8000.0)) -> list[Entry]:
    """Cells of one rate each: what exceeds a model's capacity makes it unstable."""
    return [
        _measured(model, "open", rate, invocation)
        for rate, model, invocation in product(rates, CAPACITY_QPS, range(make_fixture.INVOCATIONS))
    ]


def sweep_entries(found: dict[str, tuple[float, ...]]) -> list[Entry]:
    """The trials of a sweep in one invocation: the rates tried, model by model."""
    entries = []
    for model, rates in found.items():
        for rate in rates:
            row = _measured(model, "sweep", rate, 0)
            row |= {"p99_limit_us": LIMIT_US, "sustained": rate <= CAPACITY_QPS[model]}
            entries.append(row)
    return entries


def as_late_as(entries: list[Entry], model: str, factor: float) -> list[Entry]:
    """The same of another model, which begins its queries so many times as late."""
    found = []
    for entry in entries:
        parts = entry["latency_parts_us"]
        lag = {name: factor * value for name, value in parts["send_lag"].items()}
        engine = model.rpartition("-")[2]
        found.append(
            entry
            | {"model": model, "engine": engine, "latency_parts_us": parts | {"send_lag": lag}}
        )
    return found


def _measured(model: str, purpose: str, rate: float, invocation: int) -> Entry:
    """An entry at 64 in flight and 1 ms delay; blocking's latency is that of a backlog."""
    rng = random.Random(f"{model} {purpose} {rate} {invocation}")
    row = make_fixture.entry(model, purpose, 64, 1000.0, invocation)
    row = make_fixture.measure(row, rng, [1.0, 1.0], make_fixture.cost_of(model, 64, 1000.0))
    parts = {
        name: {"mean": mean, "p50": mean, "p99": 2 * mean, "max": 3 * mean}
        for name, mean in (PARTS_US | {"delay": 1000.0}).items()
    }
    row |= {"rate_qps": rate, "arrivals": "poisson", "rate_achieved_qps": rate, "backlog": 0}
    row |= {"latency_parts_us": {"count": 100} | parts, "latency_uncorrected_us": None}
    row |= {"flags": [], "p99_limit_us": None, "sustained": None}
    if rate > CAPACITY_QPS[model]:
        row |= {"flags": ["unstable"], "backlog": 500, "rate_achieved_qps": CAPACITY_QPS[model]}
    return row

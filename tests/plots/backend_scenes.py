"""Entries of cells that differ in their connections or in their backend, each with a known truth
behind its numbers."""

from __future__ import annotations

import random
from typing import Any

import make_fixture

Entry = dict[str, Any]
CPU, BACKEND_CPU = "client_cpu_us_per_query", "backend_cpu_us_per_query"
INVOCATIONS, ROUNDS = 8, 4
# Every model of a backend by its client CPU, in microseconds.
ORDER = {"callback-epoll": 7.0, "coroutine-epoll": 8.0, "thread-per-connection": 12.0}
OTHER_ORDER = {"callback-epoll": 57.0, "coroutine-epoll": 46.0, "thread-per-connection": 62.0}
NO_ORDER = dict.fromkeys(ORDER, 60.0)


def cell(costs: dict[str, float], server_us: float | None, **axes: object) -> list[Entry]:
    """A cell of models with these costs to their clients, and one to the server."""
    rng = random.Random(repr(sorted(axes.items())))
    found = []
    for invocation in range(INVOCATIONS):
        speeds = [rng.gauss(1.0, 0.05) for _ in range(ROUNDS)]
        for model, cost in costs.items():
            row = make_fixture.entry(model, "custom", 64, 2000.0, invocation)
            row = make_fixture.measure(row, rng, speeds, cost)
            row["max_in_flight"] = 64
            row["rounds"][CPU] = [cost * speed * rng.gauss(1, 0.01) for speed in speeds]
            row[CPU] = make_fixture.median(row["rounds"][CPU])
            backend = [None if server_us is None else server_us * speed for speed in speeds]
            row["rounds"][BACKEND_CPU] = backend
            row[BACKEND_CPU] = None if server_us is None else make_fixture.median(backend)
            found.append(row | axes)
    return found


def backends(**costs: dict[str, float]) -> list[Entry]:
    """The same models on the backends of these names."""
    return [
        row
        for backend, of_models in costs.items()
        for row in cell(of_models, 100.0, backend=backend)
    ]

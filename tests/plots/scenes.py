"""Entries of cells that the hand-made results lack, each with a known truth behind its numbers."""

from __future__ import annotations

import random
from typing import Any

import make_fixture

Entry = dict[str, Any]
CPU = "client_cpu_us_per_query"


def a_a_entries(entries: int, rounds: int, turn_noise: float = 0.02) -> list[Entry]:
    """The a-a cell: callback-epoll entered so often, each turn's cost wandering by itself."""
    rng = random.Random(7)
    found = []
    for invocation in range(make_fixture.INVOCATIONS):
        for number in range(entries):
            row = _measured(rng, "callback-epoll", "a-a", invocation, [1.0] * rounds)
            row["entry"] = number
            row["rounds"][CPU] = [7.0 * rng.gauss(1, turn_noise) for _ in range(rounds)]
            found.append(row)
    return found


def _measured(
    rng: random.Random, model: str, purpose: str, invocation: int, speeds: list[float]
) -> Entry:
    """An entry at 64 in flight and 2 ms delay, as the fixture has them."""
    row = make_fixture.entry(model, purpose, 64, 2000.0, invocation)
    return make_fixture.measure(row, rng, speeds, make_fixture.cost_of(model, 64, 2000.0))

"""Entries of the counting pass, each with a known truth behind its numbers."""

from __future__ import annotations

from typing import Any

import make_fixture
import scenes

Entry = dict[str, Any]
# model: system calls of a query in each counted turn, and its switches in the median turn
SYSCALLS = {"callback-epoll": (2.3, 2.4, 2.5), "thread-per-connection": (2.0, 2.0, 2.0)}
SWITCHES = {"callback-epoll": 0.42, "thread-per-connection": 1.0}  # timed: 0.21 and 1.0
SLOWDOWN = {"callback-epoll": 1.05, "thread-per-connection": 1.2}


def counted_entries(proc_share: float = 1.0) -> list[Entry]:
    """Three counted turns of two models, at 64 in flight and 2 ms delay; /proc finds `proc_share`
    of the switches that perf events do."""
    return [_counted(model, proc_share) for model in SYSCALLS]


def _counted(model: str, proc_share: float) -> Entry:
    row = make_fixture.entry(model, "counted", 64, 2000.0, 0)
    turns = len(SYSCALLS[model])
    switches = [SWITCHES[model] * wobble for wobble in (0.9, 1.0, 1.1)]
    arrays: dict[str, list[float] | None] = {name: [0.0] * turns for name in scenes.ROUNDS}
    arrays |= {
        "syscalls_per_query": list(SYSCALLS[model]),
        "switches_per_query": switches,
        "switches_voluntary_per_query": [value * proc_share for value in switches],
        "migrations_per_query": [0.0] * turns,
        "counting_slowdown": [SLOWDOWN[model]] * turns,
    }
    return row | {"queries": 1000, "rounds": arrays}


def scripted_entry(style: str | None, instructions: float) -> Entry:
    """What a scripted trial of a style found; the harness alone without one."""
    row = make_fixture.entry("blocking", "counted", 64, 2000.0, 0)
    row |= {"model": f"{style or 'no-op'}-scripted", "role": "model" if style else "no-op"}
    row |= {"style": style, "engine": "scripted", "backend": None, "transport": None}
    row |= {"queries": 1000, "rounds": {name: [] for name in scenes.ROUNDS}}
    return row | {"instructions_per_query": instructions}

"""Entries of the micro families, each with a known truth behind its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Entry = dict[str, Any]
# model: nanoseconds of a switch, style, placement, role
SWITCHES: dict[str, tuple[float, str, str | None, str]] = {
    "callback": (1.0, "callback", None, "model"),
    "generator": (2.0, "generator", None, "model"),
    "minimal-coroutine": (2.0, "generator", None, "reference"),
    "coroutine-transfer": (2.0, "coroutine", None, "model"),
    "fiber": (10.0, "fiber", None, "model"),
    "callcc": (10.0, "fiber", None, "reference"),
    "thread-futex": (2000.0, "thread", "same-cpu", "model"),
    "process-pipe": (3000.0, "process", "same-cpu", "model"),
}
ENGINES = ("select", "poll", "epoll", "libuv", "io_uring")
BYTES = {"callback": 64.0, "coroutine": 176.0, "thread": 36000.0}
LIMIT = "kernel.pid_max allows 32768"
_WOBBLE = (0.99, 1.0, 1.01)  # of the rounds
_MEASURES = ("nanoseconds_per_operation", "gross_nanoseconds_per_operation", "bytes_per_task")


def micro_entry(**changes) -> Entry:
    """An entry of `waitbench switch` with two rounds."""
    rounds = {
        "order": [0, 1],
        "nanoseconds_per_operation": [2.0, -0.5],
        "gross_nanoseconds_per_operation": [2.5, 0.5],
        "bytes_per_task": None,
    }
    entry = {
        "name": "switch/fiber/contexts:2/working_set:0",
        "family": "switch",
        "model": "fiber",
        "role": "model",
        "style": "fiber",
        "engine": None,
        "operation": "a driver switches to the next of its fibers",
        "baseline": "switch/loop/contexts:2/working_set:0",
        "contexts": 2,
        "working_set_bytes": 0,
        "placement": None,
        "depth": None,
        "watched": None,
        "ready": None,
        "tasks": None,
        "armed": None,
        "primitive": None,
        "situation": None,
        "limit": None,
        "status": "ok",
        "reason": None,
        "flags": [],
        "rounds": rounds,
        "nanoseconds_per_operation": 0.75,
        "gross_nanoseconds_per_operation": 1.5,
        "bytes_per_task": None,
    }
    return entry | changes


def measured(model: str, nanoseconds: Sequence[float], **changes) -> Entry:
    """An entry of the family "switch", with a round for each of the values."""
    entry = micro_entry(model=model, **changes)
    axes = [f"{axis}:{entry[axis]}" for axis in ("contexts", "depth", "watched", "tasks", "armed")]
    entry["name"] = "/".join([entry["family"], model, *axes, *map(str, changes.values())])
    values = list(nanoseconds)
    entry["rounds"] = {
        "order": [0] * len(values),
        "nanoseconds_per_operation": values,
        "gross_nanoseconds_per_operation": [max(value, 0.0) + 0.5 for value in values],
        "bytes_per_task": None,
    }
    middle = sorted(values)[len(values) // 2] if values else None
    for name in _MEASURES[:2]:
        entry[name] = None if middle is None else max(middle, 0.0)
    return entry


def skipped(entry: Entry, reason: str = "it can watch 1000 connections at most") -> Entry:
    """The entry without results."""
    nothing = {name: None for name in _MEASURES}
    rounds = nothing | {"order": []}
    return entry | nothing | {"rounds": rounds, "status": "skipped", "reason": reason}


def switch_entries(contexts: Sequence[int] = (2, 128), sizes: Sequence[int] = (0,)) -> list[Entry]:
    """Rings: a switch of the kernel costs twice as much with 128 contexts, and half as much again
    with memory to touch; one of user space always the same, but lost in the noise with memory."""
    found = []
    for model, (cost, style, placement, role) in SWITCHES.items():
        for count in contexts:
            for size in sizes:
                slow = 1.0 if placement is None else (1 + (count > 2)) * (1.5 if size else 1.0)
                noise = 30.0 if size and placement is None else 0.0
                values = [cost * slow * wobble + noise * (wobble - 1) * 100 for wobble in _WOBBLE]
                axes = {"contexts": count, "working_set_bytes": size, "placement": placement}
                found.append(measured(model, values, style=style, role=role, **axes))
    across = {"style": "thread", "placement": "cross-cpu"}
    return [*found, measured("thread-futex", [20000.0] * 3, contexts=2, **across)]


def delegate_entries() -> list[Entry]:
    """Yielding again by hand costs 2 ns a level, delegating 2 ns at any depth."""
    return [
        measured(
            model,
            [2.0 * (depth if model == "generator-by-hand" else 1) * wobble for wobble in _WOBBLE],
            family="delegate",
            style="generator",
            contexts=None,
            working_set_bytes=None,
            depth=depth,
        )
        for model in ("generator-by-hand", "generator")
        for depth in (1, 8, 64)
    ]


def wake_entries() -> list[Entry]:
    """poll and select grow by 10 ns a connection, the others do not; select cannot do 4,096."""
    shared = {"family": "wake", "style": None, "contexts": None, "working_set_bytes": None}
    found = [
        measured("send-receive", [1500.0] * 3, role="reference", watched=0, ready=1, **shared)
    ]
    for engine in ENGINES:
        growth = 10.0 if engine in ("select", "poll") else 0.0
        for watched, ready in ((1, 1), (64, 1), (4096, 1), (64, 6), (4096, 409)):
            axes = {"engine": engine, "watched": watched, "ready": ready}
            cost = 2000.0 + growth * watched / ready
            entry = measured(engine, [cost * wobble for wobble in _WOBBLE], **axes, **shared)
            refused = engine == "select" and watched == 4096
            found.append(skipped(entry) if refused else entry)
    return found


def spawn_entries() -> list[Entry]:
    """Tasks made one by one, and 1,000 of each alive at once, which take BYTES each."""
    found = []
    for style, size in BYTES.items():
        shared = {"family": "spawn", "style": style, "contexts": None, "working_set_bytes": None}
        found.append(measured(style, [10.0] * 3, **shared))
        asleep = measured(style, [50.0] * 3, tasks=1000, limit=LIMIT, **shared)
        asleep["rounds"]["bytes_per_task"] = [size] * 3
        found.append(asleep | {"bytes_per_task": size})
    return found


_ELSEWHERE = {"contexts": None, "working_set_bytes": None}


def sync_entries() -> list[Entry]:
    """A lock costs 2 ns, and three times as much where it is handed over, in each style; among
    1,024 ten times as much. Threads hand over a semaphore on one CPU and across CPUs."""
    found = []
    for style in ("callback", "coroutine"):
        for situation, contexts, cost in (
            ("uncontended", None, 2.0),
            ("handed-over", 2, 6.0),
            ("handed-over", 1024, 60.0),
        ):
            axes = {"primitive": "lock", "situation": situation, "contexts": contexts}
            values = [cost * wobble for wobble in _WOBBLE]
            shared = {"family": "sync", "style": style, "working_set_bytes": None}
            found.append(measured(style, values, **axes, **shared))
    for placement, cost in (("same-cpu", 2000.0), ("cross-cpu", 9000.0)):
        axes = {"primitive": "semaphore", "situation": "handed-over", "placement": placement}
        shared = {"family": "sync", "style": "thread", "working_set_bytes": None}
        found.append(measured("thread", [cost] * 3, **axes, **shared))
    return found


def join_entries() -> list[Entry]:
    """Joining costs 30 ns a task, and awaiting one after the other 20, with any number of them."""
    return [
        measured(model, [cost * wobble for wobble in _WOBBLE], family="join", style="coroutine",
                 role=role, tasks=tasks, **_ELSEWHERE)
        for model, role, cost in (("coroutine", "model", 30.0),
                                  ("coroutine-in-turn", "reference", 20.0))
        for tasks in (1, 256)
    ]  # fmt: skip


def timer_entries() -> list[Entry]:
    """A timer that fires costs 1 microsecond, one that does not 50 ns, and twice with many."""
    return [
        measured(engine, [cost * slow * wobble for wobble in _WOBBLE], family="timer", style=None,
                 engine=engine, armed=armed, situation=situation, **_ELSEWHERE)
        for engine in ENGINES
        for situation, cost in (("cancelled", 50.0), ("fired", 1000.0))
        for armed, slow in ((1, 1.0), (10_000, 2.0))
    ]  # fmt: skip


def post_entries() -> list[Entry]:
    """To tell oneself costs 1 microsecond, another CPU ten, and io_uring has no messages."""
    shared = {"family": "post", "style": None, **_ELSEWHERE}
    found = [measured("run-queue", [2.0] * 3, role="reference", placement="same-cpu", **shared)]
    for engine in ENGINES:
        for placement, cost in (("same-cpu", 1000.0), ("cross-cpu", 10_000.0)):
            entry = measured(engine, [cost] * 3, engine=engine, placement=placement, **shared)
            found.append(skipped(entry, "too old") if engine == "io_uring" else entry)
    return found


def all_entries() -> list[Entry]:
    """All families."""
    rings = switch_entries(sizes=(0, 4096, 65536))
    waiting = [*sync_entries(), *join_entries(), *timer_entries(), *post_entries()]
    return [*rings, *delegate_entries(), *wake_entries(), *spawn_entries(), *waiting]

"""The axes of a cell: one row for each, with the phrase that names a value of it.

This is the only place in Python that knows what axes there are. A new axis of `waitbench run` is a
row here; a test compares the rows with the axes in results/schema.json.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from plots.text.format import microseconds, plural, significant

TRANSPORTS = {"tcp": "TCP", "unix": "Unix sockets"}
_FRAMINGS = {"length": "Content-Length"}
_CLIENTS = {"wire": "protocol by hand"}
_ARRIVALS = {"poisson": "Poisson", "onoff": "on/off"}


def pool_size(policy: str | None) -> int | None:
    """How many connections clients share under a policy such as 'pool:8'; None: they do not."""
    kind, _, size = (policy or "").partition(":")
    return int(size) if kind == "pool" and size.isdigit() else None


def connections_phrase(policy: str) -> str:
    size = pool_size(policy)
    return f"{policy} connections" if size is None else f"pool of {plural(size, 'connection')}"


def offload_phrase(where: str) -> str:
    """Who makes the calls that block: 'in place', 'by 4 threads'."""
    kind, _, number = where.partition(":")
    return f"by {number} {kind}" if number else "in place"


class Axis(NamedTuple):
    """`phrase` words a value that is known, as in "64 in flight". Titles leave out an axis at its
    `usual` value; None: they always name it. `unset` words the value null, if null has a meaning
    of its own."""

    name: str
    phrase: Callable[[Any], str]
    usual: Any = None
    unset: str | None = None


_ROWS = (  # in the order in which cells are sorted, the most significant first
    Axis("family", lambda name: f"{name} family", usual="query"),
    Axis("backend", lambda name: f"{name} backend", usual="delay"),
    Axis("transport", lambda name: TRANSPORTS.get(name, str(name))),
    Axis("connections", lambda policy: connections_phrase(policy)),
    Axis("dispatch", lambda rule: f"{rule} dispatch"),
    Axis("delay_shape", lambda shape: f"{shape} delays"),
    Axis("reply_bytes", lambda count: f"{count:,}-byte replies"),
    Axis("framing", lambda how: f"{_FRAMINGS.get(how, how)} replies", usual="length"),
    Axis("client", lambda who: f"{_CLIENTS.get(who, who)}", usual="libpq"),
    Axis("pipeline", lambda n: f"pipelines of {n:,}" if n > 1 else "no pipeline", usual=1),
    Axis("work_us", lambda us: f"{microseconds(us)} of work per reply" if us else "no work", 0),
    Axis("block_us", lambda us: f"calls of {microseconds(us)}" if us else "no calls", usual=0),
    Axis("offload", lambda where: offload_phrase(where)),
    Axis("callers", lambda n: f"made by {plural(n, 'client')}" if n else "made by all", usual=0),
    Axis("fan_out", lambda count: f"fan-out {count:,}", usual=1),
    Axis("limit", lambda count: f"at most {count:,} at once" if count else "no limit", usual=0),
    Axis("lock", lambda use: f"{use} lock", usual="none"),
    Axis("deadline_us", lambda us: f"deadline {microseconds(us)}" if us else "no deadline", 0),
    Axis("idle", lambda n: f"{n:,} idle connections" if n else "no idle connections", usual=0),
    Axis("depth", lambda depth: f"depth {depth:,}", usual=1),
    Axis("loops", lambda count: plural(count, "loop"), usual=1),
    Axis("workers", lambda count: plural(count, "worker"), usual=4),
    Axis("rate_qps", lambda r: f"{significant(r)} queries/s offered", unset="closed loop"),
    Axis("arrivals", lambda shape: f"{_ARRIVALS.get(shape, shape)} arrivals"),
    Axis("delay_us", lambda us: f"{microseconds(us)} delay" if us else "no delay"),
    Axis("in_flight", lambda count: f"{count:,} in flight"),
)
_BY_NAME = {row.name: row for row in _ROWS}
AXES = tuple(_BY_NAME)


def axis_phrase(axis: str, value: Any) -> str:
    """One axis of a cell: '64 in flight', '2 ms delay', 'TCP'. Raises KeyError for a name that is
    not in AXES."""
    row = _BY_NAME[axis]
    if value is None:
        return row.unset or f"{axis} unknown"
    return row.phrase(value)


def is_usual(axis: str, value: Any) -> bool:
    """Whether a title may leave this axis out: it is unknown, off, or what every cell has."""
    return value is None or value == _BY_NAME[axis].usual

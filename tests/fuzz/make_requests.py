"""Writes the seeds in requests/: one of everything that the backend can be asked or ordered.

    /usr/bin/python3 tests/fuzz/make_requests.py

A seed is a byte that says in what pieces to send (backend_under_fire.hpp), and then requests as
harness/workloads/delay/wire.hpp has them, or orders as harness/backend/control.hpp has them.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path

TARGET = Path(__file__).with_name("requests")
REQUEST_MAGIC = 0x31515157
QUERY, IDLE = 1, 2
REST_QUERY = 2  # a flag
CONTROL = Path(__file__).parents[2] / "harness" / "backend" / "control.hpp"
ORDER_MAGIC = 0x43425791
VERSION = int(re.findall(r"uint16_t version = (\d+);", CONTROL.read_text(encoding="utf-8"))[0])
WATCH, OPEN, RUN, RELEASE, DISMISS, STATISTICS = 1, 2, 3, 4, 5, 6
CHANGE_OVER = b"\xff<->"  # what follows goes over the other one of two connections
SECOND_NS = 1_000_000_000


def request(
    kind: int, trial: int = 0, id: int = 1, delay_ns: int = 0, payload: int = 0, flags: int = 0
) -> bytes:
    """One request, 32 bytes."""
    return struct.pack("<IHHQQII", REQUEST_MAGIC, kind, trial, id, delay_ns, payload, flags)


def order(
    kind: int,
    trial: int = 1,
    in_flight: int = 0,
    idle: int = 0,
    queries: int = 0,
    times_cycles: int = 0,
    version: int = VERSION,
) -> bytes:
    """One order, 48 bytes."""
    return struct.pack(
        "<IHHIIQQQQ", ORDER_MAGIC, version, kind, 1, trial, in_flight, idle, queries, times_cycles
    )


SEEDS: dict[str, tuple[int, bytes]] = {
    "query": (255, request(QUERY, payload=16)),
    "query_cut_into_bytes": (0, request(QUERY, payload=100)),
    "query_byte_by_byte": (255, request(QUERY, payload=100, flags=1)),
    "large_reply": (255, request(QUERY, payload=8 << 20)),
    "delayed": (255, request(QUERY, delay_ns=60 * SECOND_NS, payload=1)),
    "too_large": (255, request(QUERY, payload=(8 << 20) + 1)),
    "idle": (255, request(IDLE, trial=3)),
    "rest_queries": (255, request(QUERY, trial=2, flags=REST_QUERY) * 2),
    "nonsense": (255, b"GET / HTTP/1.1\r\n\r\n"),
    "statistics": (255, order(STATISTICS, trial=2)),
    "order_cut_into_bytes": (0, order(WATCH, in_flight=1)),
    "other_version": (255, order(WATCH, in_flight=1, version=VERSION + 1)),
    "trial": (
        255,
        order(WATCH, in_flight=2)
        + CHANGE_OVER
        + request(QUERY, trial=1, id=1, delay_ns=SECOND_NS)
        + request(QUERY, trial=1, id=2)
        + CHANGE_OVER
        + order(OPEN, queries=3)
        + CHANGE_OVER
        + request(QUERY, trial=1, id=3)
        + CHANGE_OVER
        + order(RELEASE)
        + order(DISMISS),
    ),
    "open_loop": (
        255,
        order(WATCH, trial=2, in_flight=1)
        + CHANGE_OVER
        + request(QUERY, trial=2, id=1, flags=REST_QUERY)
        + CHANGE_OVER
        + order(RUN, trial=2, queries=1)
        + CHANGE_OVER
        + request(QUERY, trial=2, id=2, delay_ns=SECOND_NS)
        + request(QUERY, trial=2, id=3, flags=REST_QUERY),
    ),
    "cycles": (255, order(WATCH, times_cycles=1) + order(RUN)),
    "released_with_idle": (
        20,
        order(WATCH, trial=7, in_flight=1, idle=1)
        + CHANGE_OVER
        + request(IDLE, trial=7)
        + CHANGE_OVER
        + order(RELEASE, trial=7),
    ),
    "order_and_query": (255, order(WATCH, in_flight=1) + request(QUERY, trial=1)),
    "query_and_order": (255, request(QUERY, trial=1) + order(WATCH, in_flight=1)),
}


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    for name, (pieces, requests) in SEEDS.items():
        (TARGET / name).write_bytes(bytes([pieces]) + requests)


if __name__ == "__main__":
    main()

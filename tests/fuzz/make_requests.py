"""Writes the seeds in requests/: one of everything that the backend can be asked.

    /usr/bin/python3 tests/fuzz/make_requests.py

A seed is a byte that says in what pieces to send (backend_under_fire.hpp), and requests as
harness/workloads/delay/wire.hpp has them.
"""

from __future__ import annotations

import struct
from pathlib import Path

TARGET = Path(__file__).with_name("requests")
MAGIC = 0x31515157
QUERY, PARK, WATCH, OPEN, RELEASE, STATISTICS, RUN = 1, 2, 16, 17, 18, 19, 20
RESTS = 2  # a flag
SECOND_NS = 1_000_000_000


def request(
    ask: int, trial: int = 0, id: int = 1, delay_ns: int = 0, payload: int = 0, flags: int = 0
) -> bytes:
    """One request, 32 bytes."""
    return struct.pack("<IHHQQII", MAGIC, ask, trial, id, delay_ns, payload, flags)


SEEDS: dict[str, tuple[int, bytes]] = {
    "query": (255, request(QUERY, payload=16)),
    "query_cut_into_bytes": (0, request(QUERY, payload=100)),
    "query_byte_by_byte": (255, request(QUERY, payload=100, flags=1)),
    "large_reply": (255, request(QUERY, payload=8 << 20)),
    "delayed": (255, request(QUERY, delay_ns=60 * SECOND_NS, payload=1)),
    "too_large": (255, request(QUERY, payload=(8 << 20) + 1)),
    "parked": (255, request(PARK, trial=3)),
    "statistics": (255, request(STATISTICS, trial=2)),
    "nonsense": (255, b"GET / HTTP/1.1\r\n\r\n"),
    "trial": (
        255,
        request(WATCH, trial=1, id=2)
        + request(QUERY, trial=1, id=1, delay_ns=SECOND_NS)
        + request(QUERY, trial=1, id=2)
        + request(OPEN, trial=1, id=3)
        + request(QUERY, trial=1, id=3)
        + request(RELEASE, trial=1),
    ),
    "open_loop": (
        255,
        request(WATCH, trial=2, id=1)
        + request(QUERY, trial=2, id=1, flags=RESTS)
        + request(RUN, trial=2, delay_ns=SECOND_NS)
        + request(QUERY, trial=2, id=2, delay_ns=SECOND_NS)
        + request(QUERY, trial=2, id=3, flags=RESTS),
    ),
    "open_loop_for_ever": (
        255,
        request(WATCH, trial=2) + request(RUN, trial=2, delay_ns=2**64 - 1),
    ),
    "released_with_parked": (
        20,
        request(WATCH, trial=7, id=1, delay_ns=1) + request(PARK, trial=7) + request(RELEASE, 7),
    ),
}


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    for name, (pieces, requests) in SEEDS.items():
        (TARGET / name).write_bytes(bytes([pieces]) + requests)


if __name__ == "__main__":
    main()

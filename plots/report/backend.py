"""A backend on another machine: where it is, how far away, and what is left out for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plots.text.format import DASH, extent, listing, microseconds

OTHER_CLOCK = "it reads a clock of its own, so latencies are not split into parts"


def backend_fact(backend: Mapping[str, Any]) -> str:
    """A backend in words: at 10.0.0.2:8000, a round trip of 310 µs away ..."""
    trip, host = backend["round_trip_us"], backend["host"]
    range_ = extent(microseconds(trip["least"]), microseconds(trip["most"]))
    cpus = [str(cpu) for cpu in backend.get("cpus") or []]
    noun = "CPU" if len(cpus) == 1 else "CPUs"
    facts = [
        f"at {backend['endpoint']}, a round trip of {microseconds(trip['median'])} away (median of "
        f"{trip['count']:g}; {range_})",
        f"waitbench {backend.get('version') or 'unknown'}, commit {backend.get('commit') or DASH}",
        f"{host.get('cpu_model') or 'unknown CPU'}, kernel {host.get('kernel') or 'unknown'}, on "
        f"{noun} {listing(cpus) or 'unknown'}",
        *([] if backend["shares_clock"] else [OTHER_CLOCK]),
    ]
    return "; ".join(facts)

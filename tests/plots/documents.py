"""The hand-made results as a document, and ways to change it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FIXTURE = HERE / "fixture.json"
Document = dict[str, Any]


def keep(document: Document, wanted: Callable[[dict[str, Any]], bool]) -> Document:
    """The document with only those entries that `wanted` says yes to."""
    document["benchmarks"] = [entry for entry in document["benchmarks"] if wanted(entry)]
    return document


def fail(entry: dict[str, Any]) -> None:
    """Turns an entry into one that failed."""
    measured = ("rounds", "latency_us", "client_cpu_us_per_query", "queries_per_second")
    entry.update({name: None for name in measured}, queries=0)
    entry.update(status="failed", reason="the backend was gone")

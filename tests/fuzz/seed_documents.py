"""Small results files from which the fuzzer's mutations start: one for each kind of entry, with few
entries, so that each field is mutated often."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

PLOT_TESTS = Path(__file__).resolve().parent.parent / "plots"
sys.path.insert(0, str(PLOT_TESTS))

import count_scenes  # noqa: E402
import micro_scenes  # noqa: E402
import open_loop_scenes  # noqa: E402
import scenes  # noqa: E402

Document = dict[str, Any]
_MOST_BUCKETS = 8


def seed_documents() -> list[Document]:
    """The documents, each anew."""
    fixture = json.loads((PLOT_TESTS / "fixture.json").read_text(encoding="utf-8"))
    stored = fixture["benchmarks"]
    counterparts = [entry for entry in stored if entry["role"] == "handwritten"]
    first = counterparts[0]
    beside = [entry for entry in stored if _same_cell(entry, first)]
    timed = [entry for entry in stored if entry["purpose"] in ("matched", "saturated")]
    unmeasured = [entry for entry in stored if entry["status"] != "ok"]
    mutable = [
        [*timed[:2], counterparts[0], unmeasured[0]],
        [entry for entry in timed if entry["invocation"] < 2][::4],
        beside,
        micro_scenes.all_entries()[::4],
        [*open_loop_scenes.open_entries()[::3]],
        [*count_scenes.counted_entries(), *timed[:1], count_scenes.scripted_entry(None, 100.0)],
        scenes.a_a_entries(3, 3)[:6],
        [*scenes.memory_entries()[:5], *scenes.pitfall_entries(1)],
        [entry for entry in scenes.matrix_entries() if entry["invocation"] < 2],
    ]
    return [{**fixture, "benchmarks": _cut(entries)} for entries in copy.deepcopy(mutable)]


def _same_cell(one: Document, other: Document) -> bool:
    axes = ("purpose", "in_flight", "delay_us", "transport")
    return all(one[axis] == other[axis] for axis in axes) and one["invocation"] < 2


def _cut(entries: list[Document]) -> list[Document]:
    """The entries with a few buckets in each histogram."""
    for entry in entries:
        if entry.get("latency_us"):
            del entry["latency_us"]["histogram"]["buckets"][_MOST_BUCKETS:]
    return entries

"""Makes a results file several times as large as another: with more cells, and more invocations.

    python3 tests/measure/large_results.py SOURCE TARGET CELLS INVOCATIONS

What is added was never measured: values are those of the source with noise, so that nothing repeats
to the digit. It shows what a file of that size takes to read and to draw, and nothing else.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NOISE = 0.02  # standard deviation of a logarithm
_NOISY = ("client_cpu_us_per_query", "backend_cpu_us_per_query", "queries_per_second", "wall_s")
Entry = dict[str, Any]


def write_enlarged(source: Path, target: Path, cells: int, invocations: int) -> None:
    """`target` has the entries of timed queries of `source` so many times: in cells that differ in
    the size of replies, and as further invocations."""
    document = json.loads(source.read_text(encoding="utf-8"))
    entries = document.pop("benchmarks")
    rng = random.Random(1)
    head = json.dumps(document, separators=(",", ":"))
    with target.open("w", encoding="utf-8") as file:
        file.write(f'{head[:-1]},"benchmarks":[\n')
        for number, entry in enumerate(_enlarged(entries, cells, invocations, rng)):
            file.write(",\n" if number else "")
            file.write(json.dumps(entry, separators=(",", ":")))
        file.write("]}\n")


def _enlarged(
    entries: list[Entry], cells: int, invocations: int, rng: random.Random
) -> Iterator[Entry]:
    further = 1 + max(entry.get("invocation") or 0 for entry in entries)
    for cell in range(cells):
        for invocation in range(invocations):
            for entry in entries:
                first = cell == 0 and invocation == 0
                if first or entry.get("reply_bytes"):
                    yield entry if first else _another(entry, cell, invocation * further, rng)


def _another(entry: Entry, cell: int, invocation: int, rng: random.Random) -> Entry:
    changed = entry | {
        "invocation": entry["invocation"] + invocation,
        "reply_bytes": entry["reply_bytes"] * (cell + 1),
    }
    if not entry["rounds"]:
        return changed
    rounds = dict(entry["rounds"])
    for field in _NOISY:
        if rounds.get(field):
            rounds[field] = [value and value * _factor(rng) for value in rounds[field]]
        if entry.get(field):
            changed[field] = entry[field] * _factor(rng)
    return changed | {"rounds": rounds}


def _factor(rng: random.Random) -> float:
    return math.exp(rng.gauss(0, _NOISE))


if __name__ == "__main__":
    write_enlarged(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

"""Feeds broken results files to plots.data.load, which must refuse or read each of them: no exception
but ResultsError, no hang, no unbounded memory.

    /usr/bin/python3 tests/fuzz/loader_fuzzer.py --seconds 60
    /usr/bin/python3 tests/fuzz/loader_fuzzer.py --mutations 2000 --seed 1

Mutations are of two kinds: of a document's values, which get past the JSON parser, and of its
bytes. They follow from the seed alone. The input that did harm is kept in the file --keep.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from plots.data.errors import ResultsError  # noqa: E402
from plots.data.load import load  # noqa: E402

FIXTURE = ROOT / "tests" / "plots" / "fixture.json"
MEMORY_BYTES = 2 << 30
LONGEST_LOAD_S = 20
NASTY: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**53,
        2**64,
        10**400,
        -(10**30),
        1e308,
        -0.0,
        5e-324,
    ),
    *(float("inf"), float("nan"), "", "counted", "ok", "\ud800", "\x00", "x" * 10_000, "2026"),
    *([], {}, [[]], [None], [1, 2], [[0, 2**70]], [1e308] * 3, {"": None}),
)


class Hang(BaseException):
    """A file took too long; no `except Exception` may catch it."""


def small_document() -> dict[str, Any]:
    """A results file with few entries, so that each is mutated often: two of one cell, one handwritten,
    one that failed, and one of the counting pass."""
    document = json.loads(FIXTURE.read_text(encoding="utf-8"))
    entries = document["benchmarks"]
    chosen = [*entries[:2], next(entry for entry in entries if entry["role"] == "handwritten")]
    chosen.append(next(entry for entry in entries if entry["status"] == "failed"))
    chosen.append(copy.deepcopy(entries[0]) | {"purpose": "counted", "syscalls_per_query": 2.5})
    document["benchmarks"] = copy.deepcopy(chosen)
    for entry in document["benchmarks"]:
        if entry["latency_us"]:
            del entry["latency_us"]["histogram"]["buckets"][8:]
    return document


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: a container, and the key or index in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from places(value[key])


def change_value(rng: random.Random, document: dict[str, Any]) -> None:
    """Replaces, removes, repeats or moves something."""
    holder, key = rng.choice(list(places(document)))
    kind = rng.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif kind == 2:
        other, other_key = rng.choice(list(places(document)))
        holder[key] = copy.deepcopy(other[other_key])
    else:
        holder[key] = rng.choice(NASTY)


def change_bytes(rng: random.Random, text: bytes) -> bytes:
    """Flips, inserts, removes or repeats bytes."""
    at, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    end = min(end, at + rng.choice((1, 4, 1000)))
    return rng.choice(
        (
            text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :],
            text[:at] + bytes(rng.randrange(256) for _ in range(rng.randrange(8))) + text[at:],
            text[:at] + text[end:],
            text[:end] + text[at:],
            text[:at],
            text[:at] + rng.choice((b"[" * 10_000, b"1e999", b"-", b"0" * 5000, b'"')) + text[at:],
        )
    )


def mutant(rng: random.Random, document: dict[str, Any]) -> bytes:
    """A document with one to four mutations."""
    changed = copy.deepcopy(document)
    in_bytes = rng.random() < 0.3
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not in_bytes and changed:
            change_value(rng, changed)
    text = json.dumps(changed).encode()
    return change_bytes(rng, text) if in_bytes else text


def is_refused(path: Path, text: bytes) -> bool:
    """Loads the text as a file; anything but a clean refusal is raised."""
    path.write_bytes(text)
    signal.alarm(LONGEST_LOAD_S)
    try:
        load([path])
    except ResultsError as error:
        if len(str(error).splitlines()) > 1:
            raise AssertionError(f"a refusal of more than one line: {error}") from error
        return True
    finally:
        signal.alarm(0)
    return False


def hang(signum: int, frame: Any) -> None:
    raise Hang(f"not read within {LONGEST_LOAD_S} s")


def fuzz(arguments: argparse.Namespace) -> int:
    """Runs until the time or the mutations are over; gives the exit code."""
    rng = random.Random(arguments.seed)
    document = small_document()
    end = time.monotonic() + (arguments.seconds or float("inf"))
    refused = tried = 0
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "results.json"
        assert not is_refused(path, json.dumps(document).encode()), "the seed itself is refused"
        for tried in itertools.count(1):
            text = mutant(rng, document)
            try:
                refused += is_refused(path, text)
            except (Exception, Hang) as error:
                arguments.keep.write_bytes(text)
                print(f"mutation {tried}: {error!r}; the file is kept in {arguments.keep}")
                return 1
            if tried == arguments.mutations or time.monotonic() > end:
                break
    print(f"{tried} files, {refused} refused, {tried - refused} read")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="how long to go on")
    parser.add_argument("--mutations", type=int, help="how many files to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("loader-fuzzer-crash.json"))
    arguments = parser.parse_args()
    if arguments.seconds is None and arguments.mutations is None:
        parser.error("say how long: --seconds or --mutations")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGALRM, hang)
    return fuzz(arguments)


if __name__ == "__main__":
    sys.exit(main())

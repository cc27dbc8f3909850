"""Feeds broken results files to the commands of plots, which must refuse or use each of them: no
exception but ResultsError, no hang, no unbounded memory.

    /usr/bin/python3 tests/fuzz/loader_fuzzer.py --seconds 60
    /usr/bin/python3 tests/fuzz/loader_fuzzer.py --mutations 2000 --seed 1

Mutations are of three kinds: of values by others of their kind, which often get past the schema; of
values by anything, which get past the JSON parser; and of bytes. They follow from the seed alone.
Of each file that is read, everything is made: the comparisons, the export and the page, and the
charts of one in --charts-every. The input that did harm is kept in the file --keep.
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
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from seed_documents import Document, seed_documents  # noqa: E402

from plots.analysis.study import Study  # noqa: E402
from plots.commands.compare import as_json, as_text, of_runs, with_baseline  # noqa: E402
from plots.commands.google_benchmark import google_benchmark  # noqa: E402
from plots.data.errors import ResultsError  # noqa: E402
from plots.data.load import load  # noqa: E402
from plots.report.page import page  # noqa: E402
from plots.report.write import render  # noqa: E402

MEMORY_BYTES = 4 << 30
LONGEST_CPU_S = 60  # for one file
NASTY: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63 - 1,
    2**64,
    10**400,
    -(10**30),
    1e-300,
    1e300,
    1e308,
    -0.0,
    5e-324,
    float("inf"),
    float("nan"),
    "",
    "counted",
    "ok",
    "saturated",
    "model",
    "handwritten",
    "no-op",
    "pitfall",
    "a-a",
    "sweep",
    "\ud800",
    "\x00",
    "$\\frac$",
    "<&\n",
    "x" * 10_000,
    "2026",
    [],
    {},
    [[]],
    [None],
    [1, 2],
    [[0, 2**70]],
    [[0, 3]],
    [1e308] * 3,
    {"": None},
)


T = TypeVar("T")


CHOICES: dict[str, tuple[Any, ...]] = {
    "role": ("model", "handwritten", "no-op", "pitfall", "reference", "guest"),
    "guest": ({"kind": "library", "version": "$1", "sha256": None, "over": "blocking"},),
    "purpose": ("matched", "saturated", "seam", "a-a", "memory", "counted", "open", "sweep", "own"),
    "status": ("ok", "failed", "skipped"),
    "family": ("query", "switch", "wake", "spawn"),
    "model": ("callback-epoll", "blocking", "a$b", "handwritten-callback-epoll"),
    "style": (None, "callback", "fiber", "thread"),
    "engine": (None, "epoll", "select", "scripted"),
    "reason": (None, "no luck"),
    "entry": (0, 1, 2),
    "invocation": (0, 1, 2),
    "cohort": (0, 1),
    "max_in_flight": (None, 0, 1, 10**6),
    "in_flight": (None, 0, 1, 64),
    "delay_us": (None, 0, 200.0),
    "rate_qps": (None, 0, 1e-9, 500.0, 1e12),
    "transport": (None, "tcp", "unix"),
    "flags": ([], ["saturated"], ["backend-limited"], ["unstable"], ["x", "x"]),
    "rounds": (None,),
    "latency_us": (None,),
}


class Hang(BaseException):
    """A file took too long; no `except Exception` may catch it."""


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
        holder[key] = copy.deepcopy(rng.choice(NASTY))  # it may be changed next


def change_plausibly(rng: random.Random, document: Document) -> None:
    """Replaces something by a value of its own kind, which the schema may well allow: such a file
    is read, and what is made of it is put to the test."""
    entries = document.get("benchmarks")
    if not isinstance(entries, list) or not entries:
        return change_value(rng, document)
    if rng.random() < 0.1:
        del entries[rng.randrange(len(entries))]
        return
    entry = rng.choice(entries)
    if rng.random() < 0.2:
        field, choices = rng.choice(list(CHOICES.items()))
        entry[field] = copy.deepcopy(rng.choice(choices))
        return
    holder, key = rng.choice(list(places(entry)))
    value = holder[key]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        holder[key] = rng.choice((value, None, "x", "$\\frac$"))
    elif isinstance(value, (int, float)):
        holder[key] = rng.choice((None, 0, 1, 5e-324, 1e-9, 2**53, 1e300, 1000 * value))
    elif isinstance(value, list):
        holder[key] = rng.choice(([], value[:1], [None] * len(value), [0.0] * len(value)))
    else:  # an object: all arrays of a length, or null
        empty = {name: [] if isinstance(inner, list) else inner for name, inner in value.items()}
        holder[key] = rng.choice((None, empty))
    return


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
    how = rng.choices((change_plausibly, change_value, None), (5, 3, 2))[0]
    for _ in range(rng.choice((1, 1, 2, 4))):
        if how and changed:
            how(rng, changed)
    text = json.dumps(changed).encode()
    return text if how else change_bytes(rng, text)


def is_refused(path: Path, text: bytes, seed: Study, with_charts: bool) -> bool:
    """Uses the text as a results file; whatever is not a result or a clean refusal is raised."""
    path.write_bytes(text)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_CPU_S)
    try:
        study = tidily(lambda: Study(load([path])))
        if study is None:
            return True
        use(study, seed, with_charts)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return False


def use(study: Study, seed: Study, with_charts: bool) -> None:
    """Makes everything that the commands make of a file."""
    for comparison in (
        lambda: with_baseline(study),
        lambda: of_runs(seed, study),
        lambda: of_runs(study, seed),
    ):
        found = tidily(comparison)
        if found is not None:
            as_text(found).encode()
            json.loads(as_json(found))
    tidily(lambda: google_benchmark(study.results))
    if with_charts:
        render(study)
    else:
        page(study, []).encode()


def tidily(step: Callable[[], T]) -> T | None:
    """What a step gives; None where it refuses, which takes one line."""
    try:
        return step()
    except ResultsError as error:
        if len(str(error).splitlines()) > 1:
            raise AssertionError(f"a refusal of more than one line: {error}") from error
        return None


def hang(signum: int, frame: Any) -> None:
    raise Hang(f"not done within {LONGEST_CPU_S} s of CPU time")


def fuzz(arguments: argparse.Namespace) -> int:
    """Runs until the time or the mutations are over; gives the exit code."""
    rng = random.Random(arguments.seed)
    documents = seed_documents()
    end = time.monotonic() + (arguments.seconds or float("inf"))
    refused = tried = 0
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "results.json"
        seeds = [seed_study(path, document) for document in documents]
        for tried in itertools.count(1):
            number = rng.randrange(len(documents))
            text = mutant(rng, documents[number])
            with_charts = tried % arguments.charts_every == 0
            try:
                refused += is_refused(path, text, seeds[number], with_charts)
            except (Exception, Hang) as error:
                arguments.keep.write_bytes(text)
                traceback.print_exc()
                print(f"mutation {tried}: {error!r}; the file is kept in {arguments.keep}")
                return 1
            if tried == arguments.mutations or time.monotonic() > end:
                break
    print(f"{tried} files, {refused} refused, {tried - refused} used")
    return 0


def seed_study(path: Path, document: Document) -> Study:
    """The study of a document as it is before any mutation, which everything can be made of."""
    path.write_text(json.dumps(document), encoding="utf-8")
    study = Study(load([path]))
    use(study, study, with_charts=False)
    return study


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="how long to go on")
    parser.add_argument("--mutations", type=int, help="how many files to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--charts-every", type=int, default=50, help="draw of one file in so many")
    parser.add_argument("--keep", type=Path, default=Path("loader-fuzzer-crash.json"))
    arguments = parser.parse_args()
    if arguments.seconds is None and arguments.mutations is None:
        parser.error("say how long: --seconds or --mutations")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGPROF, hang)
    return fuzz(arguments)


if __name__ == "__main__":
    sys.exit(main())

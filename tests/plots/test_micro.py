"""Entries of the micro families: read into frames of their own, and checked as strictly."""

from __future__ import annotations

import pytest
from documents import Document

from plots.load import ResultsError, load
from plots.schema import first_violation


def micro_entry(**changes) -> Document:
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


def test_micro_entries_have_frames_of_their_own(document, store):
    queries = len(document["benchmarks"])
    document["benchmarks"].append(micro_entry())
    results = load([store(document)])
    assert len(results.entries) == queries
    (row,) = results.micro.itertuples()
    assert (row.name, row.model, row.contexts, row.rounds) == (
        "switch/fiber/contexts:2/working_set:0",
        "fiber",
        2,
        2,
    )
    assert row.nanoseconds_per_operation == 0.75
    assert results.micro_rounds.nanoseconds_per_operation.tolist() == [2.0, -0.5]
    assert results.micro_rounds.bytes_per_task.isna().all()


def test_a_file_of_queries_alone_has_empty_micro_frames(document, store):
    results = load([store(document)])
    assert results.micro.empty and results.micro_rounds.empty
    assert "nanoseconds_per_operation" in results.micro.columns


@pytest.mark.parametrize(
    "changes, complaint",
    [
        ({"status": "skipped"}, "reason"),
        ({"reason": "but it went well"}, "reason"),
        ({"gross_nanoseconds_per_operation": None}, "gross_nanoseconds_per_operation"),
        ({"gross_nanoseconds_per_operation": -1}, "gross_nanoseconds_per_operation"),
        ({"placement": "elsewhere"}, "placement"),
        ({"operation": ""}, "operation"),
        ({"contexts": 1.5}, "contexts"),
        ({"bytes_per_task": -4}, "bytes_per_task"),
        ({"rounds": None}, "rounds"),
    ],
    ids=str,
)
def test_what_would_mislead_is_rejected_and_named(document, changes, complaint):
    document["benchmarks"] = [micro_entry(**changes)]
    violation = first_violation(document)
    assert violation is not None
    assert violation.startswith("benchmarks[0]")
    assert complaint in violation


def test_rounds_of_different_lengths_are_refused(document, store):
    entry = micro_entry()
    entry["rounds"]["order"] = [0]
    document["benchmarks"] = [entry]
    with pytest.raises(ResultsError, match="different lengths"):
        load([store(document)])

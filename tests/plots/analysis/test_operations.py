"""Entries of the micro families: read into frames of their own, and checked as strictly."""

from __future__ import annotations

import pytest
from micro_scenes import BYTES as SLEEPERS, measured, micro_entry, skipped, spawn_entries

from plots.analysis.operations import BYTES, operations, refused
from plots.data.errors import ResultsError
from plots.data.load import load
from plots.data.schema import first_violation


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
def test_misleading_values_are_rejected_and_named(document, changes, complaint):
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


def test_an_operation_is_the_median_of_the_rounds_of_all_files(document, store):
    document["benchmarks"] = [measured("fiber", [1.0, 2.0, 3.0])]
    one = store(document, "one.json")
    document["benchmarks"] = [measured("fiber", [4.0, 50.0])]
    results = load([one, store(document, "two.json")])
    (row,) = operations(results, "switch").itertuples()
    assert (row.low, row.middle, row.high, row.rounds) == (2.0, 3.0, 4.0, 5)


def test_a_skipped_benchmark_is_listed_as_refused(document, store):
    document["benchmarks"] = [skipped(measured("fiber", []))]
    results = load([store(document)])
    assert operations(results, "switch").empty
    assert refused(results, "switch")["model"].tolist() == ["fiber"]


def test_only_benchmarks_with_bytes_have_them_as_operations(document, store):
    document["benchmarks"] = spawn_entries()
    found = operations(load([store(document)]), "spawn", BYTES)
    assert found.set_index("model")["middle"].to_dict() == SLEEPERS

"""plots.load gives tidy frames, and refuses what is no results file with one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from documents import FIXTURE, fail
from pandas.testing import assert_frame_equal

from plots.data import strict_json
from plots.data.errors import ResultsError
from plots.data.histogram import merge
from plots.data.load import load


def refusal(*paths) -> str:
    """The complaint about files, which must be one line and name the file."""
    with pytest.raises(ResultsError) as caught:
        load(list(paths))
    message = str(caught.value)
    assert "\n" not in message
    assert paths[-1].name in message
    return message


def test_a_file_of_version_1_reads_as_one_of_the_present(document, store):
    old = json.loads(json.dumps(document).replace("handwritten", "native"))
    old["schema_version"] = 1
    present, former = load([FIXTURE]), load([store(old)])
    assert {"handwritten", "model"} <= set(former.entries["role"])
    assert_frame_equal(former.entries, present.entries)
    assert_frame_equal(former.rounds, present.rounds)


@pytest.mark.parametrize("benchmarks", [None, 7, [None], [{"role": "native", "model": 7}]])
def test_a_broken_file_of_version_1_is_refused(store, benchmarks):
    refusal(store(json.dumps({"schema_version": 1, "context": {}, "benchmarks": benchmarks})))


def test_entries_and_rounds_come_out_tidy(document):
    results = load([FIXTURE])
    assert len(results.entries) == len(document["benchmarks"])
    expected = sum(len((e["rounds"] or {"order": []})["order"]) for e in document["benchmarks"])
    assert len(results.rounds) == expected
    first = document["benchmarks"][0]
    rounds = results.rounds[results.rounds["id"] == 0]
    assert rounds["client_cpu_us_per_query"].tolist() == first["rounds"]["client_cpu_us_per_query"]
    assert rounds["round"].tolist() == list(range(len(rounds)))


def test_entries_agree_in_cell_exactly_where_they_agree_in_axes_and_purpose(document):
    results = load([FIXTURE])
    axes = ("purpose", "in_flight", "delay_us")
    wanted = {tuple(entry[axis] for axis in axes) for entry in document["benchmarks"]}
    assert len(results.cells) == len(wanted)
    for number, group in results.entries.groupby("cell"):
        cell = results.cells[number]
        found = {document["benchmarks"][identity]["in_flight"] for identity in group["id"]}
        assert found == {cell.in_flight}


def test_an_unmeasured_value_is_missing_and_not_zero():
    results = load([FIXTURE])
    failed = results.entries[results.entries["status"] != "ok"]
    assert len(failed) == 2
    assert failed["client_cpu_us_per_query"].isna().all()
    assert not results.rounds["id"].isin(failed["id"]).any()


def test_counts_are_kept_apart_from_what_was_timed(document, store):
    timed = len(document["benchmarks"])
    counted = json.loads(json.dumps(document["benchmarks"][0]))
    counted.update(purpose="counted", syscalls_per_query=2.5, counting_slowdown=1.1)
    document["benchmarks"].append(counted)
    results = load([store(document)])
    assert len(results.entries) == timed
    assert "counted" not in {cell.purpose for cell in results.cells.values()}
    assert results.counted["syscalls_per_query"].tolist() == [2.5]
    assert results.counted["instructions_per_query"].isna().all()


def test_a_count_that_failed_is_among_what_is_missing(document, store):
    counted = json.loads(json.dumps(document["benchmarks"][0]))
    fail(counted)
    document["benchmarks"].append(counted | {"purpose": "counted"})
    results = load([store(document)])
    assert results.counted.empty
    assert results.entries["purpose"].tolist()[-1] == "counted"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "not JSON"),
        ("cost,model\n7.2,callback", "not JSON"),
        ('{"schema_version": 1, "benchmarks": [NaN]}', "NaN"),
        ('{"schema_version": 1e999}', "out of range"),
        ('{"schema_version": 9E+999}', "out of range"),
        ('{"schema_version": 18446744073709551616}', "out of range"),
        ('{"schema_version": 1' + "0" * 400 + "}", "out of range"),
        ("[1, 2]", "not a waitbench results file"),
        ('{"context": {}, "benchmarks": []}', "no schema_version"),
        ('{"schema_version": 1}', "required"),
        ("[" * 100_000, "not JSON"),
    ],
    ids=["empty", "csv", "nan", "infinite", "infinite-too", "beyond-64-bits", "endless", "list",
         "google-benchmark", "bare", "deep"],
)  # fmt: skip
def test_a_foreign_file_is_refused(store, text, complaint):
    assert complaint in refusal(store(text))


@pytest.mark.parametrize("word", ["51e987", "4e+123", "x0.5E100"])
def test_a_word_that_looks_like_a_large_number_does_not_have_all_numbers_looked_at(
    monkeypatch, word
):
    looked_at = []
    monkeypatch.setattr(strict_json, "_integer", lambda digits: looked_at.append(digits))
    text = json.dumps({"commit": f"c{word}", "count": 7}).encode()
    assert strict_json.parse(text) == {"commit": f"c{word}", "count": 7}
    assert not looked_at


def test_buckets_become_arrays_that_say_the_same(document, store):
    (kept, *_) = load([FIXTURE]).entries["histogram"].dropna()
    (plain, *_) = [e["latency_us"] for e in document["benchmarks"] if e["latency_us"]]
    assert isinstance(kept["buckets"], np.ndarray)
    assert kept["buckets"].tolist() == plain["histogram"]["buckets"]
    for merged in (merge([kept, kept]), merge([plain["histogram"]] * 2)):
        assert merged.total == 2 * sum(count for _, count in plain["histogram"]["buckets"])


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "image.json"
    path.write_bytes(bytes(range(256)))
    assert "not JSON" in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "cannot be read" in refusal(tmp_path / "nowhere.json")


def test_a_folder_is_refused(tmp_path):
    assert "cannot be read" in refusal(tmp_path)


def test_a_file_without_a_model_is_refused_and_the_entry_named(document, store):
    del document["benchmarks"][7]["model"]
    message = refusal(store(document))
    assert "benchmarks[7]" in message and "'model'" in message


def test_rounds_of_different_lengths_are_refused(document, store):
    document["benchmarks"][4]["rounds"]["wall_s"].pop()
    message = refusal(store(document))
    assert "benchmarks[4].rounds" in message and "[7, 8]" in message


def test_one_entry_twice_is_refused(document, store):
    document["benchmarks"].append(document["benchmarks"][0])
    assert "another `entry`" in refusal(store(document))


def test_one_run_given_twice_is_refused(document, store):
    refusal(store(document, "one.json"), store(document, "two.json"))


def test_histograms_of_another_resolution_are_refused(document, store):
    other = json.loads(json.dumps(document))
    for entry in other["benchmarks"]:
        if entry["latency_us"]:
            entry["latency_us"]["histogram"]["sub_bucket_bits"] = 7
    other["context"]["date"] = "2026-02-01T00:00:00Z"
    assert "resolution" in refusal(store(document, "one.json"), store(other, "two.json"))


def test_files_are_merged_whatever_their_order(document, store):
    one = store(document, "one.json")
    document["context"]["date"] = "2026-02-01T00:00:00Z"
    two = store(document, "two.json")
    merged, swapped = load([one, two]), load([two, one])
    assert merged.entries["run"].nunique() == 2
    assert len(merged.entries) == 2 * len(document["benchmarks"])
    assert merged.entries.drop(columns="histogram").equals(
        swapped.entries.drop(columns="histogram")
    )
    assert [file.name for file in swapped.files] == ["one.json", "two.json"]


def test_reading_leaves_the_file_as_it_was(document, store):
    path = store(document)
    before = path.read_bytes(), path.stat().st_mtime_ns
    load([path])
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before

"""results/schema.json accepts what the harness writes, and nothing that would mislead."""

from __future__ import annotations

import json

import jsonschema
import make_fixture
import pytest
from documents import FIXTURE

from plots.data.schema import SCHEMA_PATH, first_violation

MISSING = "this field is not there"


def change(document, path, value):
    """Sets, or with MISSING removes, what is at `path` in the first entry."""
    *steps, last = path
    place = document["benchmarks"][0]
    for step in steps:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return document


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA_PATH.read_text()))


def test_the_committed_fixture_is_what_its_script_makes(tmp_path, monkeypatch):
    target = tmp_path / "again.json"
    monkeypatch.setattr("sys.argv", ["make_fixture.py", str(target)])
    make_fixture.main()
    assert target.read_bytes() == FIXTURE.read_bytes()


def test_the_fixture_is_valid(document):
    assert first_violation(document) is None
    schema = json.loads(SCHEMA_PATH.read_text())
    assert not list(jsonschema.Draft202012Validator(schema).iter_errors(document))


@pytest.mark.parametrize(
    "path, value",
    [
        (["client_cpu_us_per_query"], 0),
        (["syscalls_per_query"], 0),
        (["rounds", "steal_share"], None),
        (["rounds", "wall_s", 0], None),
        (["latency_us"], None),
        (["a_field_of_a_later_version"], {"x": 1}),
        (["purpose"], "something new"),
        (["flags"], ["something-new"]),
    ],
    ids=str,
)
def test_sound_values_are_accepted(document, path, value):
    assert first_violation(change(document, path, value)) is None


@pytest.mark.parametrize(
    "path, value, complaint",
    [
        (["model"], MISSING, "'model' is a required property"),
        (["model"], "", "model"),
        (["model"], None, "model"),
        (["status"], "broken", "'broken' is not one of"),
        (["status"], "failed", "reason"),
        (["reason"], "but it went well", "reason"),
        (["role"], "judge", "'judge' is not one of"),
        (["client_cpu_us_per_query"], MISSING, "client_cpu_us_per_query"),
        (["client_cpu_us_per_query"], "7.2", "client_cpu_us_per_query"),
        (["client_cpu_us_per_query"], -1, "client_cpu_us_per_query"),
        (["in_flight"], 1.5, "in_flight"),
        (["flags"], None, "flags"),
        (["rounds"], None, "rounds"),
        (["queries"], 0, "queries"),
        (["rounds", "wall_s"], MISSING, "wall_s"),
        (["rounds", "wall_s", 3], "quick", "rounds.wall_s[3]"),
        (["rounds", "wall_s", 3], -0.5, "rounds.wall_s[3]"),
        (["rounds", "wall_s", 3], True, "rounds.wall_s[3]"),
        (["latency_us", "histogram", "buckets", 0], [1], "buckets[0]"),
        (["latency_us", "histogram", "buckets", 0], [1, 2, 3], "buckets[0]"),
        (["latency_us", "histogram", "buckets", 0], [1, 2.5], "buckets[0]"),
        (["latency_us", "histogram", "buckets", 0], [1, -2], "buckets[0]"),
    ],
    ids=str,
)
def test_misleading_values_are_rejected_and_named(document, path, value, complaint):
    violation = first_violation(change(document, path, value))
    assert violation is not None
    assert violation.startswith("benchmarks[0]")
    assert complaint in violation
    assert "\n" not in violation


@pytest.mark.parametrize("version", [0, 1, 3, "2", None])
def test_another_version_is_rejected(document, version):
    document["schema_version"] = version
    assert "schema_version" in first_violation(document)


@pytest.mark.parametrize("field", ["date", "command", "host", "placement", "status"])
def test_a_context_that_lacks_a_field_is_rejected(document, field):
    del document["context"][field]
    assert field in first_violation(document)


def test_all_buckets_are_in_the_histograms_of_latencies():
    """They are looked for there: see _buckets_of."""
    text = SCHEMA_PATH.read_text()
    definitions = json.loads(text)["$defs"]
    assert text.count('"#/$defs/bucket"') == text.count('"#/$defs/histogram"') == 1
    assert "#/$defs/bucket" in json.dumps(definitions["histogram"])
    assert "#/$defs/histogram" in json.dumps(definitions["latency"]["properties"]["histogram"])
    fields = [name for name in definitions if "#/$defs/latency\"" in json.dumps(definitions[name])]
    assert fields == ["entry"]


def test_all_arrays_of_measurements_are_those_of_rounds():
    """They are looked for there: see _rounds_of."""
    definitions = json.loads(SCHEMA_PATH.read_text())["$defs"]
    holders = {
        (name, field)
        for name, definition in definitions.items()
        for field, schema in definition.get("properties", {}).items()
        if '"#/$defs/measurements"' in json.dumps(schema)
    }
    assert holders == {("entry", "rounds"), ("micro_entry", "rounds")}


@pytest.mark.parametrize("bucket", [[1], [1, 2, 3], [1, -1], [1, 2.5], [True, 1], "12", None, {}])
def test_a_bucket_that_is_none_is_found(document, bucket):
    place = next(e for e in document["benchmarks"] if (e["latency_us"] or {}).get("histogram"))
    place["latency_us"]["histogram"]["buckets"].append(bucket)
    assert "buckets" in first_violation(document)

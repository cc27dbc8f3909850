"""What is exported is what the other tool documents, and says what the report says."""

from __future__ import annotations

import csv
import io
import json

import jsonschema
import pytest
from documents import FIXTURE, fail

from plots.__main__ import main

CPU = "client_cpu_us_per_query"
# The schema that Bencher publishes of its metric format.
BENCHER = {
    "type": "object",
    "patternProperties": {
        ".+": {
            "type": "object",
            "patternProperties": {
                ".+": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "number"},
                        "lower_value": {"type": "number"},
                        "upper_value": {"type": "number"},
                    },
                    "required": ["value"],
                    "additionalProperties": False,
                }
            },
        }
    },
}
# What the documentation of github-action-benchmark says of customSmallerIsBetter.
GITHUB_ACTION = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "unit", "value"],
        "properties": {
            "name": {"type": "string"},
            "unit": {"type": "string"},
            "value": {"type": "number"},
            "range": {"type": "string"},
            "extra": {"type": "string"},
        },
        "additionalProperties": False,
    },
}


@pytest.fixture
def exported(capsys):
    """What a format prints of the fixture."""

    def export(form, *more):
        assert main(["export", str(FIXTURE), "--format", form, *more]) == 0
        return capsys.readouterr().out

    return export


def test_github_action_benchmark(exported, study_of, document):
    found = json.loads(exported("github-action-benchmark"))
    jsonschema.validate(found, GITHUB_ACTION)
    assert len({row["name"] for row in found}) == len(found)
    (row,) = [r for r in found if "thread-per-connection" in r["name"] and "flight:64" in r["name"]]
    level = study_of(document).level(1, "thread-per-connection", CPU)
    assert row["value"] == pytest.approx(level.mean, rel=1e-4)
    assert float(row["range"].removeprefix("\u00b1 ")) == pytest.approx(
        level.high - level.mean, rel=1e-3
    )
    assert row["extra"].endswith("times callback-epoll: slower")
    assert not any("saturated" in row["name"] for row in found), "there, more is better"


def test_bencher(exported, study_of, document):
    found = json.loads(exported("bencher"))
    jsonschema.validate(found, BENCHER)
    (name,) = [n for n in found if "thread-per" in n and "flight:64" in n and "matched" in n]
    level = study_of(document).level(1, "thread-per-connection", CPU)
    assert found[name]["cpu-per-query"]["value"] == pytest.approx(1000 * level.mean, rel=1e-4)
    for measures in found.values():
        assert set(measures) <= {"cpu-per-query", "latency", "throughput", "ratio-to-baseline"}
        for metric in measures.values():
            if "lower_value" in metric:
                assert metric["lower_value"] <= metric["value"] <= metric["upper_value"]


def test_csv_takes_the_baseline(exported):
    rows = list(csv.DictReader(io.StringIO(exported("csv", "--baseline", "thread-per-connection"))))
    baselines = {row["relative_to"] for row in rows if row["purpose"] == "matched"}
    assert baselines == {"thread-per-connection", ""}


@pytest.mark.parametrize("form", ["github-action-benchmark", "bencher", "google-benchmark"])
def test_a_run_without_results_is_one_line(capsys, document, store, form):
    for entry in document["benchmarks"]:
        fail(entry)
    assert main(["export", str(store(document)), "--format", form]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1

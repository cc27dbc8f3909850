"""waitbench compare OLD NEW, where NEW lacks something that OLD has."""

from __future__ import annotations

import copy
import json

import pytest
from documents import fail, keep

from plots.__main__ import main
from plots.commands.compare import as_text, of_runs, with_baseline

CPU = "client_cpu_us_per_query"


def later_run(document):
    """The same results, as of a later run."""
    later = copy.deepcopy(document)
    later["context"]["date"] = "2026-02-02T00:00:00Z"
    return later


def drop_model(document):
    keep(document, lambda entry: entry["model"] != "coroutine-epoll")


def drop_cell(document):
    keep(document, lambda entry: (entry["purpose"], entry["in_flight"]) != ("matched", 64))


def fail_model(document):
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["purpose"] == "matched":
            fail(entry)


def skip_model(document):
    fail_model(document)
    for entry in document["benchmarks"]:
        if entry["status"] == "failed" and entry["model"] == "coroutine-epoll":
            entry.update(status="skipped", reason="no luck today")


def forget_costs(document):
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["purpose"] == "matched":
            entry["rounds"][CPU] = [None] * len(entry["rounds"][CPU])


@pytest.mark.parametrize(
    "lose, model, reason",
    [
        (drop_model, "coroutine-epoll", "the new run has no such model"),
        (drop_cell, "thread-per-connection", "the new run has no such cell"),
        (fail_model, "coroutine-epoll", "failed: the backend was gone"),
        (skip_model, "coroutine-epoll", "skipped: no luck today"),
        (forget_costs, "coroutine-epoll", f"no values of {CPU}"),
    ],
)
def test_a_ranked_model_without_a_result_in_the_new_run_is_named_and_fails(
    capsys, document, store, lose, model, reason
):
    later = later_run(document)
    lose(later)
    files = [str(store(document, "old.json")), str(store(later, "new.json"))]
    assert main(["compare", *files]) == 0
    lines = capsys.readouterr().out.partition("not compared:")[2].splitlines()
    here = [line for line in lines if "matched: 64 in flight" in line]
    assert any(model in line and line.endswith(reason) for line in here)
    assert main(["compare", *files, "--json"]) == 0
    lost = json.loads(capsys.readouterr().out)["not_compared"]
    assert [row["reason"] for row in lost if row["model"] == model][:1] == [reason]
    assert any(row["ranked"] for row in lost)
    assert main(["compare", *files, "--fail-on-slower"]) == 3
    assert "ranked in OLD without a result in NEW" in capsys.readouterr().err


def test_a_reference_without_a_result_in_the_new_run_is_named_and_does_not_fail(
    capsys, document, store
):
    later = keep(later_run(document), lambda entry: entry["model"] != "blocking")
    files = [str(store(document, "old.json")), str(store(later, "new.json"))]
    assert main(["compare", *files, "--fail-on-slower"]) == 0
    assert "blocking: the new run has no such model" in capsys.readouterr().out


def test_models_of_the_new_run_alone_are_not_missed(study_of, document):
    old = keep(later_run(document), lambda entry: entry["model"] != "coroutine-epoll")
    assert of_runs(study_of(old), study_of(document)).not_compared == []


def test_a_run_without_any_result_of_a_shared_cell_is_compared_and_fails(capsys, document, store):
    later = later_run(document)
    for entry in later["benchmarks"]:
        fail(entry)
    files = [str(store(document, "old.json")), str(store(later, "new.json"))]
    assert main(["compare", *files, "--fail-on-slower"]) == 3
    assert "failed: the backend was gone" in capsys.readouterr().out


def test_one_run_names_what_failed_beside_its_baseline(study_of, document):
    fail_model(document)
    text = as_text(with_baseline(study_of(document)))
    assert "coroutine-epoll: failed: the backend was gone" in text

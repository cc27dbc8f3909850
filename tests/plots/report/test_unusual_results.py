"""Results at the edge of what the format allows: a correct page, or one clear line."""

from __future__ import annotations

import json

import make_fixture
import pytest
from documents import keep

from plots.__main__ import main
from plots.charts.catalog import DRAWERS
from plots.data.errors import ResultsError
from plots.data.load import load
from plots.report.page import page
from plots.report.write import render


def seam_only(document):
    return keep(document, lambda entry: entry["purpose"] == "seam")


def set_buckets(document, buckets):
    for entry in document["benchmarks"]:
        if entry["latency_us"]:
            entry["latency_us"]["histogram"]["buckets"] = buckets


def test_latencies_that_are_all_in_the_lowest_bucket_make_a_page(study_of, document):
    set_buckets(document, [[0, 2000]])
    for entry in document["benchmarks"]:
        if entry["latency_us"]:
            entry["latency_us"]["max"] = 0
    study = study_of(document)
    assert DRAWERS["latency"](study) is None
    assert "index.html" in render(study)


def test_a_latency_below_the_resolution_is_named_beside_those_that_are_drawn(study_of, document):
    for entry in document["benchmarks"]:
        if entry["model"] == "callback-epoll" and entry["latency_us"]:
            entry["latency_us"]["histogram"]["buckets"] = [[0, 2000]]
    chart = DRAWERS["latency"](study_of(document))
    assert "Below the resolution of the histogram, at least in part: callback-epoll." in (
        chart.caption
    )


@pytest.mark.parametrize("role", ["model", "handwritten"])
def test_an_entry_without_rounds_is_not_compared(study_of, document, role):
    seam_only(document)
    changed = [e for e in document["benchmarks"] if e["role"] == role and "epoll" in e["model"]]
    assert changed
    for entry in changed:
        entry["rounds"] = {name: [] for name in entry["rounds"]}
    study = study_of(document)
    assert page(study, [])
    (cell,) = study.cells.values()
    assert not set(study.seam(cell.number)["model"]) & {"callback-epoll", "coroutine-epoll"}


@pytest.mark.parametrize(
    "buckets, complaint",
    [
        ([[0, 2**63]], "2^53"),
        ([[0, 2**64 - 1]], "2^53"),
        ([[0, 2**52], [1, 2**52], [2, 1]], "2^53"),
        ([[2**40, 1]], "2^63"),
        ([[2**63, 1]], "2^63"),
    ],
    ids=str,
)
def test_a_histogram_that_cannot_be_computed_with_is_one_line_and_exit_code_2(
    capsys, document, store, buckets, complaint
):
    set_buckets(document, buckets)
    assert main(["export", str(store(document))]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "histogram" in printed.err and complaint in printed.err


def test_the_largest_histogram_is_read(study_of, document):
    bits = make_fixture.SUB_BUCKET_BITS
    set_buckets(document, [[0, 2**52], [((64 - bits) << bits) - 1, 2**52]])
    study = study_of(document)
    cell = next(iter(study.cells))
    latency = study.latency(cell, study.models_in(cell)[0])
    assert latency["p99"] == pytest.approx(2**63 / 1000, rel=0.05)


def test_a_string_with_half_of_a_character_is_refused(document, store):
    document["context"]["version"] = "\ud800"
    with pytest.raises(ResultsError, match="half of a character"):
        load([store(document)])


def test_a_string_with_a_pair_of_surrogates_is_read(study_of, document):
    document["context"]["version"] = "\U0001f600"
    assert "\\ud83d" in json.dumps(document)
    assert "\U0001f600" in page(study_of(document), [])


def test_a_name_with_dollar_signs_is_drawn_as_it_is(study_of, document):
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll":
            entry["model"] = r"$\frac$"
    assert DRAWERS["ratios"](study_of(document)).svg()

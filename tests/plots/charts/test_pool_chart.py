"""The chart of pools: throughput and p99 against their size, for each rule of dispatch."""

from __future__ import annotations

from itertools import product

import make_fixture
import pytest
from documents import keep

from plots.charts.catalog import DRAWERS
from plots.report.chart_tables import chart_tables

SIZES = (4, 8, 16)
DOUBLED = {"least-loaded": 6, "first-free": 0, "random": 1}  # so often, with the smallest pool


def pool_entries(document):
    """Cells of one model that differ in the pool and its rule only: its rate is in proportion to
    the pool, and the tails of the smallest are as long as DOUBLED says."""
    base = next(
        entry
        for entry in document["benchmarks"]
        if entry["model"] == "callback-epoll" and entry["purpose"] == "matched"
    )
    found = []
    for size, rule, invocation in product(SIZES, DOUBLED, range(make_fixture.INVOCATIONS)):
        row = base | {"purpose": "custom", "invocation": invocation, "entry": 0}
        row |= {"connections": f"pool:{size}", "dispatch": rule, "max_in_flight": size}
        row["queries_per_second"] = 1000.0 * size
        rounds = len(base["rounds"]["queries_per_second"])
        row["rounds"] = base["rounds"] | {"queries_per_second": [1000.0 * size] * rounds}
        histogram = base["latency_us"]["histogram"]
        octaves = DOUBLED[rule] if size == min(SIZES) else 0
        further = octaves << histogram["sub_bucket_bits"]
        buckets = [[index + further, count] for index, count in histogram["buckets"]]
        row["latency_us"] = base["latency_us"] | {"histogram": histogram | {"buckets": buckets}}
        found.append(row)
    return found


@pytest.fixture
def study(study_of, document):
    found = pool_entries(document)
    return study_of(keep(document, lambda entry: False) | {"benchmarks": found})


def test_each_rule_has_a_line_of_the_rate_and_one_of_the_tail(study):
    chart = DRAWERS["pool"](study)
    rates, tails = chart.figure.axes
    assert rates.get_title(loc="left").startswith("queries per second: callback-epoll, 16 in")
    assert tails.get_title(loc="left").startswith("p99 latency: callback-epoll, 16 in flight")
    for axes in (rates, tails):
        assert {text.get_text() for text in axes.texts} - {""} == set(DOUBLED)
        lines = [line for line in axes.lines if list(line.get_xdata()) == list(SIZES)]
        assert len(lines) == len(DOUBLED)
    of_rates = [list(line.get_ydata()) for line in rates.lines if len(line.get_xdata()) == 3]
    assert of_rates == [[pytest.approx(1000 * size) for size in SIZES]] * 3


def test_tails_of_which_one_is_64_times_another_are_told_apart(study):
    tails = DRAWERS["pool"](study).figure.axes[1]
    assert tails.get_yscale() == "log" and tails.get_ylim()[0] > 0


def test_the_caption_compares_early_and_late_binding(study):
    caption = DRAWERS["pool"](study).caption
    words = "p99 of least-loaded over that of first-free (callback-epoll): 64.0\u00d7 with 4, "
    assert words + "1.000\u00d7 with 8, 1.000\u00d7 with 16." in caption
    assert "n = 5 invocations" in caption


def test_its_table_has_the_pool_its_rule_the_rate_and_the_tail(study):
    head, *rows = chart_tables(study, ["pool"])["pool"].splitlines()
    assert {"connections", "dispatch", "queries_per_second", "p99_us"} <= set(head.split(","))
    assert len(rows) == len(SIZES) * len(DOUBLED)


@pytest.fixture
def pipelined(study_of, document):
    """The same, and as many connections with pipelines on them: three times the rate."""
    found = pool_entries(document)
    for entry in [entry for entry in found if entry["dispatch"] == "first-free"]:
        size = int(entry["connections"].partition(":")[2])
        more = entry | {"connections": "kept", "dispatch": None, "max_in_flight": 16}
        more |= {"pipeline": 16 // size, "queries_per_second": 3000.0 * size}
        tripled = [3 * rate for rate in entry["rounds"]["queries_per_second"]]
        more["rounds"] = entry["rounds"] | {"queries_per_second": tripled}
        found.append(more)
    for entry in found:
        entry |= {"backend": "postgres", "pipeline": entry.get("pipeline") or 1}
    return study_of(keep(document, lambda entry: False) | {"benchmarks": found})


def test_pipelines_have_a_line_beside_those_of_the_rules(pipelined):
    chart = DRAWERS["pool"](pipelined)
    for axes in chart.figure.axes:
        assert {text.get_text() for text in axes.texts} - {""} == {*DOUBLED, "pipelined"}
    drawn = [list(line.get_ydata()) for line in chart.figure.axes[0].lines]
    shared = [size for size in SIZES if size < 16]  # else each client has its own
    assert [pytest.approx(3000 * size) for size in shared] in drawn
    words = "throughput of pipelined over that of first-free (callback-epoll): 3.00\u00d7 with 4, "
    assert words in chart.caption
    assert "Pipelined queries are sent at once, behind those" in chart.caption


def test_cells_without_a_pool_have_no_such_chart(study_of, document):
    assert DRAWERS["pool"](study_of(document)) is None

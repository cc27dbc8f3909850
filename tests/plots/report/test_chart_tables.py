"""Each chart has its figures as CSV beside it, and a text in its place for who cannot see it."""

from __future__ import annotations

import csv
import io
import re

import micro_scenes
import pytest
from documents import keep

from plots.charts.catalog import DRAWERS
from plots.report.chart_tables import chart_tables
from plots.report.write import render


@pytest.fixture
def study(study_of, document):
    document["benchmarks"] += micro_scenes.switch_entries()
    return study_of(document)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_chart_of_queries_has_the_figures_that_it_shows(study):
    found = {name: rows_of(text) for name, text in chart_tables(study, DRAWERS).items()}
    for row in found["ratios"]:
        cell = next(c for c in study.cells.values() if c.in_flight == int(row["in_flight"])
                    and c.purpose == row["purpose"])  # fmt: skip
        if row["verdict"] == "baseline":
            continue
        ratios = study.ratios(cell.number).set_index("model")
        assert float(row["ratio"]) == pytest.approx(ratios["ratio"][row["model"]], rel=1e-5)
    assert {row["purpose"] for row in found["throughput"]} == {"saturated"}
    assert "queries_per_second_low" in found["throughput"][0]
    assert "p99_us" in found["latency"][0] and "ratio" not in found["latency"][0]


def test_a_chart_of_operations_has_quartiles(study):
    (text,) = chart_tables(study, ["ladder"]).values()
    fiber = [row for row in rows_of(text) if row["model"] == "fiber"]
    assert fiber and all(float(r["low"]) <= float(r["middle"]) <= float(r["high"]) for r in fiber)


def test_each_chart_that_is_drawn_has_its_file_and_says_what_it_shows(study_of, document):
    files = render(study_of(keep(document, lambda entry: entry["purpose"] == "seam")))
    drawn = {name.removesuffix(".svg") for name in files if name.endswith(".svg")}
    assert drawn == {name.removesuffix(".csv") for name in files if name.endswith(".csv")}
    html = files["index.html"].decode()
    for name in drawn:
        assert len(rows_of(files[f"{name}.csv"].decode())) > 1
        assert f'<a href="{name}.csv">CSV</a>' in html
    labels = re.findall(r'<svg[^>]* role="img" aria-label="([^"]+)"', html)
    assert len(labels) == len(drawn) and all("n = " in label for label in labels)

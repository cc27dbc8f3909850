"""waitbench compare OLD NEW --chart DIR: two runs over each other."""

from __future__ import annotations

import copy
import csv
import io
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from plots.__main__ import main
from plots.analysis.changes import changes
from plots.analysis.study import Study
from plots.commands.old_and_new import draw_old_and_new
from plots.data.cells import COST, SEAM
from plots.data.load import load

CPU = "client_cpu_us_per_query"
KINDS = ("csv", "pdf", "png", "svg")


def dearer(document):
    """A later run, in which coroutines cost half as much again."""
    later = copy.deepcopy(document)
    later["context"]["date"] = "2026-02-02T00:00:00Z"
    for entry in later["benchmarks"]:
        if entry["rounds"] and entry["model"] == "coroutine-epoll":
            entry["rounds"][CPU] = [1.5 * value for value in entry["rounds"][CPU]]
            entry[CPU] *= 1.5
    return later


@pytest.fixture
def runs(store, document):
    return [str(store(document, "old.json")), str(store(dearer(document), "new.json"))]


def chart_of(runs, folder):
    assert main(["compare", *runs, "--chart", str(folder)]) == 0
    return {kind: (folder / f"old-and-new.{kind}").read_bytes() for kind in KINDS}


def test_both_runs_are_drawn_and_the_verdict_is_bold(runs, tmp_path, capfd):
    svg = chart_of(runs, tmp_path / "made")["svg"].decode()
    told = capfd.readouterr()
    assert f"the chart is {tmp_path}/made/old-and-new.svg" in told.err
    assert "old-and-new.svg" not in told.out, "which is for the tables alone"
    root = ElementTree.fromstring(svg)
    assert "Hollow: old; filled: new." in root.get("aria-label")
    bold = {
        text.text
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if "700 " in (text.get("style") or "")  # the weight
    }
    assert any("1.5" in words for words in bold if words.endswith("\u00d7"))


def test_cells_that_ask_something_else_have_rows_of_their_own(runs):
    old, new = (Study(load([Path(run)])) for run in runs)
    found = changes(old, new)
    models: dict[str, set[str]] = {}
    for change in found:
        models.setdefault(change.cell.question, set()).update(change.comparisons["model"])
    panels = draw_old_and_new(old, new, found).figure.axes
    rows = [round(axes.get_ylim()[0] + 0.4) for axes in panels]
    ordered = sorted(found, key=lambda change: [*models].index(change.cell.question))
    assert rows == [len(models[change.cell.question]) for change in ordered]
    assert len(models[SEAM]) < len(models[COST])


def test_its_table_has_what_both_runs_measured(runs, tmp_path):
    table = io.StringIO(chart_of(runs, tmp_path / "made")["csv"].decode())
    rows = [row for row in csv.DictReader(table) if row["measure"] == CPU and row["delay_us"]]
    matched = [row for row in rows if row["purpose"] == "matched"]
    changed = [row for row in matched if row["model"] == "coroutine-epoll"]
    same = [row for row in matched if row["model"] == "callback-epoll"]
    assert changed and same
    for row in changed:
        assert float(row["new"]) == pytest.approx(1.5 * float(row["old"]), rel=1e-4)
        assert row["verdict"] == "slower"
    for row in same:
        assert row["new"] == row["old"]


def test_it_is_the_same_again(runs, tmp_path):
    assert chart_of(runs, tmp_path / "one") == chart_of(runs, tmp_path / "other")


def test_one_run_alone_is_a_mistake(runs, tmp_path, capfd):
    words = ["compare", runs[0], "--baseline", "callback-epoll", "--chart", str(tmp_path / "made")]
    assert main(words) == 2
    assert "give OLD NEW" in capfd.readouterr().err
    assert not (tmp_path / "made").exists()


def test_a_folder_that_cannot_be_written_is_named(runs, tmp_path, capfd):
    (tmp_path / "file").write_text("")
    assert main(["compare", *runs, "--chart", str(tmp_path / "file" / "made")]) == 2
    assert "the chart cannot be written" in capfd.readouterr().err

"""The page and the tables over machines: each machine once, in columns, with what is missing."""

from __future__ import annotations

import copy
import csv
import io
from pathlib import Path

import pytest

from plots import __main__ as program
from plots.analysis.machines import extent_over
from plots.charts.catalog import MACHINE_DRAWERS
from plots.commands.machines import as_text
from plots.data.errors import ResultsError
from plots.report.machines import as_csv, cautions, headline, read_runs, tables
from plots.report.machines_page import page, write_machines
from plots.text.format import times

DEARER = 1.5  # what coroutine-epoll costs more on the second machine


@pytest.fixture
def files(document, store) -> dict[str, Path]:
    """Three machines, of which n2 makes coroutines dearer."""
    made = {}
    for number, name in enumerate(("n1", "n2", "n3")):
        changed = copy.deepcopy(document)
        changed["context"]["host"]["boot_id"] = f"boot of {name}"
        changed["context"]["seed"] = number
        for entry in changed["benchmarks"]:
            if entry.get("model") == "coroutine-epoll" and name == "n2" and entry["rounds"]:
                costs = entry["rounds"]["client_cpu_us_per_query"]
                entry["rounds"]["client_cpu_us_per_query"] = [cost * DEARER for cost in costs]
        made[name] = store(changed, f"{name}.json")
    return made


def rows_of(runs, model: str) -> list[dict]:
    return [row for table in tables(runs) for row in table.rows if row["model"] == model]


def test_a_ratio_stands_beside_those_of_the_other_machines(files):
    runs, refused = read_runs(files)
    assert refused == {}
    assert [run.name for run in runs] == ["n1", "n2", "n3"]
    first = tables(runs)[0]
    assert first.runs == ["n1", "n2", "n3"]
    row = next(row for row in first.rows if row["model"] == "coroutine-epoll")
    one, two, three = (single["ratio"] for single in row["single"])
    assert one == three != two
    assert float(two[:-1]) == pytest.approx(float(one[:-1]) * DEARER, rel=0.01)
    assert row["machines"] == "3"
    assert row["highest"] == f"{two} n2"


def test_machines_that_differ_are_said_to_and_those_that_agree_are_not(files):
    runs, _ = read_runs(files)
    (row, *_) = rows_of(runs, "coroutine-epoll")
    assert row["differ"] == "yes"
    assert float(row["spread"].split()[-1]) > 1.2
    alike = {row["differ"] for row in rows_of(runs, "thread-per-connection")}
    assert "not told apart" in alike and "yes" not in alike


def test_runs_of_one_machine_are_not_taken_for_several(files, document, store):
    changed = copy.deepcopy(document)
    changed["context"]["host"]["boot_id"] = "boot of n1"
    changed["context"]["seed"] = 77
    runs, _ = read_runs({**files, "again": store(changed, "again.json")})
    assert headline(runs).startswith("3 machines, 4 runs")
    assert any("again and n1 are runs of one machine" in text for text in cautions(runs))
    assert rows_of(runs, "coroutine-epoll")[0]["machines"] == "3"


def test_one_machine_has_no_interval_over_machines(files):
    runs, _ = read_runs({"n1": files["n1"]})
    row = rows_of(runs, "coroutine-epoll")[0]
    assert (row["machines"], row["span"], row["spread"], row["further"]) == ("1", "–", "–", "–")
    assert any("nothing is known of others" in text for text in cautions(runs))


def test_many_machines_have_no_columns_and_all_ratios_in_the_file(document, store):
    files = {}
    for number in range(8):
        changed = copy.deepcopy(document)
        changed["context"]["seed"] = number
        files[f"n{number}"] = store(changed, f"n{number}.json")
    runs, _ = read_runs(files)
    assert tables(runs)[0].runs == []
    lines = list(csv.DictReader(io.StringIO(as_csv(runs))))
    assert {line["run"] for line in lines} == set(files)
    ratio = next(iter(runs[0].cells.values())).ratios[0]
    line = next(x for x in lines if x["model"] == ratio.model and x["run"] == "n0")
    assert float(line["low"]) == pytest.approx(ratio.low, rel=1e-5)


def test_the_same_results_twice_are_left_out_with_the_reason(files):
    runs, refused = read_runs({**files, "copy": files["n2"]})
    assert [run.name for run in runs] == ["copy", "n1", "n3"]
    assert refused == {"n2": "the same results as copy"}


def test_a_file_that_cannot_be_read_is_left_out_with_the_reason(files, store):
    _, refused = read_runs({**files, "torn": store('{"schema_version": 2', "torn.json")})
    assert list(refused) == ["torn"]
    assert "not JSON" in refused["torn"]


def test_a_machine_without_the_baseline_is_left_out_with_the_reason(files, document, store):
    for entry in document["benchmarks"]:
        if entry.get("model") == "callback-epoll":
            entry["model"] = "another-model"
    _, refused = read_runs({**files, "other": store(document, "other.json")})
    assert list(refused) == ["other"]
    assert "and not to callback-epoll" in refused["other"]


def test_a_run_that_measured_nothing_is_left_out_and_the_others_are_compared(
    files, document, store
):
    document["benchmarks"] = []
    runs, refused = read_runs({"a": store(document, "a.json"), **files})
    assert refused == {"a": "no query was measured"}
    assert [run.name for run in runs] == ["n1", "n2", "n3"]


def test_the_page_has_a_row_for_each_run_also_for_one_without_results(files, tmp_path):
    runs, _ = read_runs(files)
    reasons, links = {"n9": "the node is <drained>"}, {"n1": "n1.json"}
    place = write_machines(runs, tmp_path / "made", reasons, links)
    html = place.read_text()
    assert "<svg" in html and "turns of different machines are never pooled" in html
    assert "the node is &lt;drained&gt;" in html
    assert '<a href="n1.json">n1</a>' in html
    assert "1 run did not end well" in html
    assert (tmp_path / "made" / "machines.csv").read_text() == as_csv(runs)
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        "index.html", "machines.csv", "machines.pdf", "machines.png", "machines.svg"
    ]  # fmt: skip


def test_page_and_text_are_the_same_when_they_are_made_again(files):
    first, second = read_runs(files)[0], read_runs(dict(reversed(files.items())))[0]
    assert page(first, {}, {}) == page(second, {}, {})
    assert as_text(first) == as_text(second)


def test_each_machine_has_a_panel_with_its_own_ratios(files):
    runs, _ = read_runs(files)
    chart = MACHINE_DRAWERS["machines"](runs)
    panels = {axes.get_title(loc="left").replace("\n", " "): axes for axes in chart.figure.axes}
    assert len(panels) == sum(len(run.cells) for run in runs)
    numbers = {}
    for run in runs:
        title, axes = next(item for item in panels.items() if item[0].startswith(f"{run.name}: "))
        cell = next(iter(run.cells.values()))
        assert cell.title in title
        numbers[run.name] = [text.get_text() for text in axes.texts if "\u00d7" in text.get_text()]
        assert numbers[run.name] == [times(ratio.ratio) for ratio in cell.ratios]
    assert numbers["n1"] == numbers["n3"] != numbers["n2"]
    assert "never pooled" in chart.caption and "3 machines" in chart.caption


def test_many_machines_share_a_panel_that_shows_how_far_they_reach(document, store):
    files = {}
    for number in range(8):
        changed = copy.deepcopy(document)
        changed["context"]["seed"] = number
        changed["context"]["host"]["boot_id"] = f"boot {number}"
        for entry in changed["benchmarks"]:
            if entry.get("model") == "coroutine-epoll" and entry["rounds"]:
                costs = entry["rounds"]["client_cpu_us_per_query"]
                dearer = [cost * 1.1**number for cost in costs]
                entry["rounds"]["client_cpu_us_per_query"] = dearer
        files[f"n{number}"] = store(changed, f"n{number}.json")
    runs, _ = read_runs(files)
    chart = MACHINE_DRAWERS["machines"](runs)
    assert len(chart.figure.axes) == len(runs[0].cells)
    key = next(iter(runs[0].cells))
    of_model = [r for run in runs for r in run.cells[key].ratios if r.model == "coroutine-epoll"]
    reach = extent_over(of_model)
    assert reach.highest / reach.lowest == pytest.approx(1.1**7, rel=0.01)
    assert "share a panel" in chart.caption


def test_runs_without_a_ratio_have_no_chart(files):
    runs, _ = read_runs(files)
    assert MACHINE_DRAWERS["machines"]([run._replace(cells={}) for run in runs]) is None


def test_an_unfit_machine_is_named_above_all_numbers(files, document, store):
    unfit = {"check": "quota", "level": "unfit", "found": "half a CPU", "advice": None}
    document["context"]["doctor"] = [unfit]
    runs, _ = read_runs({**files, "lent": store(document, "lent.json")})
    assert "Not fit to measure on, by their doctor: lent." in cautions(runs)


def test_the_command_prints_the_tables_and_writes_the_page(files, tmp_path, capfdbinary):
    out = tmp_path / "made"
    assert program.main(["machines", *map(str, files.values()), "-o", str(out)]) == 0
    printed = capfdbinary.readouterr().out.decode()
    assert printed.startswith("3 machines, 3 runs")
    assert printed.endswith(f"{out}/index.html\n")


@pytest.mark.parametrize("problem", ["twice", "missing", "two of one name"])
def test_what_cannot_be_compared_is_one_line(files, tmp_path, capfd, problem):
    folder = tmp_path / "x"
    folder.mkdir()
    namesake = folder / "n1.json"
    namesake.write_bytes(files["n2"].read_bytes())
    further = {"twice": tmp_path / "copy.json", "missing": folder / "none.json",
               "two of one name": namesake}[problem]  # fmt: skip
    (tmp_path / "copy.json").write_bytes(files["n2"].read_bytes())
    assert program.main(["machines", *map(str, files.values()), str(further)]) == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_another_page_is_not_written_over_a_file(files, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ResultsError, match="the page cannot be written"):
        write_machines(read_runs(files)[0], tmp_path / "file", {})


@pytest.fixture
def two_machines(files, document, store) -> list[str]:
    """Files of n1 and of a machine with another CPU."""
    document["context"]["host"] |= {"cpu_model": "Another CPU", "boot_id": "boot of m"}
    return [str(files["n1"]), str(store(document, "m.json"))]


def test_a_report_of_different_machines_has_a_column_for_each_and_pools_nothing(
    two_machines, tmp_path, capfd
):
    out = tmp_path / "report"
    assert program.main(["report", *two_machines, "-o", str(out), "--summary"]) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[0].startswith("2 machines, 2 runs") and said[-1] == f"{out}/index.html"
    html = (out / "index.html").read_text()
    assert "<th>n1</th>" in html and "<th>m</th>" in html and "levels mix" not in html


def test_formats_refuse_to_pool_machines_in_one_line(two_machines, capfd):
    assert program.main(["report", *two_machines, "--format", "csv"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert "2 machines, whose values are not pooled" in line


def test_what_cannot_stand_beside_another_machine_is_refused_in_one_line(
    two_machines, document, store, capfd, tmp_path
):
    document["benchmarks"] = []
    document["context"]["host"]["cpu_model"] = "A third CPU"
    empty = str(store(document, "empty.json"))
    assert program.main(["report", *two_machines, empty, "-o", str(tmp_path / "r")]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert "empty: no query was measured" in line and not (tmp_path / "r").exists()


def test_runs_of_one_machine_are_one_report(files, tmp_path, capfd):
    out = tmp_path / "report"
    words = ["report", str(files["n1"]), str(files["n2"]), "-o", str(out)]
    assert program.main(words) == 0
    assert 'id="decisions"' in (out / "index.html").read_text()

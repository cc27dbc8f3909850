"""waitbench export: what Google Benchmark's own compare.py makes of it."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path

import pytest
from documents import fail, keep

from plots.__main__ import main

COMPARE = Path("/usr/share/benchmark/compare.py")  # Debian: libbenchmark-tools
PYTHON = "/usr/bin/python3"


@pytest.fixture
def exported(store, capsys, tmp_path):
    """Exports a document to a file and gives its path."""

    def make(document, name):
        assert main(["export", str(store(document, f"stored-{name}"))]) == 0
        path = tmp_path / name
        path.write_text(capsys.readouterr().out)
        return path

    return make


@pytest.mark.skipif(not COMPARE.exists(), reason="libbenchmark-tools is not installed")
def test_google_benchmarks_compare_reads_two_exports(document, exported):
    later = copy.deepcopy(document)
    for entry in later["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["client_cpu_us_per_query"]:
            entry["client_cpu_us_per_query"] *= 1.5
    files = [exported(document, "old.json"), exported(later, "new.json")]
    command = [PYTHON, COMPARE, "--no-color", "benchmarks", *files]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    changed = {}
    for line in run.stdout.splitlines():
        row = re.match(r"(matched/query/\S+/in_flight:\d+)\s+(\S+)\s+(\S+)\s+\d", line)
        if row:
            changed.setdefault(row[1].split("/")[2], set()).add(float(row[3]))
    assert changed["coroutine-epoll"] == {0.5}
    assert changed["callback-epoll"] == changed["blocking"] == {0.0}


def test_unmeasured_entries_are_left_out_so_nothing_is_null(document, exported):
    text = exported(document, "results.json").read_text()
    rows = json.loads(text)["benchmarks"]
    assert rows and "null" not in text and "NaN" not in text
    assert not any("no-op" in row["name"] or "io_uring" in row["name"] for row in rows)


def test_invocations_and_repeated_entries_are_repetitions(document, exported):
    keep(document, lambda e: e["model"] == "callback-epoll" and e["purpose"] == "matched")
    rows = json.loads(exported(document, "results.json").read_text())["benchmarks"]
    assert {row["repetitions"] for row in rows} == {10}
    first = [row["repetition_index"] for row in rows if row["name"] == rows[0]["name"]]
    assert first == list(range(10))


def test_cells_of_other_purposes_have_other_names(document, exported):
    for entry in document["benchmarks"]:
        if entry["purpose"] == "seam":
            entry["delay_us"] = 2000.0
    rows = json.loads(exported(document, "results.json").read_text())["benchmarks"]
    names = {row["name"].split("/")[0] for row in rows}
    assert names == {"matched", "saturated", "seam"}


def test_a_run_in_which_nothing_was_measured_is_refused(document, store, capsys):
    for entry in document["benchmarks"]:
        fail(entry)
    assert main(["export", str(store(document))]) == 2
    assert capsys.readouterr().err.count("\n") == 1

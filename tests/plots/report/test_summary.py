"""What a terminal is told: at most nine lines, which hold the sentences of the page."""

from __future__ import annotations

import pytest
import scenes
from documents import keep

from plots.__main__ import main
from plots.report.sentences import sentences
from plots.report.summary import summary


@pytest.fixture
def matrix(study_of, document):
    document["benchmarks"] = scenes.matrix_entries()
    return study_of(document)


@pytest.mark.parametrize("width", [40, 80, 100])
def test_it_fits(matrix, width):
    lines = summary(matrix, width).splitlines()
    assert 3 < len(lines) <= 9 and max(map(len, lines)) <= width


def test_it_says_what_the_page_says(matrix):
    said = " ".join(summary(matrix, 100).split())
    assert all(sentence in said for sentence in sentences(matrix))
    assert "there is no A/A figure" in said
    assert said.endswith("All that was asked for has results. Flags: none.")


def test_flags_and_what_is_missing_are_counted(study_of, document):
    flagged = document["benchmarks"][3]
    flagged["flags"] = ["trend"]
    said = summary(study_of(document), 80)
    assert "Without results: 1 row failed and 1 row skipped." in said
    assert f"Flags, of {len(document['benchmarks'])} entries: " in said and "trend 1" in said


def test_nothing_measured_is_said(study_of, document):
    assert summary(study_of(keep(document, lambda entry: False)), 80).startswith("Nothing")


def test_the_command_prints_it_above_the_path(capfd, document, store, tmp_path):
    path = store(keep(document, lambda e: e["purpose"] == "seam"))
    assert main(["report", str(path), "-o", str(tmp_path / "made"), "--summary"]) == 0
    *lines, last = capfd.readouterr().out.splitlines()
    assert last == f"{tmp_path}/made/index.html" and lines[-1].startswith("Flags")


def test_a_format_for_pasting_has_none(capfd, store, document):
    assert main(["report", str(store(document)), "--format", "csv", "--summary"]) == 2
    assert "leave out --summary" in capfd.readouterr().err

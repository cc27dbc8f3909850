"""waitbench compare --format markdown: a comparison for a pull request, in groups by verdict."""

from __future__ import annotations

import copy
import re

import pytest

from plots.__main__ import main

CPU = "client_cpu_us_per_query"


@pytest.fixture
def said(document, store, capsys):
    """The text of a comparison with a later run, of which `change` changes the entries."""

    def compare(change) -> str:
        later = copy.deepcopy(document)
        later["context"]["date"] = "2026-02-02T00:00:00Z"
        later["benchmarks"] = [entry for entry in map(change, later["benchmarks"]) if entry]
        files = [str(store(document, "old.json")), str(store(later, "new.json"))]
        assert main(["compare", *files, "--format", "markdown"]) == 0
        return capsys.readouterr().out

    return compare


def costing(factor, model):
    def change(entry):
        if entry["model"] == model and entry["rounds"] and entry["purpose"] == "matched":
            entry["rounds"][CPU] = [value * factor for value in entry["rounds"][CPU]]
        return entry

    return change


def section(text, title) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    part = re.split(r"^### |^<details>", text.split(f"### {title}\n", 1)[1], flags=re.MULTILINE)[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return rows[2:]


def test_what_is_slower_comes_first_with_its_figures(said):
    text = said(costing(1.2, "coroutine-epoll"))
    rows = section(text, "Slower")
    assert text.startswith(f"**{len(rows)} slower, ")
    dearer = [row for row in rows if row[0] == "coroutine-epoll"]
    assert dearer and all(row[1].startswith("matched: ") for row in dearer)
    assert all(row[2].startswith("1.2") and row[5] == "client CPU per query" for row in dearer)
    assert text.index("### Slower") < text.index("<details>")


def test_what_is_faster_has_a_group_of_its_own(said):
    text = said(costing(0.8, "thread-per-connection"))
    cheaper = [row for row in section(text, "Faster") if row[0] == "thread-per-connection"]
    assert cheaper and all(float(row[2].rstrip("\u00d7")) < 0.85 for row in cheaper)
    slower = section(text, "Slower") if "### Slower" in text else []
    assert "thread-per-connection" not in {row[0] for row in slower}


def test_what_shows_no_difference_is_folded_away(said):
    text = said(lambda entry: entry)
    assert text.startswith("**0 slower, 0 faster, ")
    count = int(re.search(r"(\d+) with no detectable", text)[1])
    folded = re.search(r"<details><summary>(\d+) comparisons with.*?</details>", text, re.DOTALL)
    assert int(folded[1]) == count > 0
    assert folded[0].count("\n| ") == count + 2


def test_what_was_not_compared_says_why(said):
    text = said(lambda entry: None if entry["model"] == "coroutine-epoll" else entry)
    rows = section(text, "Not compared")
    assert {row[0] for row in rows} == {"coroutine-epoll"}
    assert all(row[2] for row in rows)

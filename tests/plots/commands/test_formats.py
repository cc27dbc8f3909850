"""What is pasted elsewhere says what the page says, and names in it are no markup there."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from documents import FIXTURE, keep
from markupsafe import Markup

from plots.__main__ import main
from plots.commands.formats import FORMATS
from plots.report.embedded import embedded
from plots.report.sentences import sentences
from plots.text.markup import latex_text, markdown_text

CPU = "client_cpu_us_per_query"


def csv_rows(study):
    return list(csv.DictReader(io.StringIO(FORMATS["csv"](study))))


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_goes_to_standard_output(capsys, form):
    assert main(["report", str(FIXTURE), "--format", form]) == 0
    out = capsys.readouterr().out
    assert "callback-epoll" in out and "thread-per-connection" in out


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_and_a_folder_do_not_go_together(capsys, form, tmp_path):
    assert main(["report", str(FIXTURE), "--format", form, "-o", str(tmp_path / "made")]) == 2
    assert "leave out --out" in capsys.readouterr().err and not (tmp_path / "made").exists()


def test_the_csv_has_a_row_for_each_model_in_each_cell(study_of, document):
    study = study_of(document)
    rows = csv_rows(study)
    assert len(rows) == sum(len(study.models_in(cell)) for cell in study.cells)
    (row,) = [
        row
        for row in rows
        if (row["model"], row["purpose"], row["in_flight"])
        == ("thread-per-connection", "matched", "64")
    ]
    level = study.level(1, "thread-per-connection", CPU)
    assert float(row[CPU]) == pytest.approx(level.mean, rel=1e-5)
    assert float(row[f"{CPU}_high"]) == pytest.approx(level.high, rel=1e-5)
    assert row["verdict"] == "slower" and row["relative_to"] == "callback-epoll"
    assert row["memory_user_kib"] == "", "unknown is empty, not 0"


def test_the_page_embeds_what_the_csv_holds(study_of, document):
    study = study_of(document)
    held = json.loads(Markup(embedded(study)))
    rows = csv_rows(study)
    assert len(held["rows"]) == len(rows)
    names = [measure["name"] for measure in held["measures"]]
    for (_, model, flags, values), row in zip(held["rows"], rows):
        assert held["models"][model]["name"] == row["model"] and flags == row["flags"]
        for name, value in zip(names, values):
            mean = value[0] if isinstance(value, list) else value
            assert row[name] == ("" if mean is None else str(mean))


def test_markdown_and_latex_hold_the_answer_and_all_cells(study_of, document):
    study = study_of(document)
    for form, escape in (("markdown", markdown_text), ("latex", latex_text)):
        text = FORMATS[form](study)
        for sentence in sentences(study):
            assert escape(sentence) in text
        assert text.count("thread-per-connection") >= 5
    tables = re.findall(r"^\|.*\|$", FORMATS["markdown"](study), re.MULTILINE)
    assert {line.count("|") - line.count(r"\|") for line in tables} == {7, 8}


def test_names_are_no_markup(study_of, document):
    strange = r"a|b_c$x%&#{}<i>\n"
    keep(document, lambda entry: entry["purpose"] == "matched")
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll":
            entry["model"] = strange
    study = study_of(document)
    assert r"a\|b\_c$x%&#\{\}\<i\>\\n" in FORMATS["markdown"](study)
    latex = r"a$|$b\_c\$x\%\&\#\{\}$<$i$>$\textbackslash{}n"
    assert latex in FORMATS["latex"](study)
    assert strange in {row["model"] for row in csv_rows(study)}
    assert strange in {row["model"] for row in json.loads(FORMATS["json"](study))["rows"]}
    assert "<i>" not in embedded(study)


def test_json_has_decisions_and_rows(study_of, document):
    found = json.loads(FORMATS["json"](study_of(document)))
    assert found["baseline"] == "callback-epoll" and found["rows"][0]["model"]
    assert {"regime", "best", "command"} <= set(found["decisions"][0])

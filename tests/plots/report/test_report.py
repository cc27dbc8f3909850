"""The report says what the files say, all of it, the same every time, and touches nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import FIXTURE, HERE, fail, keep
from markupsafe import escape

from plots.analysis.phrases import aa_statement
from plots.data.errors import ResultsError
from plots.report import answers, tables, trust, write_report
from plots.report.page import page
from plots.report.precision import precision_answers
from plots.report.runs import runs

DRAWN = ("ratios", "cost", "costs", "throughput", "latency", "spectrum", "switches", "seam")
MODELS = ("blocking", "thread-per-connection", "callback-epoll", "coroutine-epoll")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """A report of the fixture."""
    return write_report([FIXTURE], tmp_path_factory.mktemp("made") / "report").parent


@pytest.fixture(scope="module")
def html(report) -> str:
    """The page of that report."""
    return (report / "index.html").read_text(encoding="utf-8")


def prose(study) -> str:
    """All prose of a report."""
    spoken = [*answers.question(study), *tables.notices(study)]
    spoken += [answer.text for answer in (*answers.answers(study), *trust.trust(study))]
    return "\n".join(spoken)


def test_a_report_made_again_is_the_same_to_the_byte(report, tmp_path):
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-m", "plots", "report", str(FIXTURE), "-o", str(tmp_path / "again")]
    subprocess.run(command, check=True, cwd=HERE.parent.parent, env=environment, timeout=120)
    names = sorted(path.name for path in report.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in names:
        assert (report / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_each_chart_stands_beside_the_page_as_svg_pdf_png_and_csv(report):
    names = {path.name for path in report.iterdir()}
    kinds = ("svg", "pdf", "png", "csv")
    assert names == {"index.html"} | {f"{stem}.{kind}" for stem in DRAWN for kind in kinds}


def test_the_page_needs_nothing_from_elsewhere(html):
    assert "@import" not in html and "<link" not in html
    assert set(re.findall(r"<script[^>]*>", html)) == {
        "<script>",
        '<script type="application/json" id="results">',
    }
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|https?://(?!www\.w3\.org/)", html)
    fetched = re.findall(r'(?:src|href)="([^"]*)"', html) + re.findall(r"url\(([^)]*)\)", html)
    assert fetched
    for target in fetched:
        assert target.startswith("#") or re.fullmatch(r"[a-z]+\.(svg|pdf|png|csv)", target), target


def test_every_identifier_on_the_page_is_unique(html):
    identifiers = re.findall(r'\sid="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))


def test_the_page_names_command_machine_reasons_and_flags(html, document):
    assert "waitbench run --profile quick" in html
    assert document["context"]["host"]["cpu_model"] in html
    for entry in document["benchmarks"]:
        if entry["reason"]:
            assert entry["reason"] in html
    assert "backend-limited" in html and escape(tables.FLAGS["backend-limited"]) in html


def test_names_in_prose_and_page_come_from_the_data(study_of, document):
    renamed = {model: f"walrus-{place}" for place, model in enumerate(MODELS)}
    keep(document, lambda entry: entry["status"] == "ok")
    for entry in document["benchmarks"]:
        for old, new in renamed.items():
            for field in ("model", "name", "run_name"):
                entry[field] = entry[field].replace(old, new)
    study = study_of(document, "walrus-2")
    text = prose(study) + page(study, [])
    assert all(f"walrus-{place}" in text for place in range(4))
    assert not any(model in text for model in MODELS)


def test_numbers_in_prose_come_from_the_data(study_of, document):
    """After everything measured is changed, no number of three digits or more stays the same."""
    before = set(re.findall(r"\d+\.\d\d+", prose(study_of(document))))
    powers = {"coroutine-epoll": 1.31, "thread-per-connection": 1.17, "no-op": 1.9, "blocking": 1.5}
    for entry in document["benchmarks"]:
        scale = powers.get(entry["model"], 1.23)
        for measure in ("client_cpu_us_per_query", "queries_per_second"):
            if entry[measure]:
                entry[measure] *= scale
            if entry["rounds"]:
                entry["rounds"][measure] = [value * scale for value in entry["rounds"][measure]]
        if entry["client_cpu_share"]:
            entry["client_cpu_share"] *= scale
    after = set(re.findall(r"\d+\.\d\d+", prose(study_of(document))))
    assert before and after
    # Ratios of two that were scaled alike are untouched: callback and its counterpart, A and A.
    # So are the widths of intervals.
    kept = set(re.findall(r"\d+\.\d\d+", _about_the_baseline(study_of(document))))
    assert before & after <= kept


def _about_the_baseline(study) -> str:
    (seam,) = [answer.text for answer in answers.answers(study) if answer.lead == "The seam"]
    (precision,) = precision_answers(study)
    return seam + aa_statement(study.aa(None)) + precision.text


def test_the_a_a_figure_follows_the_data(study_of, document):
    for entry in document["benchmarks"]:
        if entry["entry"] == 1:
            values = entry["rounds"]["client_cpu_us_per_query"]
            entry["rounds"]["client_cpu_us_per_query"] = [value * 1.5 for value in values]
    assert re.search(r"all 3 pairs within 5\d%", prose(study_of(document)))


def test_swapping_two_models_swaps_them_in_the_answer(study_of, document):
    for entry in document["benchmarks"]:
        swap = {"coroutine-epoll": "thread-per-connection"}
        swap |= {there: here for here, there in swap.items()}
        if entry["role"] == "model":
            entry["model"] = swap.get(entry["model"], entry["model"])
    by_lead = {answer.lead: answer.text for answer in answers.answers(study_of(document))}
    assert "coroutine-epoll" in by_lead["Slower wherever ranked"]
    assert "thread-per-connection" not in by_lead["Slower wherever ranked"]


def test_one_invocation_gives_no_verdict(study_of, document):
    keep(document, lambda entry: entry["invocation"] == 0)
    text = prose(study_of(document))
    assert "no interval, so no verdict" in text
    assert "lower" not in text.replace("slower (small)", "slower")


def test_a_load_that_was_not_sustained_is_named(study_of, document):
    for entry in document["benchmarks"]:
        if entry["model"] == "thread-per-connection" and entry["in_flight"] == 16:
            entry["flags"] = ["saturated"]
    text = prose(study_of(document))
    assert "16 in flight, 2 ms delay: thread-per-connection did not sustain the load" in text


def test_a_custom_cell_that_ranks_nothing_gives_the_reason(
    study_of, document
):
    keep(document, lambda entry: entry["purpose"] == "matched" and entry["in_flight"] == 64)
    for entry in document["benchmarks"]:
        entry["purpose"] = "custom"
        if entry["model"] == "callback-epoll":
            entry["flags"] = ["backend-limited", "saturated"]
    text = prose(study_of(document))
    assert "64 in flight (callback-epoll did not sustain the load)" in text
    assert "A longer delay, fewer queries in flight or a lower rate" in text


def test_only_failures_make_a_page_of_reasons(study_of, document):
    for entry in document["benchmarks"]:
        fail(entry)
    text = page(study_of(document), [])
    assert "Every row failed or was skipped" in text and "the backend was gone" in text


def test_the_page_states_that_a_run_was_interrupted(study_of, document):
    document["context"]["status"] = "interrupted"
    assert "the run was interrupted" in prose(study_of(document))


def test_the_page_states_that_the_machine_was_disturbed(study_of, document):
    for entry in document["benchmarks"][:7]:
        entry["flags"] = ["foreign-cpu"]
    entries = len(document["benchmarks"])
    assert f"7 of {entries} entries: other programs" in prose(study_of(document))


def test_the_page_warns_of_few_invocations(study_of, document):
    assert "intervals rest on few values" not in prose(study_of(document))
    keep(document, lambda entry: entry["invocation"] < 3)
    assert "3 invocations at most: intervals rest on few values" in prose(study_of(document))


def test_several_files_become_one_report(document, store, tmp_path):
    one = store(document, "one.json")
    document["context"]["date"] = "2026-02-01T00:00:00Z"
    document["context"]["host"]["cpu_model"] = "Other CPU"
    two = store(document, "two.json")
    text = write_report([one, two], tmp_path / "report").read_text()
    assert "different machines" in text
    assert "10 invocations" in text and "one.json" in text and "two.json" in text


def test_data_cannot_become_markup(study_of, document):
    strange = "</script><script>alert(1)</script>"
    document["benchmarks"][-1]["reason"] = strange
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll":
            entry["model"] = strange
    text = page(study_of(document), [])
    assert "alert(1)" in text and "<script>alert" not in text
    assert text.count("<script") == text.count("</script") == 2


def test_a_second_report_replaces_the_first_and_keeps_other_files(
    report, document, store, tmp_path
):
    target = tmp_path / "report"
    write_report([FIXTURE], target)
    (target / "notes.txt").write_text("mine")
    write_report([store(keep(document, lambda e: e["purpose"] == "saturated"))], target)
    left = {path.name for path in target.iterdir()}
    assert "notes.txt" in left and "throughput.svg" in left and "seam.svg" not in left
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_results_are_never_overwritten(document, store, tmp_path):
    path = store(document, "index.html")
    before = path.read_bytes()
    with pytest.raises(ResultsError, match="overwrite"):
        write_report([path], tmp_path)
    assert path.read_bytes() == before


def test_a_table_without_a_ranking_has_no_verdicts(study_of, document):
    for entry in document["benchmarks"]:
        if (entry["purpose"], entry["in_flight"]) == ("matched", 64):
            entry["purpose"] = "custom"
            if entry["model"] == "callback-epoll":
                entry["flags"] = ["saturated"]
    found = tables.cell_tables(study_of(document))
    (table,) = [table for table in found if table.ranks.startswith("custom: not ranked")]
    assert {row["verdict"] for row in table.rows} == {"baseline", "not ranked"}
    assert {row["p_value"] for row in table.rows} == {"\u2013"}


def test_facts_of_the_machine_are_for_people_to_read(study_of, document):
    document["context"]["elapsed_s"] = 156.038514446
    document["context"]["host"] |= {"steal_share": 0.00022824, "seccomp": 0, "aslr": 2}
    document["context"]["host"]["mitigations"] = {"mds": "Not affected", "l1tf": "Not affected"}
    (run,) = runs(study_of(document))
    assert run["facts"]["Run"].endswith("after 156 s")
    assert run["facts"]["Load"].endswith("steal 0.023%")
    assert run["facts"]["Mitigations"] == "Not affected: l1tf, mds"
    assert run["facts"]["Security"] == "seccomp off, ASLR on"


def test_cells_that_the_backend_limited_are_named_together(study_of, document):
    for entry in document["benchmarks"]:
        if entry["purpose"] == "saturated":
            entry["flags"] = ["backend-limited"]
    flat_out = [a.text for a in answers.answers(study_of(document)) if a.lead == "Flat out"]
    limit = "the backend was the limit; nothing is ranked."
    assert flat_out == [f"64 in flight; 256 in flight: {limit}"]

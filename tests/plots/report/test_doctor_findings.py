"""What the doctor found is on the page, all of it, and nothing that it did not find."""

from __future__ import annotations

import copy

import pytest

from plots.analysis.study import Study
from plots.data.load import load
from plots.report.doctor import doctor_answers, doctor_rows, unfit_notices
from plots.report.page import page

WELL = {"check": "smt", "level": "ok", "found": "off", "advice": None}
BUSY = {"check": "load", "level": "advice", "found": "6.8 on 2 CPUs", "advice": "wait"}
TAKEN = {"check": "foreign-cpu", "level": "unfit", "found": "90% of all CPUs", "advice": "end it"}
QUIET = {"check": "load", "level": "ok", "found": "0.1 on 2 CPUs", "advice": None}


@pytest.fixture
def examined(study_of, document):
    """The study of a file in which the doctor found this."""

    def make(*findings):
        document["context"]["doctor"] = list(findings)
        return study_of(document)

    return make


def prose(study) -> str:
    (answer,) = doctor_answers(study)
    return answer.text


def test_the_page_states_that_the_doctor_found_nothing_wrong(examined):
    study = examined(WELL, QUIET)
    expected = "made 2 checks before anything was measured, and found nothing wrong."
    assert prose(study).endswith(expected)
    assert unfit_notices(study) == []


def test_a_failed_check_is_named_with_its_level(examined):
    assert "it found fault with load (advice) and foreign-cpu (unfit)" in prose(
        examined(WELL, BUSY, TAKEN)
    )


def test_every_check_is_on_the_page_with_its_advice(examined):
    study = examined(WELL, BUSY)
    assert [(row["check"], row["found"], row["advice"]) for row in doctor_rows(study)] == [
        ("smt", "off", "\u2013"),
        ("load", "6.8 on 2 CPUs", "wait"),
    ]
    html = page(study, [])
    assert "What the doctor found" in html and "<td>wait</td>" in html


def test_an_unfit_machine_is_named_before_any_number(examined):
    html = page(examined(TAKEN), [])
    notice = "results.json: the machine was not fit to measure on (foreign-cpu: 90% of all CPUs)."
    assert html.index(notice) < html.index("The answer")


def test_a_file_without_findings_is_named(study_of, document):
    document["context"].pop("doctor", None)
    study = study_of(document)
    assert prose(study) == "results.json holds no findings of waitbench doctor."
    assert doctor_rows(study) == [] and "What the doctor found" not in page(study, [])


def test_findings_of_a_resumed_run_are_listed_too(examined, document):
    document["context"]["resumed"] = [{"date": "2026-01-02T00:00:00Z", "doctor": [WELL, QUIET]}]
    rows = doctor_rows(examined(WELL, BUSY))
    assert [(row["check"], row["found"], row["where"]) for row in rows] == [
        ("smt", "off", ""),
        ("load", "6.8 on 2 CPUs", "results.json"),
        ("load", "0.1 on 2 CPUs", "results.json, resumed 2026-01-02T00:00:00Z"),
    ]


def test_files_that_agree_share_a_row_and_others_are_named(store, document):
    other = copy.deepcopy(document)
    document["context"]["doctor"] = [WELL, QUIET]
    other["context"] |= {"doctor": [WELL, BUSY], "date": "2027-01-01T00:00:00Z"}
    rows = doctor_rows(Study(load([store(document, "one.json"), store(other, "two.json")])))
    assert [(row["check"], row["level"], row["where"]) for row in rows] == [
        ("smt", "ok", ""),
        ("load", "ok", "one.json"),
        ("load", "advice", "two.json"),
    ]

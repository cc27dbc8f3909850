"""A backend on another machine is on the page: its distance, its machine, and what is left out."""

from __future__ import annotations

import pytest

from plots.report.doctor import doctor_rows, unfit_notices
from plots.report.page import page

UNFIT = {"check": "quota", "level": "unfit", "found": "half a CPU", "advice": "raise it"}


@pytest.fixture
def elsewhere(document, study_of):
    """The study of a run against such a backend."""

    def make(**changed):
        document["context"]["doctor"] = [UNFIT | {"level": "ok", "found": "none", "advice": None}]
        document["context"]["backend"] = {
            "endpoint": "10.0.0.2:8000",
            "round_trip_us": {"median": 310.0, "least": 290.0, "most": 1200.0, "count": 101},
            "shares_clock": False,
            "version": "0.4.0",
            "commit": "abc",
            "cpus": [2, 3],
            "host": {"cpu_model": "CPU of the backend", "kernel": "6.1"},
            "doctor": [UNFIT],
        } | changed
        return study_of(document)

    return make


def test_the_page_says_where_it_is_and_how_far_away(elsewhere):
    html = page(elsewhere(), [])
    assert "at 10.0.0.2:8000, a round trip of 310 µs away (median of 101; 290 µs to 1.2 ms)" in html
    assert "CPU of the backend, kernel 6.1, on CPUs 2 and 3" in html


def test_what_takes_one_clock_is_said_to_be_left_out_where_there_are_two(elsewhere):
    words = "it reads a clock of its own, so latencies are not split into parts"
    assert words in page(elsewhere(), [])
    assert words not in page(elsewhere(shares_clock=True), [])


def test_its_own_doctor_is_heard(elsewhere):
    study = elsewhere()
    row = next(row for row in doctor_rows(study) if row["level"] == "unfit")
    assert row["where"].endswith("at the backend")
    assert any("at the backend" in notice and "half a CPU" in notice
               for notice in unfit_notices(study))  # fmt: skip


def test_what_a_backend_does_not_say_is_unknown(elsewhere):
    html = page(elsewhere(version=None, commit=None, cpus=None, host={}, doctor=[]), [])
    assert "waitbench unknown, commit –; unknown CPU, kernel unknown, on CPUs unknown" in html

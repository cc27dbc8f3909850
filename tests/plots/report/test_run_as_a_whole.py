"""What a page says of its run as a whole: which questions it could not answer, at which loads."""

from __future__ import annotations

from plots.data.cells import THROUGHPUT
from plots.report.page import page
from plots.report.runs import runs


def test_a_run_that_ranks_nothing_says_so_in_its_first_line(study_of, document):
    for entry in document["benchmarks"]:
        if entry["purpose"] == "saturated":
            entry["flags"] = ["backend-limited"]
    html = page(study_of(document), [])
    first = html.split('<ul class="notices">')[1].split("</li>")[0]
    assert "No model is ranked by throughput, in 2 cells meant for it: the backend was the" in first
    assert "by client CPU" not in html.split("</ul>")[0], "that question was answered"


def test_a_question_that_was_answered_in_one_cell_is_no_failure(study_of, document):
    limited = study_of(document).backend_limited
    cells = study_of(document).asking(THROUGHPUT)
    assert [limited(cell.number) for cell in cells] == [False, True]
    assert "No model is ranked" not in page(study_of(document), [])


def test_cells_that_there_was_no_time_for_are_named(study_of, document):
    document["context"] |= {"budget_s": 165.0, "left_out": []}
    assert "did not suffice" not in page(study_of(document), [])
    document["context"]["left_out"] = ["matched tcp/kept/in_flight:256/delay_us:30720"]
    notice = (
        "the budget of 165 s did not suffice for matched tcp/kept/in_flight:256/delay_us:30720; a "
        "longer --budget has room for it."
    )
    assert notice in page(study_of(document), [])


def test_the_loads_of_a_run_stand_among_its_facts(study_of, document):
    assert "Loads" not in runs(study_of(document))[0]["facts"]
    loads = {"source": "file", "query_interval_us": 70.0, "work_us": 15.0}
    document["context"]["loads"] = loads
    (run,) = runs(study_of(document))
    assert run["facts"]["Loads"] == "a query every 70 µs, 15 µs of work per reply (file)"
    loads |= {
        "source": "measured",
        "found": {
            "baseline_us": 17.2,
            "costliest": "process-per-connection",
            "costliest_us": 26.1,
            "client_share": 0.37,
            "backend_share": 0.81,
        },
    }
    (run,) = runs(study_of(document))
    assert run["facts"]["Loads"].endswith(
        "(measured: process-per-connection, the costliest, used 37% of its CPUs at that rate, and "
        "the backend 81% of its CPU with work)"
    )

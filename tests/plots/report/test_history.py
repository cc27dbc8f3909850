"""waitbench history: changes are found where they are, machines are kept apart, and what drifts
with the machine shows nowhere."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from documents import keep

from plots.__main__ import main
from plots.analysis.change_points import change_points
from plots.analysis.history import histories, is_worse, machine_of

CPU = "client_cpu_us_per_query"


def runs(document, count, change_at=None, factor=1.0, drift=0.0):
    """So many runs, a day apart, of two models; coroutine-epoll costs more from a run on, and the
    whole machine becomes slower."""
    keep(document, lambda e: (e["purpose"], e["in_flight"]) == ("matched", 64))
    keep(document, lambda e: e["model"].endswith("-epoll") and e["invocation"] < 3)
    found = []
    rng = np.random.default_rng(5)
    for number in range(count):
        run = copy.deepcopy(document)
        run["context"]["date"] = f"2026-03-{number + 1:02}T00:00:00Z"
        run["context"]["commit"] = f"{number:040x}"
        for entry in run["benchmarks"]:
            scale = (1 + drift) ** number * rng.normal(1, 0.003)
            if entry["model"] == "coroutine-epoll" and change_at is not None:
                scale *= factor if number >= change_at else 1.0
            entry["rounds"][CPU] = [cost * scale for cost in entry["rounds"][CPU]]
        found.append(run)
    return found


def test_a_change_is_found_where_it_is(study_of, document):
    studies = [study_of(run) for run in runs(document, 12, change_at=7, factor=1.1, drift=0.05)]
    (series,) = histories(studies)
    assert series.model == "coroutine-epoll" and len(series.points) == 12
    (change,) = series.changes
    assert change.place == 7 and change.p_value < 0.01 and is_worse(series, change)
    assert change.after / change.before == pytest.approx(1.1, rel=0.02)


def test_a_machine_that_drifts_shows_no_change(study_of, document):
    (series,) = histories([study_of(run) for run in runs(document, 10, drift=0.1)])
    assert series.changes == []


def test_few_runs_show_no_change_and_the_order_of_files_does_not_matter(study_of, document):
    studies = [study_of(run) for run in runs(document, 5, change_at=2, factor=1.5)]
    (series,) = histories(studies[::-1])
    assert series.changes == []
    dates = [point.date for point in series.points]
    assert dates == sorted(dates)


def test_noise_alone_rarely_has_a_change():
    rng = np.random.default_rng(11)
    found = sum(bool(change_points(rng.normal(0, 1, 20))) for _ in range(60))
    assert found <= 8  # 5% of 60 are 3; more than 8 would be 1 in 100


def test_two_changes_are_both_found():
    rng = np.random.default_rng(12)
    values = np.concatenate([rng.normal(mean, 0.1, 10) for mean in (0, 1, 0.4)])
    assert [change.place for change in change_points(values)] == [10, 20]


def test_machines_are_kept_apart(study_of, document):
    studies = []
    for number, run in enumerate(runs(document, 6)):
        run["context"]["host"]["cpus"] = 2 + number % 2
        studies.append(study_of(run))
    assert [len(series.points) for series in histories(studies)] == [3, 3]


def test_a_machine_is_the_same_after_a_boot(document):
    host = document["context"]["host"]
    booted = host | {"kernel": "9.9", "load_1min": 3.0, "memory_kib": (host["memory_kib"] or 0) + 9}
    assert machine_of(booted) == machine_of(host)
    assert machine_of(host | {"cpu_model": "Other"}) != machine_of(host)


def test_a_folder_becomes_a_page(capsys, store, document, tmp_path):
    for number, run in enumerate(runs(document, 8, change_at=4, factor=1.2)):
        store(run, f"run-{number}.json")
    store("{}", "strange.json")
    out = tmp_path / "made"
    assert main(["history", str(tmp_path), "-o", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{out}/index.html\n"
    assert "strange.json" in printed.err and printed.err.count("\n") == 1
    page = (out / "index.html").read_text()
    assert "coroutine-epoll at matched: 64 in flight" in page and "worse" in page
    assert main(["history", str(tmp_path), "-o", str(out)]) == 0
    assert (out / "index.html").read_text() == page


def test_a_file_that_is_none_is_one_line(capsys, store, tmp_path):
    assert main(["history", str(store("{}", "none.json")), "-o", str(tmp_path / "made")]) == 2
    assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "made").exists()

"""Guests on the page: ranked beside models, apart from styles and engines, and each compared with
what does the same by hand."""

from __future__ import annotations

import pytest
import scenes

from plots.charts.catalog import DRAWERS
from plots.commands.compare import as_text, of_runs, with_baseline
from plots.report.guests import guest_tables
from plots.report.page import page


@pytest.fixture
def guests(document):
    document["benchmarks"] = scenes.guest_entries()
    return document


def without_guests(document):
    kept = [entry for entry in document["benchmarks"] if entry["role"] != "guest"]
    return document | {"benchmarks": kept}


def test_guests_are_ranked_beside_models_and_stand_behind_them(study_of, guests):
    study = study_of(guests)
    assert study.models[-3:] == ["guest-epoll", "asio", "go"], "kind by kind"
    ratios = study.ratios(0).set_index("model")
    for name, (cost, _, _) in scenes.GUESTS.items():
        assert ratios.loc[name, "low"] < cost < ratios.loc[name, "high"]
        assert ratios.loc[name, "ranked"]


def test_guests_are_no_part_of_styles_and_engines(study_of, guests):
    alone = study_of(without_guests(guests))
    assert study_of(guests).factorial(0) == alone.factorial(0)
    assert study_of(guests).parts_named("callback", "epoll") == "callback-epoll"


def test_each_is_compared_with_what_does_the_same_by_hand(study_of, guests):
    (table,) = guest_tables(study_of(guests))
    rows = {row["guest"]: row for row in table.rows}
    assert [row["guest"] for row in table.rows] == list(scenes.GUESTS)
    assert rows["go"]["over"] == "guest-epoll" and rows["go"]["ratio"].startswith("1.4")
    assert rows["guest-epoll"]["over"] == "callback-epoll"
    assert rows["asio"]["kind"] == "library" and rows["asio"]["version"] == "1.2"
    assert rows["asio"]["held"] == "12"


def test_without_the_program_by_hand_there_is_no_such_ratio(study_of, guests):
    kept = [entry for entry in guests["benchmarks"] if entry["model"] != "guest-epoll"]
    (table,) = guest_tables(study_of(guests | {"benchmarks": kept}))
    assert {row["ratio"] for row in table.rows} == {"\N{EN DASH}"}


def test_guests_have_a_chart_of_their_own(study_of, guests):
    study = study_of(guests)
    written = [text.get_text() for text in DRAWERS["guests"](study).figure.axes[0].texts]
    assert {"library: asio", "language runtime: go", "coroutine-epoll"} <= set(written)
    of_models = [text.get_text() for text in DRAWERS["ratios"](study).figure.axes[0].texts]
    assert "coroutine-epoll" in of_models and not any("asio" in text for text in of_models)
    assert DRAWERS["guests"](study_of(without_guests(guests))) is None


def test_the_page_has_their_section_where_there_are_any(study_of, guests):
    section = "what libraries and runtimes cost"
    study = study_of(guests)
    assert section in page(study, [])
    assert section not in page(study_of(without_guests(guests)), [])


def test_the_page_counts_models_and_guests_apart(study_of, guests):
    study = study_of(guests)
    assert "20 models and 3 guests did the same work" in page(study, [])
    assert "20 models did the same work" in page(study_of(without_guests(guests)), [])


def test_two_runs_compare_their_guests(study_of, guests):
    study = study_of(guests)
    assert "asio" in as_text(of_runs(study, study))
    assert "asio" in as_text(with_baseline(study))

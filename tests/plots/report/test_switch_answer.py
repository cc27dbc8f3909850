"""A model's own switch and its query: the shares are right, and missing files are named."""

from __future__ import annotations

import copy

import micro_scenes
import pytest
from count_scenes import scripted_entry
from documents import keep

from plots.analysis.switch_share import compared_cells, switch_shares
from plots.report import answers, tables
from plots.report.page import page
from plots.report.switch_answer import switch_answers, switch_tables

CPU = "client_cpu_us_per_query"


@pytest.fixture
def both(document):
    """The fixture's queries, those at 64 in flight also over Unix sockets at half the cost, and
    the rings."""
    for entry in list(document["benchmarks"]):
        if (entry["purpose"], entry["in_flight"]) == ("matched", 64) and entry["status"] == "ok":
            cheap = copy.deepcopy(entry) | {"transport": "unix", CPU: entry[CPU] / 2}
            cheap["rounds"][CPU] = [value / 2 for value in cheap["rounds"][CPU]]
            document["benchmarks"].append(cheap)
    document["benchmarks"] += micro_scenes.switch_entries()
    return document


def prose(study) -> str:
    return "\n".join(f"{answer.lead}: {answer.text}" for answer in switch_answers(study))


def test_cells_that_differ_in_the_transport_alone_are_compared(study_of, both):
    cells = compared_cells(study_of(both))
    assert set(cells) == {"tcp", "unix"}
    assert {(cell.purpose, cell.in_flight) for cell in cells.values()} == {("matched", 64)}


def test_cells_with_work_beside_the_query_are_compared_if_there_are_no_others(study_of, both):
    bare = [
        entry | {"purpose": "saturated", "delay_us": 0.0}
        for entry in both["benchmarks"]
        if (entry.get("purpose"), entry.get("in_flight")) == ("matched", 64)
    ]
    laden = [copy.deepcopy(entry) | {"work_us": 5.0, "in_flight": 256} for entry in bare]
    both["benchmarks"] = bare + laden
    assert {cell.in_flight for cell in compared_cells(study_of(both)).values()} == {64}
    both["benchmarks"] = laden
    assert {cell.in_flight for cell in compared_cells(study_of(both)).values()} == {256}


def test_a_share_is_the_switch_over_the_cost_of_the_query(study_of, both):
    for own in switch_shares(study_of(both)):
        assert set(own.queries) == {"tcp", "unix"}
        for query in own.queries.values():
            expected = own.ns * query.switches / 1000 / query.cost_us
            assert query.share == pytest.approx(expected)
        assert own.queries["unix"].share == pytest.approx(2 * own.queries["tcp"].share)


def test_the_ring_is_as_large_as_the_queries_in_flight(study_of, both):
    costs = {own.switch: own.ns for own in switch_shares(study_of(both))}
    assert costs == {"callback": 1.0, "coroutine-transfer": 2.0, "thread-futex": 4000.0}


def test_kernel_switches_are_counted_and_those_of_user_space_taken_to_be_one(study_of, both):
    for entry in both["benchmarks"]:
        if entry["family"] == "query":
            entry["switches_voluntary_per_query"] = 0.5
    found = {own.model: own.queries["tcp"].switches for own in switch_shares(study_of(both))}
    assert found["thread-per-connection"] == 0.5
    assert found["callback-epoll"] == found["coroutine-epoll"] == 1.0


def test_the_ratio_of_switches_is_followed_by_that_of_queries(study_of, both):
    text = prose(study_of(both))
    assert "coroutine-epoll's switch costs 2.00\u00d7 what callback-epoll's does" in text
    assert "thread-per-connection's switch costs 4,000\u00d7" in text
    own = {own.model: own for own in switch_shares(study_of(both))}
    ratio = own["thread-per-connection"].queries["tcp"].ratio
    assert ratio.mean == pytest.approx(12.1 * 1.05**2 / (7.2 * 0.97**2), rel=0.03)
    assert ratio.low < ratio.mean < ratio.high


def test_a_ratio_whose_interval_contains_1_is_no_detectable_difference(study_of, both):
    rounds = {}
    for entry in both["benchmarks"]:
        key = (entry.get("transport"), entry.get("in_flight"), entry.get("invocation"))
        if entry["model"] == "callback-epoll":
            rounds.setdefault(key, entry["rounds"])
        elif entry["model"] == "coroutine-epoll" and key in rounds:
            entry["rounds"][CPU] = [
                value * (1.1 if key[2] % 2 else 0.9) for value in rounds[key][CPU]
            ]
    text = prose(study_of(both))
    assert text.count("no detectable difference") == 2  # over TCP and over Unix sockets


def test_one_invocation_gives_no_interval(study_of, both):
    keep(both, lambda entry: not entry.get("invocation"))
    (table, _) = switch_tables(study_of(both))
    assert {row["span"] for row in table.rows} == {"\u2013"}
    assert "no detectable difference" not in prose(study_of(both))


def test_tables_have_a_row_for_each_model_with_a_switch(study_of, both):
    tables = switch_tables(study_of(both))
    assert [table.title for table in tables] == ["TCP", "Unix sockets"]
    for table in tables:
        models = [row["model"] for row in table.rows]
        assert models == ["callback-epoll", "coroutine-epoll", "thread-per-connection"]
        assert table.rows[0]["ratio"] == table.rows[0]["alone_ratio"] == "1"


def test_slower_switches_change_every_number_that_depends_on_them(study_of, both):
    before = prose(study_of(both))
    for entry in both["benchmarks"]:
        if entry["family"] == "switch":
            values = entry["rounds"]["nanoseconds_per_operation"]
            entry["rounds"]["nanoseconds_per_operation"] = [3 * value for value in values]
    after = prose(study_of(both))
    assert "takes 1 ns (callback) to 3 \u00b5s (process-pipe); across CPUs, 20 \u00b5s" in before
    assert "takes 3 ns (callback) to 9 \u00b5s (process-pipe); across CPUs, 60 \u00b5s" in after


def test_instructions_are_those_beyond_the_harnesss_own(study_of, both):
    counts = {None: 900, "callback": 980, "fiber": 1050}
    both["benchmarks"] += [scripted_entry(style, count) for style, count in counts.items()]
    text = prose(study_of(both))
    assert "the harness's own 900: callback 80.0 and fiber 150." in text
    assert "not counted" not in text


def test_a_missing_file_is_named_by_the_command_that_makes_it(study_of, document):
    assert "waitbench switch --out switch.json" in prose(study_of(document))
    document["benchmarks"] += micro_scenes.switch_entries()
    text = prose(study_of(document))
    assert "no queries over Unix sockets" in text and "--count instructions" in text
    assert "waitbench report results.json run.json" in text
    keep(document, lambda entry: entry["family"] != "query")
    assert "no queries over TCP and Unix sockets" in prose(study_of(document))


def test_a_switch_without_a_spread_clear_of_zero_has_no_share(study_of, both):
    for entry in both["benchmarks"]:
        if entry["model"] == "coroutine-transfer":
            entry["rounds"]["nanoseconds_per_operation"] = [-1.0, 1.0, 2.0]
    found = [own.model for own in switch_shares(study_of(both))]
    assert found == ["callback-epoll", "thread-per-connection"]


def test_a_page_of_switches_alone_states_that_and_lists_skipped_benchmarks(study_of, document):
    document["benchmarks"] = micro_scenes.all_entries()
    study = study_of(document)
    (answer,) = answers.answers(study)
    assert answer.lead == "No queries"
    html = page(study, [])
    assert "it can watch 1000 connections at most" in html
    assert "0 models" not in html and "operations behind it were timed by themselves" in html


def test_a_switch_that_was_disturbed_carries_its_flag_on_the_page(study_of, both):
    for entry in both["benchmarks"]:
        if (entry["model"], entry.get("contexts")) == ("thread-futex", 128):
            entry["flags"] = ["foreign-cpu"]
    study = study_of(both)
    for table in switch_tables(study):
        notes = {row["switch"]: row["notes"] for row in table.rows}
        assert notes == {"callback": "", "coroutine-transfer": "", "thread-futex": "foreign-cpu"}
    raised = {row["flag"]: row for row in tables.flag_rows(study)}
    assert raised["foreign-cpu"]["models"] == "thread-futex"
    entries = len(both["benchmarks"])
    notices = " ".join(tables.notices(study))
    assert f"1 of {entries} entries: other programs" in notices


def test_what_a_lock_costs_is_said_style_by_style(study_of, both):
    assert "Waiting for each other" not in prose(study_of(both))
    both["benchmarks"] += micro_scenes.sync_entries()
    assert (
        "A lock among tasks of one loop takes 2 ns (callback) where it is free and 6 ns (callback) "
        "where it is handed over."
    ) in prose(study_of(both))

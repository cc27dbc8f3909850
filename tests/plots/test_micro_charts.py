"""Charts and sentences of the micro families: what one operation costs, and how it grows."""

from __future__ import annotations

import pytest
import scenes
from documents import Document, keep
from test_micro import micro_entry

from plots.charts import DRAWERS
from plots.charts.labels import log_ticks
from plots.operations import BYTES, operations
from plots.report import answers
from plots.report.page import page


def timed(values, **changes) -> Document:
    """An entry that took so many nanoseconds in its rounds."""
    entry = micro_entry(**changes)
    name = [changes.get(key) for key in ("model", "contexts", "depth", "watched", "tasks")]
    entry["name"] = "/".join([entry["family"], *map(str, name)])
    entry["rounds"] = {
        "order": list(range(len(values))),
        "nanoseconds_per_operation": list(values),
        "gross_nanoseconds_per_operation": [abs(value) + 1 for value in values],
        "bytes_per_task": None,
    }
    return entry


def switches() -> list[Document]:
    """A ladder: callback 1 ns, fiber 10 ns, thread 2,000 ns, and one that vanishes in the loop."""
    return [
        timed([0.9, 1.0, 1.4], model="callback", style="callback"),
        timed([10.0] * 3, model="fiber", style="fiber"),
        timed([2000.0] * 3, model="thread-futex", style="thread", placement="same-cpu"),
        timed([-0.2, -0.1, 0.3], model="coroutine-ready", style="coroutine", contexts=None),
        timed([0.5] * 3, model="loop", style=None, role="no-op", baseline=None),
    ]


def growing() -> list[Document]:
    """Nested calls by hand grow with depth, awaiting does not; poll grows with what it watches."""
    nothing = {"contexts": None, "working_set_bytes": None}
    rows = []
    for depth in (1, 8):
        by_hand = {"family": "delegate", "model": "generator-by-hand", "style": "generator"}
        rows.append(timed([2.0 * depth] * 3, depth=depth, **by_hand, **nothing))
        coroutine = {"family": "delegate", "model": "coroutine", "style": "coroutine"}
        rows.append(timed([2.0] * 3, depth=depth, **coroutine, **nothing))
    for watched in (1, 512):
        poll = {"family": "wake", "model": "poll", "style": None, "engine": "poll", "ready": 1}
        rows.append(timed([1000.0 * watched] * 3, watched=watched, **poll, **nothing))
    select = {"family": "wake", "model": "select", "style": None, "engine": "select", "ready": 1}
    lost = timed([], watched=512, **select, **nothing) | {"status": "skipped"}
    measures = ("nanoseconds_per_operation", "gross_nanoseconds_per_operation")
    lost |= {"reason": "it can watch 100 at most"} | {measure: None for measure in measures}
    return [*rows, lost]


def sleepers() -> list[Document]:
    """A fiber that takes 4 KiB while it sleeps."""
    nothing = {"contexts": None, "working_set_bytes": None}
    row = timed([900.0] * 3, family="spawn", model="fiber", tasks=1000, **nothing)
    row["rounds"]["bytes_per_task"] = [4000.0, 4096.0, 4200.0]
    return [row | {"bytes_per_task": 4096.0}]


@pytest.fixture
def study(study_of, document):
    """Of micro families alone."""
    keep(document, lambda entry: False)
    document["benchmarks"] += [*switches(), *growing(), *sleepers()]
    return study_of(document)


def test_an_operation_is_the_median_over_rounds_and_their_middle_half(study):
    (row,) = operations(study.results, "spawn", BYTES).itertuples()
    assert (row.low, row.middle, row.high, row.rounds) == (4048.0, 4096.0, 4148.0, 3)


def test_runs_of_one_benchmark_add_their_rounds(store, document):
    from plots.load import load

    keep(document, lambda entry: False)
    files = []
    for date in ("2026-01-01", "2026-01-02"):
        document["benchmarks"] = switches()[:1]
        document["context"]["date"] = date
        files.append(store(document, f"{date}.json"))
    (row,) = operations(load(files), "switch").itertuples()
    assert row.rounds == 6


def test_the_ladder_leaves_out_the_empty_loop_and_names_what_vanished_in_it(study):
    caption = DRAWERS["ladder"](study).caption
    assert "Too little to tell from the empty loop: coroutine-ready." in caption
    assert "n = 3 rounds" in caption


def test_depth_shows_who_grows(study):
    caption = DRAWERS["depth"](study).caption
    assert "With 8 nested calls, over 1: generator-by-hand 8.00\u00d7; coroutine 1.0" in caption


def test_who_cannot_watch_so_many_is_named_with_the_reason(study):
    caption = DRAWERS["wake"](study).caption
    assert "poll 512\u00d7" in caption
    assert "Not measured: select at 512: it can watch 100 at most." in caption


def test_tasks_show_how_many_slept(study):
    assert "Asleep at once: fiber 1,000." in DRAWERS["tasks"](study).caption


def test_without_micro_families_there_are_no_such_charts(study_of, document):
    study = study_of(document)
    assert [DRAWERS[name](study) for name in ("ladder", "depth", "wake", "tasks")] == [None] * 4


def test_a_file_of_switches_alone_makes_a_page_of_them(study):
    text = page(study, [])
    assert "1 ns (callback) to 10 ns (fiber)" in text and "2 \u00b5s (thread-futex)" in text
    assert "Nothing was measured" not in text and "0 models" not in text


def test_what_a_query_shows_of_the_switches_is_said(study_of, document):
    keep(document, lambda entry: False)
    document["benchmarks"] += [*switches(), *scenes.matrix_entries()]
    by_lead = {answer.lead: answer.text for answer in answers.answers(study_of(document))}
    said = by_lead["What a query shows of it"]
    assert "the switches of callback and fiber differ by 10.00\u00d7, their queries by 1.09" in said


@pytest.mark.parametrize(
    "low, high, base, expected",
    [
        (0.5, 2000, 10, [1, 10, 100, 1000]),
        (0.4, 30, 10, [0.5, 1, 2, 5, 10, 20]),
        (0.5, 2e7, 10, [1, 100, 1e4, 1e6]),
        (50, 1e5, 16, [256, 4096, 65536]),
    ],
)
def test_logarithmic_ticks_are_few_and_round(low, high, base, expected):
    assert log_ticks(low, high, base) == pytest.approx(expected)

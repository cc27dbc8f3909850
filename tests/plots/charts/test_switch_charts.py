"""The charts of switches: what they show, what they leave out and name, and with how little."""

from __future__ import annotations

import micro_scenes
import pytest
from documents import fail, keep

from plots.charts.catalog import DRAWERS, SWITCH_CHARTS
from plots.charts.drawing.labels import log_ticks
from plots.text.format import size

CASES = {
    "all families": (micro_scenes.all_entries, set(SWITCH_CHARTS)),
    "nothing": (list, set()),
    "rings of one size": (lambda: micro_scenes.switch_entries(contexts=[2]), {"ladder"}),
    "only depths": (micro_scenes.delegate_entries, {"depth"}),
    "one depth": (lambda: micro_scenes.delegate_entries()[:1], set()),
    "only wake-ups": (micro_scenes.wake_entries, {"wake"}),
    "only the reference of wake-ups": (lambda: micro_scenes.wake_entries()[:1], set()),
    "only tasks": (micro_scenes.spawn_entries, {"tasks"}),
    "only primitives": (micro_scenes.sync_entries, {"sync"}),
    "only joins": (micro_scenes.join_entries, {"join"}),
    "one number of tasks that join": (lambda: micro_scenes.join_entries()[::2], set()),
    "only timers": (micro_scenes.timer_entries, {"timers"}),
    "only posts": (micro_scenes.post_entries, {"post"}),
    "nobody asleep": (lambda: micro_scenes.spawn_entries()[:1], set()),
    "all skipped": (lambda: [*map(micro_scenes.skipped, micro_scenes.all_entries())], set()),
    "all lost in the noise": (lambda: [micro_scenes.measured("fiber", [-1.0, 1.0])], set()),
}


@pytest.fixture
def captions(study_of, document):
    """The captions by chart, from some entries alone."""

    def draw(entries) -> dict[str, str]:
        document["benchmarks"] = entries
        study = study_of(document)
        charts = {name: draw(study) for name, draw in DRAWERS.items() if name in SWITCH_CHARTS}
        assert all(chart.svg().rstrip().endswith("</svg>") for chart in charts.values() if chart)
        return {name: chart.caption for name, chart in charts.items() if chart}

    return draw


@pytest.mark.parametrize("case", CASES)
def test_each_is_drawn_where_there_is_something_to_draw(captions, case):
    entries, expected = CASES[case]
    assert set(captions(entries())) == expected


def test_queries_draw_no_charts_of_switches(study_of, document):
    study = study_of(document)
    assert not any(DRAWERS[name](study) for name in SWITCH_CHARTS)


def test_every_caption_says_what_the_bars_are_and_n(captions):
    for caption in captions(micro_scenes.all_entries()).values():
        assert caption.endswith(
            "bars span the middle half of them. n = 3 rounds, each a process of its own."
        )


def test_a_switch_that_is_lost_in_the_noise_is_named(captions):
    entries = micro_scenes.switch_entries()
    entries.append(micro_scenes.measured("coroutine-ready", [-0.1, 0.1, 0.2], contexts=None))
    assert "not clear of zero: coroutine-ready." in captions(entries)["ladder"]


def test_the_ladder_says_what_is_across_cpus_only_where_something_is(captions):
    entries = micro_scenes.switch_entries()
    assert "has to wake up one" in captions(entries)["ladder"]
    assert "has to wake up one" not in captions(entries[:-1])["ladder"]


def test_growth_with_contexts_is_given_in_numbers(captions):
    caption = captions(micro_scenes.switch_entries())["contexts"]
    assert "With 128 contexts, over that with 2 contexts" in caption
    assert "fiber 1.000\u00d7" in caption and "thread-futex 2.00\u00d7" in caption
    assert "callcc (reference) 1.000\u00d7" in caption


def test_switches_lost_in_the_noise_of_memory_are_named_and_not_drawn(captions):
    caption = captions(micro_scenes.switch_entries(sizes=(0, 65536)))["touched"]
    assert "128 contexts in a ring, with 64 KiB over that with none: thread-futex 1.50" in caption
    drowned = caption[caption.index("Lost in the noise") :]
    assert "fiber and callcc (2 contexts" in drowned and "thread" not in drowned


def test_by_hand_grows_with_depth_and_delegating_does_not(captions):
    caption = captions(micro_scenes.delegate_entries())["depth"]
    assert "At depth 64, over that at depth 1: generator-by-hand 64.0\u00d7" in caption
    assert ", generator 1.000\u00d7" in caption


def test_the_limit_of_select_is_named_with_the_reason(captions):
    caption = captions(micro_scenes.wake_entries())["wake"]
    assert "Not measured: select at 4,096: it can watch 1000 connections at most." in caption
    assert "select (up to 64)" in caption and "epoll 1.000\u00d7" in caption


def test_primitives_are_compared_on_one_cpu_with_the_fewest_contenders(captions):
    caption = captions(micro_scenes.sync_entries())["sync"]
    assert "among 2." in caption


def test_a_primitive_that_is_lost_in_the_noise_is_named(captions):
    axes = {"family": "sync", "primitive": "lock", "situation": "uncontended", "contexts": None}
    lost = micro_scenes.measured("fiber", [-0.1, 0.1, 0.2], style="fiber", **axes)
    caption = captions([*micro_scenes.sync_entries(), lost])["sync"]
    assert "not clear of zero: fiber, lock, free." in caption


def test_timers_that_are_cancelled_and_that_fire_grow_by_themselves(captions):
    caption = captions(micro_scenes.timer_entries())["timers"]
    assert "Armed and cancelled, with 10,000 armed, over that with 1 armed: select 2.00" in caption
    assert "Armed, waited for and fired, with 10,000 armed" in caption


def test_joining_is_held_against_awaiting_in_turn(captions):
    caption = captions(micro_scenes.join_entries())["join"]
    assert "With 256 tasks, over that with 1 task" in caption
    assert "coroutine-in-turn (reference) 1.000\u00d7" in caption


def test_the_limit_on_sleepers_is_named(captions):
    assert "thread: kernel.pid_max allows 32,768" in captions(micro_scenes.spawn_entries())["tasks"]


@pytest.mark.parametrize(
    "count, written",
    [(63.795, "63.8 B"), (256, "256 B"), (1010, "1,010 B"), (4267, "4.17 KiB"), (2**21, "2 MiB")],
)
def test_sizes_are_written_with_the_unit_that_suits(count, written):
    assert size(count) == written


def test_failed_queries_do_not_keep_switches_from_being_drawn(study_of, document):
    keep(document, lambda entry: entry["purpose"] == "seam" and entry["status"] == "ok")
    for entry in document["benchmarks"]:
        fail(entry)
    document["benchmarks"] += micro_scenes.switch_entries()
    assert DRAWERS["ladder"](study_of(document)) is not None


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


def test_flags_of_what_is_drawn_are_counted_in_the_caption(captions):
    entries = micro_scenes.delegate_entries()
    assert "Flagged" not in captions(entries)["depth"]
    entries[0]["flags"] = entries[1]["flags"] = ["foreign-cpu"]
    assert "Flagged foreign-cpu: 2 of 6 benchmarks. n =" in captions(entries)["depth"]

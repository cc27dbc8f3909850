"""What it costs that tasks wait for each other, join each other and limit their time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from switch_runs import by_round, measure

from plots.data.load import Results

STYLES = ("callback", "generator", "coroutine", "fiber")
ENGINES = ("select", "poll", "epoll", "libuv", "io_uring")
RING = "contexts:2/working_set:0"
SWITCHES = {style: f"switch/{style}/{RING}" for style in STYLES} | {
    "coroutine": f"switch/coroutine-transfer/{RING}"
}

# At most so many nanoseconds.
COSTS = {
    **{f"sync/{style}/{primitive}/uncontended": 3.0
       for style in STYLES for primitive in ("lock", "semaphore")},
    **{f"timer/{engine}/armed:10000/cancelled": 60.0 for engine in ENGINES},
}  # fmt: skip

# A benchmark, what it is held against, and at most how many times as much it may cost.
PAIRS = [
    ("sync/fiber/lock/contexts:2/handed-over", SWITCHES["fiber"], 1.5),
    *((f"join/coroutine/tasks:{tasks}", f"join/coroutine-in-turn/tasks:{tasks}", 1.3)
      for tasks in (16, 256)),
]  # fmt: skip

THREADS = "sync/thread/semaphore/contexts:2/same-cpu/handed-over"
FUTEX = f"switch/thread-futex/{RING}/same-cpu"


# A hand-over is a switch, and the slot's way from the lock's line through the run queue: some
# nanoseconds, which is little beside a fiber's switch, and several times that of a lighter style.
HANDED_OVER = [f"sync/{style}/lock/contexts:2/handed-over" for style in STYLES]
LISTS_NS = 10.0


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """All of them, measured in the same rounds."""
    pairs = [name for pair in PAIRS for name in pair[:2]]
    names = [*COSTS, *pairs, *HANDED_OVER, *SWITCHES.values(), THREADS, FUTEX]
    return measure(tmp_path_factory.mktemp("sync") / "sync.json", dict.fromkeys(names), rounds=40)


@pytest.mark.parametrize("name", COSTS)
def test_it_costs_next_to_nothing(
    runs: Results, record_property: Callable[[str, object], None], name: str
) -> None:
    quartiles = by_round(runs, name).quantile([0.25, 0.5, 0.75])
    record_property("nanoseconds", " ".join(f"{ns:.2f}" for ns in quartiles))
    assert quartiles[0.5] <= COSTS[name], quartiles.to_dict()


@pytest.mark.parametrize(("name", "reference", "limit"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_it_costs_little_beside_its_reference(
    runs: Results,
    record_property: Callable[[str, object], None],
    name: str,
    reference: str,
    limit: float,
) -> None:
    quartiles = (by_round(runs, name) / by_round(runs, reference)).quantile([0.25, 0.5, 0.75])
    record_property("ratio", " ".join(f"{ratio:.3f}" for ratio in quartiles))
    assert 0 < quartiles[0.5] <= limit, f"{name} / {reference}: {quartiles.to_dict()}"


@pytest.mark.parametrize("style", STYLES)
def test_a_hand_over_is_a_switch_and_the_way_through_two_lists(
    runs: Results, record_property: Callable[[str, object], None], style: str
) -> None:
    handed = by_round(runs, f"sync/{style}/lock/contexts:2/handed-over")
    lists_ns = (handed - by_round(runs, SWITCHES[style])).median()
    record_property("nanoseconds", f"{lists_ns:.2f}")
    assert lists_ns <= LISTS_NS


def test_a_thread_hands_over_as_a_bare_futex_does(
    runs: Results, record_property: Callable[[str, object], None]
) -> None:
    ratio = (by_round(runs, THREADS) / by_round(runs, FUTEX)).median()
    record_property("ratio", f"{ratio:.3f}")
    assert ratio == pytest.approx(1, abs=0.25)

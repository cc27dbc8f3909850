"""What the ways of switching may cost, beside references in the same rounds, or beside perf.

Of each pair the ratio is taken in every round and the median over rounds is judged.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from switch_runs import RUN_LIMIT_S, by_round, measure

from plots.data.load import Results

CHILD, GENERATOR, FIBER = "switch/coroutine-child", "switch/generator", "switch/fiber"
RINGS = [f"contexts:{contexts}/working_set:0" for contexts in (2, 16, 128, 1024)]

# A benchmark, what it is held against, and at most how many times as much it may cost.
PAIRS = [
    *((f"{GENERATOR}/{ring}", f"switch/minimal-coroutine/{ring}", 1.2) for ring in RINGS),
    *((f"{FIBER}/{ring}", f"switch/callcc/{ring}", 1.1) for ring in RINGS),
    (CHILD, f"{CHILD}-malloc", 0.6),
    *(
        (f"delegate/{style}/depth:64", f"delegate/{style}/depth:1", 1.3)
        for style in ("generator", "coroutine")
    ),
    *(
        (f"wake/{engine}/watched:4096/ready:1", f"wake/{engine}/watched:1/ready:1", 1.3)
        for engine in ("epoll", "io_uring")
    ),
]

# A switch by the kernel, and the flags with which perf measures the same.
KERNEL = {"thread-pipe": ["-T"], "process-pipe": []}
PERF_OPERATIONS = 50_000


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """All pairs, measured in the same rounds."""
    names = [name for pair in PAIRS for name in pair[:2]]
    return measure(tmp_path_factory.mktemp("switch") / "pairs.json", names, rounds=40)


@pytest.mark.parametrize(("name", "reference", "limit"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_a_switch_costs_little_beside_its_reference(
    pairs: Results,
    record_property: Callable[[str, object], None],
    name: str,
    reference: str,
    limit: float,
) -> None:
    quartiles = (by_round(pairs, name) / by_round(pairs, reference)).quantile([0.25, 0.5, 0.75])
    record_property("ratio", " ".join(f"{ratio:.3f}" for ratio in quartiles))
    assert 0 < quartiles[0.5] <= limit, f"{name} / {reference}: {quartiles.to_dict()}"


def test_re_yielding_by_hand_grows_with_depth_where_delegating_does_not(tmp_path: Path) -> None:
    shallow, deep = (f"delegate/generator-by-hand/depth:{depth}" for depth in (1, 64))
    results = measure(tmp_path / "depth.json", [shallow, deep], rounds=10)
    assert (by_round(results, deep) / by_round(results, shallow)).median() > 32


def test_a_million_coroutines_sleep_in_250_mb(tmp_path: Path) -> None:
    name = "spawn/coroutine/tasks:1000000"
    (task,) = measure(tmp_path / "spawn.json", [name], rounds=3).micro.query(
        "family == 'spawn'"
    ).itertuples()
    assert task.name == name, f"this machine allows fewer: {task.limit}"
    assert 0 < task.bytes_per_task <= 250


@pytest.mark.parametrize("model", KERNEL)
def test_a_switch_by_the_kernel_agrees_with_perf(
    tmp_path: Path, record_property: Callable[[str, object], None], model: str
) -> None:
    if not shutil.which("perf"):
        pytest.skip("perf is not installed")
    name = f"switch/{model}/contexts:2/working_set:0/same-cpu"
    ratios = []
    for turn in range(5):
        ours = measure(tmp_path / f"{turn}.json", [name], rounds=3)
        ratios.append(by_round(ours, name).median() / perf_ns_per_switch(KERNEL[model]))
    record_property("ratio", " ".join(f"{ratio:.3f}" for ratio in sorted(ratios)))
    assert statistics.median(ratios) == pytest.approx(1, abs=0.25), ratios


def perf_ns_per_switch(flags: list[str]) -> float:
    """By `perf bench sched pipe` on one CPU. Its operation is there and back: two switches."""
    cpu = min(os.sched_getaffinity(0))
    run = subprocess.run(
        ["taskset", "-c", str(cpu), "perf", "bench", "-f", "simple", "sched", "pipe",
         "-l", str(PERF_OPERATIONS), *flags],
        capture_output=True, text=True, timeout=RUN_LIMIT_S, check=True,
    )  # fmt: skip
    return float(run.stdout) * 1e9 / PERF_OPERATIONS / 2

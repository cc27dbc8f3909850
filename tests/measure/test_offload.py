"""What a call that blocks for a millisecond, in one of 64 conversations, does to the others."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import numpy as np
import pytest
from switch_runs import PROGRAM, RUN_LIMIT_S

from plots.analysis import stats
from plots.analysis.study import Study
from plots.data.load import load

MODELS = ("callback-epoll", "coroutine-epoll", "fiber-libuv", "callback-io_uring")
CALL_US = 1000
INVOCATIONS = 6


@pytest.fixture(scope="module")
def lag_us(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str | None], np.ndarray]:
    """How long after its reply had come a query was gone on with, of 99 of 100 queries, by model
    and place of the call and of each invocation; None: no calls are made. Latencies themselves are
    mostly the backend's delays, and say it less clearly."""
    out = tmp_path_factory.mktemp("calls") / "calls.json"
    words = ["run", "--models", f"^({'|'.join(MODELS)})$", "--in-flight", 64, "--delay-us", 10_000,
             "--block-us", f"0,{CALL_US}", "--offload", "inline,threads:4", "--callers", 1,
             "--invocations", INVOCATIONS, "--rounds", 4, "--out", out]  # fmt: skip
    run = subprocess.run(
        [str(PROGRAM), *map(str, words)],
        capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    study = Study(load([out]))
    return {
        (model, cell.axes["offload"]): np.array([
            np.mean([parts["resume_lag"]["p99"] for parts in rows["latency_parts"]])
            for _, rows in study.entries(cell.number, model).groupby("invocation")
        ])
        for cell in study.cells.values()
        for model in MODELS
    }  # fmt: skip


def grown(lag_us: dict, model: str, offload: str) -> stats.Interval:
    """By how much of a call's length the lag has grown: the mean over invocations, each of which
    measured both cells within a minute, so that what the machine does meanwhile cancels."""
    pairs = lag_us[model, offload] - lag_us[model, None]
    (interval,) = stats.t_intervals(pairs[:, None] / CALL_US)
    return interval


@pytest.mark.parametrize("model", MODELS)
def test_in_place_it_delays_them_by_about_its_length(
    lag_us: dict, model: str, record_property: Callable[[str, object], None]
) -> None:
    by = grown(lag_us, model, "inline")
    record_property("grown", f"{by.mean:.2f} ({by.low:.2f} to {by.high:.2f}) of the call")
    assert 0.5 < by.low and by.high < 1.5


@pytest.mark.parametrize("model", MODELS)
def test_by_threads_it_delays_them_by_at_most_a_tenth_of_that(
    lag_us: dict, model: str, record_property: Callable[[str, object], None]
) -> None:
    by = grown(lag_us, model, "threads:4")
    record_property("grown", f"{by.mean:.3f} ({by.low:.3f} to {by.high:.3f}) of the call")
    assert by.high <= 0.1

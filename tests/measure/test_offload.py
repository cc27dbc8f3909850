"""What a call that blocks for a millisecond, in one of 64 conversations, does to the others."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from switch_runs import PROGRAM, RUN_LIMIT_S

from plots.analysis.study import Study
from plots.data.load import load

MODELS = ("callback-epoll", "coroutine-epoll", "fiber-libuv", "callback-io_uring")
CALL_US = 1000


@pytest.fixture(scope="module")
def p99_us(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str | None], float]:
    """The p99 of all latencies by model and place of the call; None: no calls are made. The caller
    has part in it, but its call is no part of a latency."""
    out = tmp_path_factory.mktemp("calls") / "calls.json"
    words = ["run", "--models", f"^({'|'.join(MODELS)})$", "--in-flight", 64, "--delay-us", 5000,
             "--delay-shape", "constant", "--block-us", f"0,{CALL_US}", "--offload",
             "inline,threads:4", "--callers", 1, "--invocations", 4, "--rounds", 8,
             "--out", out]  # fmt: skip
    run = subprocess.run(
        [str(PROGRAM), *map(str, words)],
        capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    study = Study(load([out]))
    return {
        (model, cell.axes["offload"]): study.latency(cell.number, model)["p99"]
        for cell in study.cells.values()
        for model in MODELS
    }


@pytest.mark.parametrize("model", MODELS)
def test_in_place_it_delays_them_by_about_its_length(
    p99_us: dict, model: str, record_property: Callable[[str, object], None]
) -> None:
    grown_us = p99_us[model, "inline"] - p99_us[model, None]
    record_property("grown", f"{grown_us / CALL_US:.2f} of the call")
    assert 0.5 * CALL_US < grown_us < 1.5 * CALL_US


@pytest.mark.parametrize("model", MODELS)
def test_by_threads_it_delays_them_by_at_most_a_tenth_of_that(
    p99_us: dict, model: str, record_property: Callable[[str, object], None]
) -> None:
    grown_us = p99_us[model, "threads:4"] - p99_us[model, None]
    record_property("grown", f"{grown_us / CALL_US:.3f} of the call")
    assert grown_us <= 0.1 * CALL_US

"""What it costs that one task asks several queries at once, and waits for all of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from switch_runs import PROGRAM, RUN_LIMIT_S

from plots.data.load import load

CPU = "client_cpu_us_per_query"
FAN_OUT = 16


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> pd.Series:
    """CPU per query by model and fan-out, flat out: the median of all rounds."""
    out = tmp_path_factory.mktemp("fan out") / "costs.json"
    words = ["run", "--models", "^(callback|coroutine)-epoll$", "--fan-out", f"1,{FAN_OUT}",
             "--in-flight", 64, "--delay-us", 0, "--invocations", 4, "--rounds", 12,
             "--out", out]  # fmt: skip
    run = subprocess.run(
        [str(PROGRAM), *map(str, words)],
        capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    results = load([out])
    rounds = results.rounds.merge(results.entries[["id", "model", "cell"]], on="id")
    fan_outs = rounds["cell"].map(lambda number: results.cells[number].axes["fan_out"])
    return rounds.groupby(["model", fan_outs])[CPU].median()


def test_coroutines_join_at_the_price_of_separate_conversations(
    costs: pd.Series, record_property: Callable[[str, object], None]
) -> None:
    ratio = costs["coroutine-epoll", FAN_OUT] / costs["coroutine-epoll", 1]
    record_property("ratio", f"{ratio:.3f}")
    assert np.isfinite(ratio) and ratio <= 1.05


def test_coroutines_join_at_nearly_the_price_of_callbacks_that_count(
    costs: pd.Series, record_property: Callable[[str, object], None]
) -> None:
    ratio = costs["coroutine-epoll", FAN_OUT] / costs["callback-epoll", FAN_OUT]
    record_property("ratio", f"{ratio:.3f}")
    assert np.isfinite(ratio) and ratio <= 1.1

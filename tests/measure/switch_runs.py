"""Runs of `waitbench switch` for tests of what it measures. The program is the one that the
environment variable WAITBENCH names, else the build of the preset `release`."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from plots.data.load import Results, load

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("WAITBENCH", ROOT / "build/release/waitbench")
NS = "nanoseconds_per_operation"
RUN_LIMIT_S = 300


def measure(out: Path, names: Iterable[str], rounds: int) -> Results:
    """Runs the benchmarks of these names, and gives the results."""
    chosen = "|".join(f"^{re.escape(name)}$" for name in names)
    words = ["switch", "--benchmark_filter", chosen, "--rounds", rounds, "--out", out]
    run = subprocess.run(
        [str(PROGRAM), *map(str, words)],
        capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return load([out])


def by_round(results: Results, name: str) -> pd.Series:
    """ns per operation of a benchmark, by round."""
    (identity,) = results.micro.loc[results.micro["name"] == name, "id"]
    rounds = results.micro_rounds
    return rounds[rounds["id"] == identity].set_index("round")[NS]

"""The gate in practice: pairs of small runs of one program, of which none may fail, and the same
with a tenth more CPU planted in a model of the newer one, which must fail each time.

The slowdown is planted in what was recorded, so that it is a tenth to the digit, and all of the
machine's unrest is in the runs around it. WAITBENCH_GATE_PAIRS says how many pairs (20).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("WAITBENCH", ROOT / "build/release/waitbench")
PAIRS = int(os.environ.get("WAITBENCH_GATE_PAIRS", "20"))
# As long as the profile smoke with five invocations, whose two rounds cannot tell a tenth.
RUN = (
    *("run", "--models", "^(callback|coroutine|fiber)-epoll$", "--in-flight", "8"),
    *("--delay-us", "600", "--turn-queries", "500", "--rounds", "40", "--invocations", "6"),
)
GATE = "--fail-on-slower=5%"
SLOWED, PLANTED = "coroutine-epoll", 1.1
RUN_LIMIT_S = 600
PASSES, SLOWER = 0, 1


def waitbench(*words: object) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=RUN_LIMIT_S)


def gate(old: Path, new: Path) -> subprocess.CompletedProcess[str]:
    return waitbench("compare", old, new, GATE)


def with_planted(run: Path) -> Path:
    """The run with more CPU in each turn of one model."""
    document = json.loads(run.read_text(encoding="utf-8"))
    for entry in document["benchmarks"]:
        if entry["model"] == SLOWED and entry["role"] == "model" and entry["rounds"]:
            costs = entry["rounds"]["client_cpu_us_per_query"]
            entry["rounds"]["client_cpu_us_per_query"] = [cost * PLANTED for cost in costs]
    planted = run.with_name(f"planted-{run.name}")
    planted.write_text(json.dumps(document), encoding="utf-8")
    return planted


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """Old and new runs, one after the other."""
    folder = tmp_path_factory.mktemp("gate")
    files = [folder / f"{number:02}.json" for number in range(2 * PAIRS)]
    for number, path in enumerate(files):
        done = waitbench(*RUN, "--seed", number, "--out", path)
        assert done.returncode == 0, done.stderr
    return list(zip(files[::2], files[1::2]))


def test_no_pair_of_runs_of_one_program_fails(pairs):
    codes = [gate(*pair) for pair in pairs]
    failed = [done.stdout + done.stderr for done in codes if done.returncode != PASSES]
    assert not failed, f"{len(failed)} of {PAIRS} failed:\n" + "\n".join(failed)


def test_a_tenth_more_is_found_each_time(pairs):
    codes = [gate(old, with_planted(new)).returncode for old, new in pairs]
    assert codes == [SLOWER] * PAIRS, f"{codes.count(SLOWER)} of {PAIRS} were found"

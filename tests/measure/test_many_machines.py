"""What it takes to merge the results of many machines: 200 files of the profile quick."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "results" / "reference" / "quick.json"
FILES = 200
MOST_S, MOST_KIB = 60.0, 2 << 20
CPUS = 2


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """As many runs as there are machines, each with a seed of its own."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert len(re.findall(r'"seed": ?\d+', text)) == 1
    paths = [tmp_path / f"n{number:03}.json" for number in range(FILES)]
    for number, path in enumerate(paths):
        path.write_text(re.sub(r'"seed": ?\d+', f'"seed": {number}', text), encoding="utf-8")
    return paths


def test_200_files_merge_within_a_minute_and_two_gigabytes(files, tmp_path):
    """On two CPUs. Each process is counted as large as the largest was: more than they took."""
    words = [sys.executable, "-m", "plots", "machines", *map(str, files), "-o", tmp_path / "page"]
    start = time.monotonic()
    done = subprocess.run(["taskset", "-c", "0,1", *words], cwd=ROOT, capture_output=True,
                          text=True, timeout=600)  # fmt: skip
    took_s = time.monotonic() - start
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{FILES} machines, {FILES} runs")
    largest_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    processes = 1 + CPUS
    print(f"{took_s:.1f} s, {processes} processes of at most {largest_kib >> 10} MiB")
    assert took_s <= MOST_S
    assert processes * largest_kib <= MOST_KIB

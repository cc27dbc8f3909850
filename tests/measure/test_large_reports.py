"""What it takes to make the page of a large file: one as large as the profile `full` makes, and one
ten times as large. On two CPUs."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from large_results import write_enlarged

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "results" / "reference" / "quick.json"
MODULES = ROOT / "build" / "browser" / "node_modules"
MIB = 1 << 20
USABLE_MS = 10_000  # from the page's address to a page that can be used
ANSWERS_MS = 1_000  # from a choice to what was chosen


class Size(NamedTuple):
    """How many times the cells and the invocations of the reference there are; how large the file
    is at least, how long its page may take, and how large that may be."""

    cells: int
    invocations: int
    least_mib: int
    most_s: float
    most_page_mib: float


FULL = Size(cells=4, invocations=2, least_mib=32, most_s=20, most_page_mib=3)
MORE_CELLS = Size(cells=40, invocations=2, least_mib=320, most_s=120, most_page_mib=20)
MORE_INVOCATIONS = Size(cells=4, invocations=20, least_mib=320, most_s=120, most_page_mib=3)


@pytest.fixture(params=[FULL, MORE_CELLS, MORE_INVOCATIONS],
                ids=["full", "ten times the cells", "ten times the invocations"])  # fmt: skip
def size(request) -> Size:
    return request.param


def test_the_page_of_a_large_file_is_made_in_time_and_can_be_used(size, tmp_path):
    file, out = tmp_path / "large.json", tmp_path / "page"
    write_enlarged(REFERENCE, file, size.cells, size.invocations)
    assert file.stat().st_size >= size.least_mib * MIB
    words = [sys.executable, "-m", "plots", "report", str(file), "-o", str(out)]
    start = time.monotonic()
    done = subprocess.run(["taskset", "-c", "0,1", *words], cwd=ROOT, capture_output=True,
                          text=True, timeout=600)  # fmt: skip
    took_s = time.monotonic() - start
    assert done.returncode == 0, done.stderr
    page = out / "index.html"
    page_mib = page.stat().st_size / MIB
    largest_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"{took_s:.1f} s, page {page_mib:.1f} MiB, a process of at most {largest_kib >> 10} MiB")
    assert took_s <= size.most_s
    assert page_mib <= size.most_page_mib
    waits = waits_of_a_reader(page)
    print(waits)
    assert waits["loads"] > 4 * size.cells and waits["rows"] > 20
    assert waits["took"].pop("open") <= USABLE_MS
    assert max(waits["took"].values()) <= ANSWERS_MS


def waits_of_a_reader(page: Path) -> dict:
    """What time_page.cjs prints."""
    browser = shutil.which("chromium")
    if browser is None or not (MODULES / "playwright-core").is_dir():
        pytest.skip("chromium, or playwright-core in build/browser, is missing")
    command = ["node", str(Path(__file__).with_name("time_page.cjs")), browser, str(page)]
    environment = os.environ | {"NODE_PATH": str(MODULES)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

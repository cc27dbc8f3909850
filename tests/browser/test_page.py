"""The report page in a real browser, opened from disk: check_page.cjs does what a reader may do,
and here each of its checks is a test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "build" / "browser" / "node_modules"
CHECK = Path(__file__).with_name("check_page.cjs")
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "plots")]

import scenes  # noqa: E402
from documents import FIXTURE, keep  # noqa: E402

from plots.report import write_report  # noqa: E402

CHECKS = (
    "selectors",
    "filter",
    "sorting",
    "links",
    "keyboard",
    "accessible in light",
    "accessible in dark",
    "widths",
    "without script",
    "print",
)


def browser() -> str:
    """The browser's path; skips where it, Node.js or its modules are missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is not installed")
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (MODULES / "playwright-core").is_dir():
        pytest.skip("build/browser has no playwright-core; ./test installs it")
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """A page with many models, guests, memory, and what did not work."""
    document = json.loads(FIXTURE.read_text(encoding="utf-8"))
    keep(document, lambda entry: (entry["purpose"], entry["in_flight"]) != ("matched", 64))
    document["benchmarks"] += scenes.guest_entries() + scenes.memory_entries()
    folder = tmp_path_factory.mktemp("page")
    (folder / "results.json").write_text(json.dumps(document), encoding="utf-8")
    return write_report([folder / "results.json"], folder / "report")


@pytest.fixture(scope="module")
def complaints(page) -> dict[str, list[str]]:
    """What the browser complained of, check by check."""
    command = ["node", str(CHECK), browser(), str(page)]
    if folder := os.environ.get("WAITBENCH_SCREENSHOTS"):
        command.append(folder)
    environment = os.environ | {"NODE_PATH": str(MODULES)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("check", CHECKS)
def test_a_reader_can_use_the_page(complaints, check):
    assert complaints[check] == []


def test_each_check_is_a_test(complaints):
    assert set(complaints) == set(CHECKS)

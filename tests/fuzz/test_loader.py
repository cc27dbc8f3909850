"""The short form of the fuzzing of results files: the same broken files every time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZER = Path(__file__).with_name("loader_fuzzer.py")


@pytest.mark.timeout(1900)
def test_broken_results_files_are_refused_with_one_line_or_used(tmp_path):
    words = ["--mutations", "150", "--seed", "1", "--keep", tmp_path / "kept"]
    run = subprocess.run(
        [sys.executable, FUZZER, *words],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr

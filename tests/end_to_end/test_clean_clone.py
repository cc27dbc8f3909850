"""What the README promises: from a clone to a report with one command.

Builds from nothing, which takes minutes, so it runs only where it is asked for: with
WAITBENCH_TEST_CLEAN_CLONE=1 in the environment.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from plots.data.load import load

ROOT = Path(__file__).resolve().parent.parent.parent
BOUND_S = 900.0


@pytest.mark.skipif(
    os.environ.get("WAITBENCH_TEST_CLEAN_CLONE") != "1",
    reason="builds everything anew: set WAITBENCH_TEST_CLEAN_CLONE=1 for it",
)
def test_one_command_leads_from_a_clone_to_a_report(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    # --no-local: nothing of it is shared with the repository that it comes from.
    subprocess.run(["git", "clone", "-q", "--no-local", ROOT, clone], check=True, timeout=BOUND_S)
    results = tmp_path / "results.json"
    environment = {name: value for name, value in os.environ.items() if name != "WAITBENCH"}
    bench = subprocess.run(
        [clone / "bench", "--profile", "smoke", "--out", results],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=BOUND_S,
    )
    assert bench.returncode == 0, bench.stderr
    page = tmp_path / "results-report" / "index.html"
    assert bench.stdout.splitlines()[-2:] == [f"results  {results}", f"report   {page}"]
    assert page.is_file()
    context = load([results]).files[0].context
    assert context["profile"] == "smoke"
    assert context["status"] == "complete"
    assert context["dirty"] is False, "the build changed something that is committed"
    status = subprocess.run(
        ["git", "-C", clone, "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert status.stdout == "", "what it makes is ignored by git"

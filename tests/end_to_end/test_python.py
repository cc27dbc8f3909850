"""Which Python draws the reports, and where the program finds its package once installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "results" / "reference" / "quick.json"
USAGE = 2


def run(program: Path, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the program with `environment` added to that of the tests."""
    return subprocess.run(
        [program, *map(str, words)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def bare_python(tmp_path: Path) -> Path:
    """A Python that finds no modules but its own."""
    script = tmp_path / "python3"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    script.chmod(0o755)
    return script


def test_a_python_without_the_modules_is_refused_in_one_line(program, bare_python):
    done = run(program, "export", RESULTS, WAITBENCH_PYTHON=str(bare_python))
    assert done.returncode == USAGE
    assert done.stderr.startswith("waitbench export: ")
    assert done.stderr.count("\n") == 1
    for word in ("pandas", "scipy", "WAITBENCH_PYTHON"):
        assert word in done.stderr
    assert done.stdout == ""


def test_a_python_that_is_not_there_is_refused_in_one_line(program):
    done = run(program, "export", RESULTS, WAITBENCH_PYTHON="/nonexistent/python")
    assert done.returncode == USAGE
    assert "cannot start /nonexistent/python: No such file" in done.stderr
    assert "WAITBENCH_PYTHON" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(
    subprocess.run(["/usr/bin/python3", ROOT / "plots/requirements.py"]).returncode != 0,
    reason="the system's Python has not the modules either",
)
def test_the_first_python_in_the_path_is_passed_over_if_it_lacks_the_modules(program, bare_python):
    path = f"{bare_python.parent}:{os.environ['PATH']}"
    done = run(program, "export", RESULTS, WAITBENCH_PYTHON="", PATH=path)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake installs it")
def test_it_works_installed_under_any_prefix_and_without_the_source(program, tmp_path):
    installed = tmp_path / "with a space:and a colon"
    subprocess.run(
        ["cmake", "--install", program.parent, "--prefix", tmp_path / "first"],
        check=True,
        capture_output=True,
    )
    (tmp_path / "first").rename(installed)  # an installed tree can be moved
    assert not any(path.is_symlink() for path in installed.rglob("*"))

    moved = installed / "bin" / "waitbench"
    exported = run(moved, "export", RESULTS)
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout == run(program, "export", RESULTS).stdout
    report = run(moved, "report", RESULTS, "-o", tmp_path / "report")
    assert report.returncode == 0, report.stderr
    assert (tmp_path / "report" / "index.html").is_file()
    fleet = run(moved, "fleet", "--via", "local", "--hosts", "a", "--out", tmp_path / "fleet",
                "--allow-unfit", "--", "--models", "callback-epoll", "--in-flight", 4,
                "--rounds", 1, "--invocations", 1)  # fmt: skip
    assert fleet.returncode == 0, fleet.stderr
    assert (tmp_path / "fleet" / "index.html").is_file()

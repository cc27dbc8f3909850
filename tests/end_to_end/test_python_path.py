"""The commands in Python run the program's own files, whatever lies in the current folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURE = ROOT / "tests" / "plots" / "fixture.json"
COMMANDS = {
    "report": ("report", FIXTURE, "-o", "made"),
    "compare": ("compare", FIXTURE, FIXTURE),
    "compare one": ("compare", FIXTURE, "--baseline", "callback-epoll"),
    "export": ("export", FIXTURE),
    "machines": ("machines", FIXTURE, "-o", "over machines"),
    "fleet": ("fleet", "--help"),
}
TRAP = "raise SystemExit('a file of the current folder was run')\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with modules that are called as those that the commands import."""
    for package in ("fleet", "plots", "numpy", "jinja2"):
        (tmp_path / package).mkdir()
        for name in ("__init__.py", "__main__.py"):
            (tmp_path / package / name).write_text(TRAP)
    for name in ("json", "argparse", "runpy", "pandas", "matplotlib", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(TRAP)
    return tmp_path


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("python_path", [None, ":", ".", f":{ROOT / 'nowhere'}"], ids=repr)
def test_files_of_the_current_folder_are_not_run(
    waitbench, folder, monkeypatch, words, python_path
):
    if python_path is None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONPATH", python_path)
    run = waitbench(*words, cwd=folder)
    assert run.wait(bound_s=300) == 0, run.stderr
    assert run.stderr == ""


def test_folders_of_pythonpath_are_still_searched(waitbench, tmp_path, monkeypatch):
    (tmp_path / "pandas.py").write_text("raise SystemExit(42)\n")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'nowhere'}:{tmp_path}")
    assert waitbench("export", FIXTURE).wait() == 42


def test_the_package_may_lie_in_a_folder_with_a_colon_and_a_space(program, tmp_path):
    """As an installation has it: bin/waitbench, and the package beside it."""
    prefix = tmp_path / "a prefix:with both"
    (prefix / "bin").mkdir(parents=True)
    shutil.copy2(program, prefix / "bin")
    home = prefix / "share" / "waitbench"
    shutil.copytree(ROOT / "plots", home / "plots")
    (home / "results").mkdir()
    shutil.copy2(ROOT / "results" / "schema.json", home / "results")
    (home / "plots" / "commands" / "exporters.py").write_text(
        'EXPORTERS = {"google-benchmark": lambda results, baseline: __file__}\n'
    )
    words = [prefix / "bin" / "waitbench", "export", FIXTURE]
    run = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == os.fspath(home / "plots" / "commands" / "exporters.py")

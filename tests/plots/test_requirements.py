"""The modules that plots needs: one list, which the project file repeats."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from plots import requirements

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_project_file_names_the_same_modules():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dependencies"] == list(requirements.MODULES)


def test_this_python_lacks_none_of_them():
    assert requirements.missing_modules() == []


def test_missing_modules_are_printed_and_the_exit_code_is_1():
    command = [sys.executable, ROOT / "plots" / "requirements.py", "json", "no_such_module"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "no_such_module\n")

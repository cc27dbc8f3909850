"""Runs the linters and writes what they found as JUnit XML: one test for each.

    python3 tests/lint.py [--tidy changed|all] --junit FILE

Without --tidy these are the quick ones: clang-format, flake8, mypy and shellcheck.
ruff runs too where it is installed; its rules are in pyproject.toml, and flake8 checks nearly all.
With --tidy it is clang-tidy alone, on the C++ files that differ from origin/main or on all of them;
it reads how they are compiled from build/dev. Exits 1 if a linter found something or is missing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("bench", "test", ".ci/run", "fleet/job.sh", "setup/setup.sh")
COMPILE_COMMANDS = ROOT / "build" / "dev" / "compile_commands.json"


class Finding(NamedTuple):
    """What a linter reported: nothing (None) if all is well; `skipped` says why it did not run."""

    report: str | None = None
    skipped: str | None = None


def sources(*suffixes: str) -> list[str]:
    """The files of the project with one of these suffixes, relative to its root."""
    folders = ("fleet", "harness", "impls", "plots", "setup", "tests")
    found = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return sorted(str(path.relative_to(ROOT)) for path in found if path.suffix in suffixes)


def check(*command: str) -> Finding:
    """Runs a linter, which reports by its exit code and its output."""
    if shutil.which(command[0]) is None:
        return Finding(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return Finding(None if done.returncode == 0 else done.stdout + done.stderr)


def check_ruff() -> Finding:
    """ruff, which Debian 12 does not have."""
    if shutil.which("ruff") is None:
        return Finding(skipped="ruff is not installed; flake8 checks nearly the same")
    return check("ruff", "check", "--no-cache", ".")


def git(*words: str) -> list[str] | None:
    """The lines that a git command prints; None if it fails."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else None


def changed_files() -> set[str] | None:
    """The files that differ from where this branch left origin/main; None if that is unknown."""
    base = git("merge-base", "HEAD", "origin/main")
    differing = git("diff", "--name-only", base[0]) if base else None
    untracked = git("ls-files", "--others", "--exclude-standard")
    return None if differing is None else {*differing, *(untracked or [])}


def check_tidy(which: str) -> Finding:
    """clang-tidy on the changed C++ files, or on all."""
    if not COMPILE_COMMANDS.is_file():
        return Finding(f"{COMPILE_COMMANDS} is missing: run cmake --preset dev")
    files = {entry["file"] for entry in json.loads(COMPILE_COMMANDS.read_text(encoding="utf-8"))}
    names = {str(Path(file).relative_to(ROOT)) for file in files if ROOT in Path(file).parents}
    if which == "changed":
        changed = changed_files()
        if changed is None:
            return Finding(skipped="there is no origin/main to compare with; --tidy checks all")
        names &= changed
        if not names:
            return Finding(skipped="no C++ file differs from origin/main; --tidy checks all")
    # Some options are g++'s own, and clang would warn of each in every file.
    own_options = "--extra-arg=-Wno-unused-command-line-argument"
    command = ("clang-tidy", "--quiet", "--warnings-as-errors=*", own_options, "-p", "build/dev")
    with ThreadPoolExecutor(cpu_count()) as pool:
        reports = [found.report for found in pool.map(lambda name: check(*command, name), names)]
    return Finding("".join(report for report in reports if report) or None)


QUICK: dict[str, Callable[[], Finding]] = {
    "clang-format": lambda: check(
        "clang-format", "--dry-run", "--Werror", *sources(".cpp", ".hpp")
    ),
    "flake8": lambda: check("flake8", "fleet", "plots", "tests"),
    "mypy": lambda: check("mypy"),
    "ruff": check_ruff,
    "shellcheck": lambda: check("shellcheck", "--external-sources", *SCRIPTS),
}


def write_junit(path: Path, findings: Iterable[tuple[str, Finding, float]]) -> bool:
    """Writes the findings, prints those that are bad on stderr, and gives whether none is."""
    suite = ElementTree.Element("testsuite", name=path.stem)
    clean = True
    for name, finding, seconds in findings:
        case = ElementTree.SubElement(suite, "testcase", name=name, time=f"{seconds:.2f}")
        if finding.skipped:
            ElementTree.SubElement(case, "skipped", message=finding.skipped)
        elif finding.report:
            ElementTree.SubElement(case, "failure").text = finding.report
            print(f"{name}:\n{finding.report}", file=sys.stderr)
            clean = False
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
    return clean


def timed(name: str, linter: Callable[[], Finding]) -> tuple[str, Finding, float]:
    """Runs one linter."""
    start = time.monotonic()
    finding = linter()
    return name, finding, time.monotonic() - start


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description="Runs the linters.")
    parser.add_argument("--tidy", choices=("changed", "all"))
    parser.add_argument("--junit", type=Path, required=True, metavar="FILE")
    wanted = parser.parse_args()
    linters = {"clang-tidy": lambda: check_tidy(wanted.tidy)} if wanted.tidy else QUICK
    with ThreadPoolExecutor(cpu_count()) as pool:
        findings = list(pool.map(timed, linters.keys(), linters.values()))
    return 0 if write_junit(wanted.junit, findings) else 1


if __name__ == "__main__":
    sys.exit(main())

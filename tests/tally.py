"""Adds up the JUnit files of all suites and prints one line: `N passed, M failed, K skipped`.

Called by ./test as `tally.py DIRECTORY NAME=ok|failed...`; the results of suite NAME are in
DIRECTORY/NAME.xml. A suite that failed without a failed test (a crash, a build error, no tests
found) counts as one failure, and so does one that left no results. Failed tests are named on
stderr. Exits 0 if nothing failed, else 1.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple


class Tally(NamedTuple):
    """Numbers of tests; `failures` has the names of those that failed."""

    passed: int
    failures: list[str]
    skipped: int


def count(results: Path, name: str, succeeded: bool) -> Tally:
    """Counts the suite `name` by its JUnit file `results`, which may be missing or cut short."""
    try:
        cases = list(ElementTree.parse(results).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return Tally(0, [f"{name}: no results"], 0)

    # ctest marks a failed test by an attribute as well as an element, and one that it could not
    # start by the attribute alone.
    failures = [
        f"{name}: {case.get('name')}"
        for case in cases
        if case.find("failure") is not None
        or case.find("error") is not None
        or case.get("status") == "fail"
    ]
    skipped = sum(
        case.find("skipped") is not None or case.get("status") in ("notrun", "disabled")
        for case in cases
    )
    passed = len(cases) - len(failures) - skipped
    if not failures and (not succeeded or not cases):
        failures = [f"{name}: the suite failed, none of its tests did"]
    return Tally(passed, failures, skipped)


def main(arguments: list[str]) -> int:
    """Prints the sum over all suites; see the module's docstring for the arguments."""
    directory = Path(arguments[0])
    suites = [argument.rsplit("=", 1) for argument in arguments[1:]]
    tallies = [count(directory / f"{name}.xml", name, end == "ok") for name, end in suites]

    failures = [failure for tally in tallies for failure in tally.failures]
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    passed = sum(tally.passed for tally in tallies)
    skipped = sum(tally.skipped for tally in tallies)
    print(f"{passed} passed, {len(failures)} failed, {skipped} skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

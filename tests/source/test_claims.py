"""What documents say that tests show: each test that they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", *(
    str(path.relative_to(ROOT)) for room in ("harness", "impls", "results", "plots", "fleet")
    for path in (ROOT / room).rglob("*.md")
))  # fmt: skip

_KINDS = ("*.cpp", "*.hpp", "*.py")
_TESTS = [path for kind in _KINDS for path in (ROOT / "tests").rglob(kind)]
_IN_CPP = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)")


def declared_in(sources: list[str]) -> set[str]:
    """Suite.Name of those in C++, the name of those in Python."""
    found = set()
    for source in sources:
        found |= {f"{suite}.{name}" for suite, name in _IN_CPP.findall(source)}
        found |= set(re.findall(r"\bdef (test_\w+)", source))
    return found


def named_in(document: str) -> list[str]:
    """What stands in a document as code and has the form of a test: test_it_works, test_file.py,
    Suite.Name, or either of the latter with a star for the rest."""
    return re.findall(r"`(test_\w+(?:\.py)?|[A-Z]\w+\*?\.(?:[A-Z]\w+|\*))`", document)


def is_there(name: str, tests: set[str], files: set[str]) -> bool:
    if name.endswith(".py"):
        return name in files
    pattern = re.compile(re.escape(name).replace(r"\*", r"\w*"))
    return name in {file.split(".")[0] for file in files} or any(map(pattern.fullmatch, tests))


ALL = declared_in([path.read_text(encoding="utf-8") for path in _TESTS])
FILES = {path.name for path in _TESTS}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_test_that_a_document_names_is_there(document):
    named = named_in((ROOT / document).read_text(encoding="utf-8"))
    assert [name for name in named if not is_there(name, ALL, FILES)] == []


def test_a_test_that_is_not_there_is_seen():
    named = named_in("`Gate.Opens`, `Gate.*`, `Pool*.*`, `test_it_works`, `test_file.py`; `Gate`")
    assert named == ["Gate.Opens", "Gate.*", "Pool*.*", "test_it_works", "test_file.py"]
    tests = declared_in(["TEST_F(Gate, Opens) {", "def test_it_works(out):"])
    seen = [name for name in named if is_there(name, tests, {"other.py"})]
    assert seen == ["Gate.Opens", "Gate.*", "test_it_works"]

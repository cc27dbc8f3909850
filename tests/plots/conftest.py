"""Fixtures of the plot tests: the hand-made results, and ways to change and store them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from plots.load import load  # noqa: E402
from plots.study import Study  # noqa: E402

FIXTURE = HERE / "fixture.json"
Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    """The hand-made results, anew for each test."""
    return json.loads(FIXTURE.read_text(encoding="utf-8"))


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Path]:
    """Writes a document (or text) to a file and gives its path."""

    def write(content: Document | str, name: str = "results.json") -> Path:
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def study_of(store: Callable[..., Path]) -> Callable[..., Study]:
    """The study of a document."""

    def make(document: Document, baseline: str | None = None) -> Study:
        return Study(load([store(document)]), baseline)

    return make


def keep(document: Document, wanted: Callable[[dict[str, Any]], bool]) -> Document:
    """The document with only those entries that `wanted` says yes to."""
    document["benchmarks"] = [entry for entry in document["benchmarks"] if wanted(entry)]
    return document


def fail(entry: dict[str, Any]) -> None:
    """Turns an entry into one that failed."""
    measured = ("rounds", "latency_us", "client_cpu_us_per_query", "queries_per_second")
    entry.update({name: None for name in measured}, queries=0)
    entry.update(status="failed", reason="the backend was gone")

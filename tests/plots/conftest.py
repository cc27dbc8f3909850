"""Fixtures of the plot tests: the hand-made results, stored and studied."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import FIXTURE, HERE, Document

sys.path.insert(0, str(HERE.parent.parent))

from plots.data.load import load  # noqa: E402
from plots.analysis.study import Study  # noqa: E402


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

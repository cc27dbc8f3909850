"""The only way to results files: reads them (plots/document.py), merges them, and gives tidy data
frames, one kind of entry at a time (plots/queries.py, plots/micro.py, plots/counts.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plots.data.cells import Cell
from plots.data.counts import count_frames, is_count
from plots.data.document import Document, read
from plots.data.errors import ResultsError
from plots.data.micro import is_micro, micro_frames
from plots.data.queries import COMPETING, query_frames
from plots.data.strict_json import collector_paused

__all__ = ["Results", "SourceFile", "load"]
Labelled = list[tuple[int, Mapping[str, Any]]]  # (run, entry) pairs


@dataclass(frozen=True)
class SourceFile:
    """Where results came from: the file's own name (no folder) and its `context`."""

    name: str
    context: dict[str, Any]


@dataclass(frozen=True)
class Results:
    """All files merged; `run` in a frame is an index of `files`.

    `cells`, `entries` and `rounds`: the queries that were timed, see query_frames.
    `micro` and `micro_rounds`: the micro families, see micro_frames.
    `counted_cells`, `counted` and `counted_rounds`: the counting pass, see count_frames.
    An entry of a results file is in one of the three only.
    `kept`: what others have computed of these results, and may want again.
    """

    files: tuple[SourceFile, ...]
    cells: dict[int, Cell]
    entries: pd.DataFrame
    rounds: pd.DataFrame
    micro: pd.DataFrame
    micro_rounds: pd.DataFrame
    counted_cells: dict[int, Cell]
    counted: pd.DataFrame
    counted_rounds: pd.DataFrame
    kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def measured(self, cell: int, role: str = "model") -> pd.DataFrame:
        """The entries of a cell and role that have results: "model" stands for all that is ranked,
        guests too."""
        return self._measured.get((cell, role), self.entries.iloc[:0])

    @cached_property
    def _measured(self) -> dict[tuple[int, str], pd.DataFrame]:
        entries = self.entries[self.entries["status"] == "ok"]
        role = entries["role"].where(~entries["role"].isin(COMPETING), "model")
        return dict(iter(entries.groupby([entries["cell"], role], sort=False)))

    def rounds_of(self, entries: pd.DataFrame) -> pd.DataFrame:
        """The rows of `rounds` of some entries."""
        identities = self.rounds["id"].to_numpy()  # ascending, as the entries are
        wanted = entries["id"].to_numpy()
        first = np.searchsorted(identities, wanted, "left")
        last = np.searchsorted(identities, wanted, "right")
        return self.rounds.iloc[np.concatenate([*map(np.arange, first, last), np.arange(0)])]


def load(paths: Sequence[Path]) -> Results:
    """Reads, checks and merges results files. Raises ResultsError. The order of `paths`
    does not matter: runs are sorted by their date, then by their content."""
    with collector_paused():
        return _merge(_read_all(paths))


def _read_all(paths: Sequence[Path]) -> list[Document]:
    documents = []
    first: dict[str, Path] = {}
    for path in paths:
        document = read(path)
        if document.digest in first:
            same = first[document.digest]
            raise ResultsError(f"{path}: the same results as {same}; give each run once")
        first[document.digest] = path
        documents.append(document)
    documents.sort(key=lambda document: (document.context["date"], document.digest))
    return documents


def _merge(documents: Sequence[Document]) -> Results:
    micro, counted, queries = _by_kind(documents)
    _require_one_resolution(queries, documents)
    files = tuple(SourceFile(document.name, document.context) for document in documents)
    return Results(files, *query_frames(queries), *micro_frames(micro), *count_frames(counted))


def _by_kind(documents: Sequence[Document]) -> tuple[Labelled, Labelled, Labelled]:
    """Entries of the micro families, of the counting pass, and all others, in that order."""
    micro: Labelled = []
    counted: Labelled = []
    queries: Labelled = []
    for run, document in enumerate(documents):
        for entry in document.benchmarks:
            kind = micro if is_micro(entry) else counted if is_count(entry) else queries
            kind.append((run, entry))
    return micro, counted, queries


def _require_one_resolution(queries: Labelled, documents: Sequence[Document]) -> None:
    """Histograms can be added only where their buckets are the same."""
    first: tuple[tuple[int, int], str] | None = None
    for run, entry in queries:
        histogram = (entry["latency_us"] or {}).get("histogram")
        if histogram is None:
            continue
        resolution = (histogram["unit_ns"], histogram["sub_bucket_bits"])
        first = first or (resolution, documents[run].name)
        if resolution != first[0]:
            raise ResultsError(
                f"{documents[run].name}: its latency histograms have another resolution than those "
                f"of {first[1]} (unit_ns, sub_bucket_bits {resolution} and {first[0]}); "
                "report the files one by one"
            )

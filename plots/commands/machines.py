"""What `waitbench machines` prints: the tables over machines as plain text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from plots.analysis.machines import MachineRun
from plots.data.errors import ResultsError
from plots.report.machines import Table, cautions, headline, read_runs, tables

_COLUMNS = {
    "model": "model",
    "machines": "machines",
    "mean": "mean",
    "span": "95% over machines",
    "spread": "spread",
    "differ": "differ",
    "lowest": "lowest",
    "highest": "highest",
    "further": "another machine",
    "verdicts": "verdicts within runs",
}


def read_named(paths: Sequence[Path], baseline: str | None) -> list[MachineRun]:
    """The runs of these files, each called as its file is. Raises ResultsError for the first that
    cannot be taken in."""
    files: dict[str, Path] = {}
    for path in paths:
        name = os.fsencode(path.stem).decode("utf-8", "backslashreplace")
        if name in files:
            raise ResultsError(f"{path}: {files[name]} has that name, too; give them other names")
        files[name] = path
    runs, refused = read_runs(files, baseline)
    for name, reason in refused.items():
        raise ResultsError(f"{name}: {reason}")
    return runs


def as_text(runs: Sequence[MachineRun]) -> str:
    """All tables in plain text."""
    blocks = [headline(runs), *cautions(runs), *(_block(table) for table in tables(runs))]
    return "\n\n".join(blocks) + "\n"


def _block(table: Table) -> str:
    heads = ["model", *table.runs, *list(_COLUMNS.values())[1:]]
    lines = [heads]
    for row in table.rows:
        single = [f"{one['ratio']}{' *' if one['note'] else ''}" for one in row["single"]]
        lines.append([row["model"], *single, *(row[name] for name in list(_COLUMNS)[1:])])
    widths = [max(map(len, column)) for column in zip(*lines)]
    text = ["  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip()
            for line in lines]  # fmt: skip
    marks = ["* not ranked there, so not counted"] if any("*" in line for line in text) else []
    return "\n".join([table.title, table.subtitle, *table.notes, *text, *marks])

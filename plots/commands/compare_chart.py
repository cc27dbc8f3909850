"""The chart of `waitbench compare OLD NEW --chart DIR`: its files, and its figures as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from plots.analysis.changes import Change, changes
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.charts.drawing.canvas import Drawn
from plots.commands.old_and_new import NAME, draw_old_and_new, levels
from plots.data.axes import AXES
from plots.data.errors import ResultsError
from plots.data.load import load

_NUMBERS = ("ratio", "low", "high", "adjusted_p", "verdict")


def write_chart(paths: Sequence[Path], baseline: str | None, directory: Path) -> Path:
    """Draws two runs over each other; gives the path of the SVG file, beside which lie the PDF,
    the PNG and the CSV. Raises ResultsError."""
    if len(paths) != 2:
        raise ResultsError("--chart draws two runs over each other; give OLD NEW")
    old, new = (Study(load([path]), baseline) for path in paths)
    found = changes(old, new)
    chart = draw_old_and_new(old, new, found)
    if chart is None:
        raise ResultsError("--chart: the two runs have no model in common in any cell")
    drawn = chart.drawn()
    files = {
        "pdf": drawn.pdf,
        "png": drawn.png,
        "csv": _table(old, new, found).encode(),
        "svg": _labelled(drawn).encode(),
    }
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for kind, content in files.items():
            (directory / f"{NAME}.{kind}").write_bytes(content)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ResultsError(f"{directory}: the chart cannot be written: {problem}") from error
    return directory / f"{NAME}.svg"


def _labelled(drawn: Drawn) -> str:
    """The drawing with its caption as alternative text."""
    label = quoteattr(f"{drawn.title}. {drawn.caption}")
    return drawn.svg.replace("<svg ", f'<svg role="img" aria-label={label} ', 1)


def _table(old: Study, new: Study, found: Sequence[Change]) -> str:
    stream = io.StringIO()
    of_runs = [f"{run}{end}" for run in ("old", "new") for end in ("", "_low", "_high")]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["purpose", *AXES, "model", "measure", *of_runs, *_NUMBERS])
    for change in found:
        where = [change.cell.purpose, *(change.cell.axes[axis] for axis in AXES)]
        for row in change.comparisons.to_dict("records"):
            both = levels(old, new, change, row["model"])
            measured = [_number(value) for level in both for value in _bounds(level)]
            numbers = [_number(row[name]) for name in _NUMBERS]
            writer.writerow([*where, row["model"], change.metric, *measured, *numbers])
    return stream.getvalue()


def _bounds(level: Interval) -> tuple[float, float, float]:
    return level.mean, level.low, level.high


def _number(value: Any) -> str:
    """Six significant digits; empty where nothing is known."""
    if isinstance(value, str):
        return value
    return f"{value:.6g}" if value == value else ""

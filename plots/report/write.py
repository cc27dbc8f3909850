"""Writes a report so that nobody ever sees half of it, and no file of somebody else is touched.

All files are made in a temporary directory next to the target. A new target appears by one rename;
into one that exists, each file is moved in whole, the page last, and charts of an earlier report
that this one lacks are removed.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from plots.analysis.study import Study
from plots.charts.catalog import DRAWERS
from plots.report.chart_tables import chart_tables
from plots.report.drawing import drawn
from plots.data.errors import ResultsError
from plots.data.load import load
from plots.report.history_page import history_page, read_histories
from plots.report.page import assembled, told

PAGE = "index.html"
KINDS = ("svg", "pdf", "png", "csv")
_CHART_FILES = tuple(f"{name}.{kind}" for name in DRAWERS for kind in KINDS)


def write_report(paths: Sequence[Path], directory: Path, baseline: str | None = None) -> Path:
    """Makes the report of results files in `directory`; gives the path of its page. Raises
    ResultsError for files that are no results, a baseline they lack, a directory that cannot be
    written."""
    return write_report_of(Study(load(paths), baseline), paths, directory)


def write_report_of(study: Study, paths: Sequence[Path], directory: Path) -> Path:
    """The same of a study of these files."""
    _spare_inputs(paths, directory)
    return _write(render(study), directory)


def write_history(
    paths: Sequence[Path], directory: Path, baseline: str | None = None
) -> tuple[Path, list[str]]:
    """Makes the page of many runs in `directory`; gives its path, and what was left out of folders.
    Raises ResultsError as write_report does."""
    _spare_inputs(paths, directory)
    found, left_out = read_histories(paths, baseline)
    return _write({PAGE: history_page(found).encode()}, directory), left_out


def _write(files: dict[str, bytes], directory: Path) -> Path:
    """Stores files by name; gives the path of the page."""
    try:
        with _workshop(directory) as made:
            for name, content in files.items():
                (made / name).write_bytes(content)
            _publish(made, directory)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ResultsError(f"{directory}: the report cannot be written: {problem}") from error
    return directory / PAGE


def render(study: Study) -> dict[str, bytes]:
    """The files of a report by name."""
    with drawn(study) as charts:
        said, tables = told(study), chart_tables(study, DRAWERS)  # while others draw
        found = [*charts]
    files = {}
    for chart in found:
        files[f"{chart.name}.csv"] = tables[chart.name].encode()
        files[f"{chart.name}.svg"] = chart.svg.encode()
        files[f"{chart.name}.pdf"] = chart.pdf
        files[f"{chart.name}.png"] = chart.png
    files[PAGE] = assembled(said, found).encode()
    return files


def _spare_inputs(paths: Sequence[Path], directory: Path) -> None:
    """Refuses a target whose files would fall on the results themselves."""
    targets = {(directory / name).resolve() for name in (PAGE, *_CHART_FILES)}
    for path in paths:
        if path.resolve() in targets:
            raise ResultsError(f"{path}: the report would overwrite it; give another directory")


@contextmanager
def _workshop(directory: Path) -> Iterator[Path]:
    """A temporary directory next to the target, which is removed afterwards. Raises OSError."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    if directory.exists() and not directory.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    made = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _publish(made: Path, directory: Path) -> None:
    """Moves what is in `made` to where it belongs, the page last."""
    if not directory.exists():
        made.chmod(0o777 & ~_umask())
        made.rename(directory)
        return
    names = sorted((path.name for path in made.iterdir()), key=lambda name: (name == PAGE, name))
    for name in names:
        os.replace(made / name, directory / name)
    for name in set(_CHART_FILES) - set(names):
        (directory / name).unlink(missing_ok=True)


def _umask() -> int:
    """The process's umask, which can be read only by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

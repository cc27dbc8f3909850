"""The folders of plots/ depend on each other in one direction only, and charts on none another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from plots.charts.catalog import (
    COUNT_CHARTS,
    DRAWERS,
    MACHINE_CHARTS,
    MACHINE_DRAWERS,
    QUERY_CHARTS,
    SWITCH_CHARTS,
)

ROOT = Path(__file__).resolve().parents[2]
# Each room may import from itself and from the rooms before it.
ROOMS = (
    "plots.text",
    "plots.data",
    "plots.analysis",
    "plots.charts.drawing",
    "plots.charts",
    "plots.report",
    "plots.commands",
    "plots",
)
MODULES = sorted((ROOT / "plots").rglob("*.py"))


def name_of(path: Path) -> str:
    """The module that a file is: plots.data.load."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The innermost room that a module belongs to."""
    return max((room for room in ROOMS if f"{module}.".startswith(f"{room}.")), key=len)


def imports_of(source: str) -> Iterator[str]:
    """The modules of plots that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name for name in names if name.startswith("plots."))
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if f"{a.name}.".startswith("plots."))


def against_the_direction(module: str, source: str) -> list[str]:
    """The imports of a module from rooms that come after its own."""
    own = ROOMS.index(room_of(module))
    return [name for name in imports_of(source) if ROOMS.index(room_of(name)) > own]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_its_own_room_and_those_below(path):
    assert against_the_direction(name_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "module, source",
    [
        ("plots.data.load", "from plots.analysis import stats"),
        ("plots.charts.drawing.lines", "import plots.charts.cost"),
        ("plots.analysis.study", "def late():\n    from plots.report.page import page"),
    ],
)
def test_an_import_against_the_direction_is_found(module, source):
    assert against_the_direction(module, source)


def test_no_chart_imports_another():
    names = [*DRAWERS, *MACHINE_DRAWERS]
    charts = {f"plots.charts.{name}" for name in names}
    for name in names:
        source = (ROOT / "plots" / "charts" / f"{name}.py").read_text(encoding="utf-8")
        imported = {chart for chart in charts for module in imports_of(source) if chart in module}
        assert imported == set(), f"what {name} needs of these belongs into plots/charts/drawing"


def test_every_file_of_a_chart_is_in_the_catalog():
    files = {path.stem for path in (ROOT / "plots" / "charts").glob("*.py")}
    listed = [*QUERY_CHARTS, *SWITCH_CHARTS, *COUNT_CHARTS, *MACHINE_CHARTS]
    assert files - {"__init__", "catalog"} == set(listed)
    assert len(listed) == len(set(listed))


def test_every_room_has_a_readme():
    for room in ROOMS:
        assert (ROOT / room.replace(".", "/") / "README.md").is_file(), room

"""The source keeps its order: rooms include in one direction, and nothing grows too long."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each room of harness/ includes from itself, from those after it, and from those beside it.
CHAIN = ("commands", "run", "stage", "trial", "backend", "workloads")
BESIDE = {"results": {"machine", "os"}, "machine": {"os"}, "switch": {"results", "machine", "os"},
          "os": set()}  # fmt: skip
ROOMS = (*CHAIN, *BESIDE)
MOST_ROOMS = 10

LONGEST_FILE, LONGEST_FUNCTION, WIDEST_LINE = 300, 70, 100

CPP = sorted(path for part in ("harness", "impls") for path in (ROOT / part).rglob("*.[ch]pp"))
CPP_TESTS = sorted((ROOT / "tests").rglob("*.[ch]pp"))
PYTHON_FOLDERS = ("fleet", "plots", "tests")
PYTHON = sorted(path for part in PYTHON_FOLDERS for path in (ROOT / part).rglob("*.py"))

INCLUDE = re.compile(r'^\s*#include "((?:harness|impls)/[^"]+)"', re.MULTILINE)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def includes_of(source: str) -> list[str]:
    return INCLUDE.findall(source)


def room_of(name: str) -> str:
    """A file's room of harness/. main.cpp lies above all of them, impls and its lib below."""
    parts = name.split("/")
    if parts[0] == "impls":
        return "lib" if parts[1] == "lib" else "impls"
    return parts[1] if len(parts) > 2 else "main"


def allowed_from(room: str) -> set[str]:
    """The rooms that a file of a room may include from."""
    if room == "lib":
        return {"lib"}
    if room == "impls":
        return {"impls", "lib"}
    if room == "main":
        return {*ROOMS, "impls", "lib"}
    if room in BESIDE:
        return {room, *BESIDE[room], "impls", "lib"}
    return {*CHAIN[CHAIN.index(room) :], *BESIDE, "impls", "lib"}


def against_the_direction(name: str, source: str) -> list[str]:
    allowed = allowed_from(room_of(name))
    return [included for included in includes_of(source) if room_of(included) not in allowed]


def cycle_in(arrows: dict[str, set[str]]) -> list[str]:
    """A way through the graph that ends where it began, or nothing."""
    done: set[str] = set()

    def walk(node: str, way: list[str]) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return []
        for to in sorted(arrows.get(node, ())):
            if found := walk(to, [*way, node]):
                return found
        done.add(node)
        return []

    for node in sorted(arrows):
        if found := walk(node, []):
            return found
    return []


NO_CODE = re.compile(
    r"^\s*#[^\n]*|//[^\n]*|/\*.*?\*/"  # preprocessor lines, comments
    r'|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'  # strings
    r"|(?<!\w)'(?:\\.|[^'\\\n])+'",  # characters, but no digit separators
    re.DOTALL | re.MULTILINE,
)


def code_of(source: str) -> str:
    """C++ without comments and literals, line by line as it was."""
    return NO_CODE.sub(lambda found: "\n" * found[0].count("\n"), source)


# The end of the text before a brace that opens no function.
SCOPE = re.compile(
    r"^ *(inline )?(namespace|class|struct|union|enum|extern)\b[^()]*\Z|= *\Z", re.MULTILINE
)


def functions_of(source: str) -> Iterator[tuple[int, int]]:
    """First line and number of lines of every function body of C++, lambdas within not apart."""
    code = code_of(source)
    depth_of_function = None
    depth, header, line, began = 0, 0, 1, 0
    for at, letter in enumerate(code):
        if letter == "\n":
            line += 1
        elif letter == "{":
            text = code[header:at]
            if depth_of_function is None and ")" in text and not SCOPE.search(text):
                depth_of_function, began = depth, line
            depth, header = depth + 1, at + 1
        elif letter == "}":
            depth, header = depth - 1, at + 1
            if depth == depth_of_function:
                yield began, line - began + 1
                depth_of_function = None
        elif letter == ";":
            header = at + 1


def python_functions_of(source: str) -> Iterator[tuple[int, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def too_long(name: str, source: str) -> list[str]:
    lines = source.splitlines()
    functions = python_functions_of if name.endswith(".py") else functions_of
    found = [f"{name}:{at} has {len(line)} columns"
             for at, line in enumerate(lines, 1) if len(line) > WIDEST_LINE]  # fmt: skip
    found += [f"{name}:{at}: a function of {length} lines"
              for at, length in functions(source) if length > LONGEST_FUNCTION]  # fmt: skip
    if len(lines) > LONGEST_FILE:
        found.append(f"{name} has {len(lines)} lines")
    return found


def each_of(paths: list[Path]) -> list[object]:
    """The files as parameters of a test."""
    return [pytest.param(path, id=name_of(path)) for path in paths]


@pytest.mark.parametrize("path", each_of(CPP))
def test_a_file_includes_only_in_the_direction_of_the_rooms(path):
    assert against_the_direction(name_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "name, included",
    [
        ("harness/stage/stage.cpp", "harness/run/plan.hpp"),
        ("harness/os/process.cpp", "harness/machine/limits.hpp"),
        ("harness/results/results_file.hpp", "harness/run/result.hpp"),
        ("harness/workloads/delay/no_op.cpp", "harness/trial/participant.hpp"),
        ("impls/engine.hpp", "harness/os/process.hpp"),
        ("impls/lib/socket.hpp", "impls/conversation.hpp"),
    ],
)
def test_an_include_against_the_direction_is_found(name, included):
    assert against_the_direction(name, f'#include "{included}"\n') == [included]


def test_no_rooms_include_each_other_in_a_circle():
    arrows: dict[str, set[str]] = {}
    for path in CPP:
        own = room_of(name_of(path))
        others = {room_of(name) for name in includes_of(path.read_text(encoding="utf-8"))}
        arrows.setdefault(own, set()).update(others - {own})
    assert cycle_in(arrows) == []


def test_no_headers_include_each_other_in_a_circle():
    arrows = {name_of(path): set(includes_of(path.read_text(encoding="utf-8"))) for path in CPP}
    assert cycle_in(arrows) == []


def test_a_circle_is_found():
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == ["b", "c", "b"]
    assert cycle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_harness_has_few_rooms():
    rooms = {path.name for path in (ROOT / "harness").iterdir() if path.is_dir()}
    assert rooms == set(ROOMS)
    assert len(rooms) <= MOST_ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_a_readme(room):
    readme = ROOT / "harness" / room / "README.md"
    assert readme.is_file()


@pytest.mark.parametrize("path", each_of([*CPP, *CPP_TESTS, *PYTHON]))
def test_nothing_is_too_long_to_be_read_at_once(path):
    assert too_long(name_of(path), path.read_text(encoding="utf-8")) == []


def test_what_is_too_long_is_found():
    body = "  step();\n" * LONGEST_FUNCTION
    function = f"namespace n {{\nstruct S {{\n  int f(int a) const try {{\n{body}  }}\n}};\n}}\n"
    assert too_long("a.cpp", function) == ["a.cpp:3: a function of 72 lines"]
    assert too_long("a.cpp", function.replace("  step();\n", "", 2)) == []
    table = "constexpr int table[] = {\n" + "  1,\n" * LONGEST_FUNCTION + "};\n"
    assert too_long("a.cpp", table) == []
    assert too_long("a.py", "def f():\n" + "    pass\n" * LONGEST_FUNCTION) != []
    assert too_long("a.cpp", "int a;\n" * (LONGEST_FILE + 1)) == ["a.cpp has 301 lines"]
    assert too_long("a.cpp", "x" * (WIDEST_LINE + 1)) == ["a.cpp:1 has 101 columns"]

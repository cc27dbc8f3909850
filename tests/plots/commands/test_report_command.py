"""waitbench report as a command: what it prints, and what becomes of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import FIXTURE, keep

from plots.__main__ import main


def run(capsys, *arguments) -> tuple[int, str, str]:
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as left:
        code = left.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_prints_the_path_of_the_page(capsys, document, store, tmp_path):
    path = store(keep(document, lambda e: e["purpose"] == "seam"))
    code, out, err = run(capsys, "report", path, "-o", tmp_path / "deep" / "report")
    assert (code, err) == (0, "")
    assert out == f"{tmp_path}/deep/report/index.html\n"
    assert Path(out.strip()).is_file()


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        ([], "COMMAND"),
        (["paint"], "paint"),
        (["report"], "FILE"),
        (["report", "nowhere.json"], "nowhere.json"),
        (["report", FIXTURE, "--baseline", "walrus"], "walrus"),
        (["report", FIXTURE, FIXTURE], "the same results"),
        (["report", FIXTURE, "-o", FIXTURE / "inside"], "cannot be written"),
        (["report", FIXTURE, "-o", FIXTURE], "cannot be written"),
        (["report", FIXTURE, "-o", "/proc/report"], "cannot be written"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_mistake_is_one_line_and_exit_code_2(capsys, arguments, complaint):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and complaint in err

"""What becomes of the commands where their streams, the locale or a file name are unusual."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import FIXTURE, HERE, keep

from plots import __main__
from plots.data import load

ROOT = HERE.parent.parent
COMPARE = ["compare", FIXTURE, "--baseline", "callback-epoll"]
EXPORT = ["export", FIXTURE]


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A results file whose report is made quickly."""
    document = json.loads(FIXTURE.read_text(encoding="utf-8"))
    path = tmp_path_factory.mktemp("small") / "small.json"
    path.write_text(json.dumps(keep(document, lambda entry: entry["purpose"] == "seam")))
    return path


def run(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, before=None, **environment):
    """Runs the package as the program does, without the current folder on Python's path."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "plots", *words],
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        preexec_fn=before,
        timeout=500,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_characters_that_the_encoding_lacks_are_replaced(encoding):
    done = run(*COMPARE, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    times = "x" if encoding == "ascii" else "\u00d7"
    assert re.search(rf"\d{times} ", done.stdout.decode(encoding))


def test_a_mistake_is_reported_in_every_locale():
    done = run("report", "n\u00e9ant.json", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert done.stderr == (
        b"waitbench report: n\\xe9ant.json: cannot be read: No such file or directory\n"
    )


@pytest.mark.parametrize("words", [COMPARE, EXPORT, ["--help"]], ids=lambda words: words[0])
def test_a_full_standard_output_is_one_line_and_exit_code_1(words):
    with open("/dev/full", "wb") as full:
        done = run(*words, stdout=full)
    assert done.returncode == 1
    assert done.stderr.endswith(b": standard output cannot be written: No space left on device\n")
    assert done.stderr.count(b"\n") == 1


def test_a_report_whose_path_cannot_be_printed_is_exit_code_1(small, tmp_path):
    with open("/dev/full", "wb") as full:
        done = run("report", small, "-o", tmp_path / "made", stdout=full)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert (tmp_path / "made" / "index.html").is_file()


@pytest.mark.parametrize("words", [COMPARE, EXPORT, ["--help"]], ids=lambda words: words[0])
def test_a_closed_pipe_ends_in_silence(words):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(*words, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def close_stderr():
    os.close(2)


@pytest.mark.parametrize(
    "words, code", [(["report"], 2), (["export", "nowhere.json"], 2), (EXPORT, 0)]
)
def test_a_standard_error_that_is_full_or_closed_changes_no_exit_code(words, code):
    with open("/dev/full", "wb") as full:
        assert run(*words, stderr=full).returncode == code
    closed = run(*words, stderr=None, before=close_stderr)
    assert closed.returncode == code
    assert code == 0 or closed.stdout == b"", "a diagnostic went to standard output"


def test_a_closed_standard_output_is_no_fault():
    done = run(*EXPORT, stdout=None, before=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, b"")


def test_file_names_are_bytes(small, tmp_path):
    named = os.fsencode(tmp_path) + b"/r\xe9sultats.json"
    Path(os.fsdecode(named)).write_bytes(small.read_bytes())
    made = os.fsencode(tmp_path) + b"/sor\xfftie"
    done = run("report", named, "-o", made)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == made + b"/index.html\n"
    assert "r\\xe9sultats.json" in Path(os.fsdecode(made + b"/index.html")).read_text("utf-8")


@pytest.mark.parametrize("name", [b"\xff.json", b"two\nlines.json"])
def test_a_file_that_is_not_there_is_one_line_whatever_its_name(name):
    done = run("compare", name, "--baseline", "x")
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1 and b"cannot be read" in done.stderr


def test_an_internal_error_has_an_exit_code_of_its_own(monkeypatch, capsys):
    def explode(path):
        raise ZeroDivisionError("what was not thought of")

    monkeypatch.setattr(load, "read", explode)
    assert __main__.main(["export", str(FIXTURE)]) == __main__.INTERNAL_ERROR == 70
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "internal error" in printed.err and "what was not thought of" in printed.err


def test_a_python_without_a_module_is_one_line_and_exit_code_2(tmp_path):
    (tmp_path / "pandas.py").write_text("raise ModuleNotFoundError(name='pandas')\n")
    done = run(*EXPORT, PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert b"has no module pandas" in done.stderr


def test_slower_is_exit_code_1_though_standard_error_is_full(tmp_path):
    old = json.loads(FIXTURE.read_text(encoding="utf-8"))
    new = copy.deepcopy(old)
    for entry in new["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["rounds"]:
            costs = entry["rounds"]["client_cpu_us_per_query"]
            entry["rounds"]["client_cpu_us_per_query"] = [2 * cost for cost in costs]
    (tmp_path / "new.json").write_text(json.dumps(new))
    with open("/dev/full", "wb") as full:
        words = ["compare", FIXTURE, tmp_path / "new.json", "--fail-on-slower"]
        assert run(*words, stderr=full).returncode == 1

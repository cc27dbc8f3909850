"""What a run says of its progress: redrawn in place on a terminal that can, plain lines elsewhere,
and nothing that the run would have to wait for."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plots.data.load import load
from waitbench_process import QUICK

MODELS = ("--models", "^(callback|fiber)-epoll$", *QUICK)
TWICE = (*MODELS, "--invocations", 2)
ESCAPE = "\x1b"
HOW_FAR = re.compile(r"\d+%, about \d+ s left  invocation [12]/2  custom tcp/")
BY_TERMINAL = {"TERM": "xterm-256color"}


def read_all(terminal: int) -> str:
    """All that is written to a terminal until nobody has it open any more."""
    text = b""
    while True:
        try:
            text += (more := os.read(terminal, 1 << 16))
        except OSError:  # how Linux says that a terminal's other end is closed
            return text.decode()
        if not more:
            return text.decode()


def watched(waitbench, out: Path, columns: int = 80, **environment: str) -> str:
    """What a run writes to a terminal that is its stderr."""
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    words = [f"{name}={value}" for name, value in environment.items()]
    run = waitbench("run", *TWICE, "--out", out, stderr=theirs, prefix=["env", *words])
    os.close(theirs)
    with ThreadPoolExecutor(1) as reader:
        text = reader.submit(read_all, terminal)
        assert run.wait() == 0
    os.close(terminal)
    return text.result()


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_shows_two_lines_that_are_redrawn_and_cleared(waitbench, out, columns):
    text = watched(waitbench, out, columns, **BY_TERMINAL)
    drawn = text.split(f"\r{ESCAPE}[J")[1:]
    assert len(drawn) > 2
    *pictures, last = drawn
    for picture in pictures:
        first, second, back = re.split(r"\r+\n?", picture, maxsplit=2)
        assert back.endswith(f"{ESCAPE}[1A"), "back to the first of them"
        assert max(len(first), len(second.lstrip("\n"))) < columns
        assert re.match(r" ?\d+%, about \d+ s left", first)
    assert any("CPU/query so far: " in picture for picture in pictures)
    assert last == f"10 entries in {out}\r\n", "nothing of it stays"


@pytest.mark.parametrize("how", ["dumb", ""])
def test_a_terminal_that_cannot_redraw_gets_plain_lines(waitbench, out, how):
    text = watched(waitbench, out, TERM=how)
    assert ESCAPE not in text
    assert len(HOW_FAR.findall(text)) == 2


def test_a_pipe_gets_plain_lines(waitbench, out):
    run = waitbench("run", *TWICE, "--out", out, prefix=["env", "TERM=xterm"])
    assert run.wait() == 0
    assert ESCAPE not in run.stderr and "\r" not in run.stderr
    assert len(HOW_FAR.findall(run.stderr)) == 2


def test_nothing_is_coloured_where_the_user_wants_no_colours(waitbench, out):
    text = watched(waitbench, out, **BY_TERMINAL, NO_COLOR="1")
    assert f"{ESCAPE}[J" in text
    assert not re.search(rf"{ESCAPE}\[[\d;]*m", text)


def test_a_run_does_not_wait_for_a_reader_of_its_progress(waitbench, out):
    reader, writer = os.pipe()
    page = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1)
    os.write(writer, b"x" * (page - 700))  # leaves room for what it says before and after
    run = waitbench("run", *MODELS, "--invocations", 12, "--out", out, stderr=writer)
    os.close(writer)
    assert run.wait() == 0
    assert len(load([out]).entries) == 60
    os.close(reader)


def test_what_is_counted_has_its_place_in_it(waitbench, out):
    run = waitbench("run", *TWICE, "--count", "switches", "--out", out)
    assert run.wait() == 0
    if "are not counted" not in run.stderr:
        assert "left  counting what the kernel sees  counted tcp/" in run.stderr


@pytest.mark.parametrize(
    ("cells", "said"),
    [((), " entries of 1 cell would go"), (("--in-flight", "4,8"), " entries of 2 cells would go")],
)
def test_one_is_not_spoken_of_as_many(waitbench, cells, said):
    run = waitbench("run", *TWICE, *cells, "--dry-run")
    assert run.wait() == 0
    assert said in run.stdout

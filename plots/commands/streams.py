"""Standard output and standard error that serve whatever they are connected to.

Output that cannot be written is an OutputError, unless nobody reads it any more (a closed pipe):
that ends in silence. Diagnostics are best effort: a full or closed standard error changes nothing.
Characters that the encoding of the terminal lacks are replaced, and so are bytes of file names that
are not text.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path

_REPLACEMENTS = str.maketrans(
    {"\u00d7": "x", "\u2013": "-", "\u2212": "-", "\u00b5": "u", "\u2264": "<=", "\u00b1": "+-"}
)
_STDOUT, _STDERR = 1, 2


class OutputError(Exception):
    """Standard output could not be written; the text says why, in one line."""


def prepare() -> None:
    """Makes both streams take every character, and gives a closed one a place to write to."""
    codecs.register_error("waitbench", _replace)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # its descriptor was closed when Python started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="waitbench")


def _replace(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that cannot be encoded: an ASCII look-alike, else \\u00e9."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    alike = error.object[error.start : error.end].translate(_REPLACEMENTS)
    return alike.encode("ascii", "backslashreplace").decode("ascii"), error.end


def write(text: str) -> None:
    """Writes to standard output, whole. Raises OutputError."""
    _write_bytes(text.encode(sys.stdout.encoding or "utf-8", "waitbench"))


def write_path(path: Path) -> None:
    """Writes a path as the bytes that it is, and ends the line. Raises OutputError."""
    _write_bytes(os.fsencode(path) + b"\n")


def _write_bytes(raw: bytes) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
        sys.stdout.flush()
    except OSError as error:
        _discard(_STDOUT)
        if not isinstance(error, BrokenPipeError):
            problem = error.strerror or str(error)
            raise OutputError(f"standard output cannot be written: {problem}") from error


def complain_line(text: str) -> None:
    """Writes one line to standard error, also where the text quotes a name of several lines."""
    complain("".join(_visible(letter) for letter in text) + "\n")


def _visible(letter: str) -> str:
    return letter if letter >= " " and letter != "\x7f" else repr(letter)[1:-1]


def complain(text: str) -> None:
    """Writes to standard error what can be written there."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _discard(_STDERR)


def _discard(descriptor: int) -> None:
    """Connects a descriptor to /dev/null, so that what its stream still holds can be flushed when
    Python ends: else Python reports the failure once more, with an exit code of its own."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)


def finish() -> None:
    """Leaves nothing to be flushed when Python ends."""
    try:
        sys.stderr.flush()
    except OSError:
        _discard(_STDERR)

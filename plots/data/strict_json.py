"""JSON that can be computed with and printed: no NaN, nothing infinite, no integers without end, no
strings with half of a character."""

from __future__ import annotations

import contextlib
import gc
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

_INTEGER_BOUND = 2**64  # seeds are as large
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_DIGITS_AS_0 = bytes.maketrans(b"123456789E", b"000000000e")
_LITERALLY_20 = b"0" * 20
_20_DIGITS = re.compile(b"0{20,}")
_LONG_EXPONENTS = (b"0e000", b"0e+000")
_LONGEST_LOOK = 64  # bytes, to where a number begins


def parse(raw: bytes, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """The document in `raw`, which is UTF-8, with what `object_hook` makes of each object in it.
    Raises ValueError, or RecursionError for one nested too deeply."""
    text = raw.decode("utf-8-sig")
    one_by_one: dict[str, Any] = {"parse_int": _integer, "parse_float": _real}
    readers = one_by_one if _has_long_numbers(raw) else {}
    with collector_paused():
        document = json.loads(text, parse_constant=_constant, object_hook=object_hook, **readers)
    if _HALF_CHARACTER.search(text):
        _require_whole_characters(json.loads(text))
    return document


def _has_long_numbers(raw: bytes) -> bool:
    """Whether a number may be out of range, so that they are to be looked at one by one: one with
    20 digits that do not follow a point (but for seeds, which have as many), or with an exponent of
    three. They are looked for as literals in a copy whose digits are all 0, which a file of many
    megabytes does not feel."""
    shape = raw.translate(_DIGITS_AS_0)
    return any(_is_in_number(shape, place) for place in _long_exponents(shape)) or any(
        shape[found.start() - 1 : found.start()] != b"."
        and (len(found[0]) > 20 or int(raw[found.start() : found.end()]) >= _INTEGER_BOUND)
        for found in _long_runs_of_digits(shape)
    )


def _long_exponents(shape: bytes) -> Iterator[int]:
    """Where there may be some."""
    for literal in _LONG_EXPONENTS:
        place = shape.find(literal)
        while place >= 0:
            yield place
            place = shape.find(literal, place + 1)


def _is_in_number(shape: bytes, place: int) -> bool:
    """Whether the digits before a place are those of a number, and not the middle of a word: a
    commit may well have the name 51e987."""
    before = shape[max(0, place - _LONGEST_LOOK) : place + 1].rstrip(b"0.-")
    return not before or before[-1:] in b",:[ \t\r\n"


def _long_runs_of_digits(shape: bytes) -> Iterator[re.Match[bytes]]:
    """As _20_DIGITS.finditer finds them, but each is looked for as a literal, which is quicker."""
    start = shape.find(_LITERALLY_20)
    while found := _20_DIGITS.match(shape, start) if start >= 0 else None:
        yield found
        start = shape.find(_LITERALLY_20, found.end())


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Lists of numbers have no cycles to be collected, but to look for some each time that many
    lists are new takes most of the time of reading them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _require_whole_characters(document: Any) -> None:
    """Refuses strings that no encoding can write: JSON may escape half of a pair of surrogates."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.start + 1]
        raise ValueError(f"{ascii(half)} is half of a character") from error


def _constant(word: str) -> None:
    raise ValueError(f"{word} is not a JSON number; unknown is null")


def _integer(word: str) -> int:
    value = int(word)
    if abs(value) >= _INTEGER_BOUND:
        raise ValueError(f"an integer of {len(word)} digits is out of range")
    return value


def _real(word: str) -> float:
    value = float(word)
    if math.isinf(value):
        raise ValueError(f"{word[:20]} is out of range")
    return value

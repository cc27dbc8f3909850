"""JSON that can be computed with and printed: no NaN, nothing infinite, no integers without end, no
strings with half of a character."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_INTEGER_BOUND = 2**64  # seeds are as large
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
# Without these no number can be out of range, and numbers need not be looked at one by one.
_LONG_NUMBER = re.compile(r"(?<![\d.])\d{20}|\d[eE]\+?\d{3}")


def parse(raw: bytes) -> Any:
    """The document in `raw`, which is UTF-8. Raises ValueError, or RecursionError for one nested
    too deeply."""
    text = raw.decode("utf-8-sig")
    one_by_one: dict[str, Any] = {"parse_int": _integer, "parse_float": _real}
    readers = one_by_one if _LONG_NUMBER.search(text) else {}
    document = json.loads(text, parse_constant=_constant, **readers)
    if _HALF_CHARACTER.search(text):
        _require_whole_characters(document)
    return document


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

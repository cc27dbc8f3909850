"""JSON with numbers that can be reckoned with: no NaN, nothing infinite, no endless integers."""

from __future__ import annotations

import json
import math
from typing import Any

_INTEGER_BOUND = 2**64  # seeds are as large


def parse(raw: bytes) -> Any:
    """The document in `raw`. Raises ValueError, or RecursionError for one nested too deeply."""
    return json.loads(raw, parse_constant=_constant, parse_int=_integer, parse_float=_real)


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

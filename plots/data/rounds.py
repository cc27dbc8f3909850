"""The rounds of one entry of a results file, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def rounds_of(
    identity: int, arrays: Mapping[str, Sequence[Any] | None] | None, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """One row per round: the values of `columns` in it, None for those that the entry lacks."""
    stored = {name: values for name, values in (arrays or {}).items() if values}
    return [
        {"id": identity, "round": index}
        | {name: (stored[name][index] if name in stored else None) for name in columns}
        for index in range(max(map(len, stored.values()), default=0))
    ]

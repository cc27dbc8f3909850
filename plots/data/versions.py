"""Results files of earlier versions of the schema, read as if they were of the present one.

Version 1 called handwritten counterparts native: the role, and the beginning of their names.
"""

from __future__ import annotations

from typing import Any

PRESENT = 2
_OLD, _NEW = "native", "handwritten"


def to_present(document: dict[str, Any]) -> None:
    """Changes a document of version 1 in place. What is not as the schema asks for, and documents
    of other versions, are left to the check against the schema."""
    version, entries = document.get("schema_version"), document.get("benchmarks")
    if type(version) is not int or version != 1 or not isinstance(entries, list):
        return
    document["schema_version"] = PRESENT
    for entry in entries:
        if isinstance(entry, dict) and entry.get("role") == _OLD:
            _rename(entry)


def _rename(entry: dict[str, Any]) -> None:
    entry["role"] = _NEW
    for field in ("model", "name", "run_name"):
        if isinstance(entry.get(field), str):
            entry[field] = entry[field].replace(f"{_OLD}-", f"{_NEW}-", 1)

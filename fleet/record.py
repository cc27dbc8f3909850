"""fleet.json: what a fleet was asked to do, and what has become of it. So it can be taken up."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from fleet.judge import Row
from fleet.plan import Plan, UsageError

NAME = "fleet.json"
_VERSION = 1


def write(plan: Plan, rows: list[Row]) -> None:
    """Writes the record whole, or leaves the one before. Raises OSError."""
    asked = dataclasses.asdict(plan)
    del asked["folder"]  # it may be moved
    content = {
        "fleet_version": _VERSION,
        "plan": asked,
        "runs": [
            {"host": row.task.host, "profile": row.task.profile, "status": row.status}
            | {"reason": row.reason or None, "results": row.results}
            for row in rows
        ],
    }
    place = plan.folder / NAME
    draft = place.with_name(f"{NAME}.partial")
    draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, place)


def read(folder: Path) -> Plan:
    """The plan of a fleet that was started before. Raises UsageError."""
    place = folder / NAME
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
        return _plan(content, folder.resolve())
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (ValueError, KeyError, TypeError):
        problem = "is no record of a fleet of this version"
    raise UsageError(f"--resume {folder}: {place} {problem}; give the --out of a fleet")


def _plan(content: dict[str, Any], folder: Path) -> Plan:
    if content["fleet_version"] != _VERSION:
        raise ValueError(content["fleet_version"])
    asked = content["plan"]
    types = {item.name: item.type for item in dataclasses.fields(Plan)}
    for name, value in asked.items():
        kind = {"list": list, "str": str, "floa": float}.get(types[name][:4], object)
        if not (isinstance(value, kind) or value is None):
            raise TypeError(name)
    return Plan(**asked, folder=folder)

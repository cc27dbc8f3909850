"""Checks a document against results/schema.json, quickly enough for many large files.

jsonschema takes seconds for a file, since it walks through schema and document side by side. So
fastjsonschema, which makes a function of the schema, says whether all is well, and jsonschema is
asked only where something is wrong, for its message. It visits each number with its full machinery
(minutes for a full run), so arrays of numbers and of histogram buckets are checked directly, and
passed to it only where something in them is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import jsonschema
import numpy as np

from plots.data.histogram import are_pairs

SCHEMA_PATH = Path(__file__).resolve().parents[2] / "results" / "schema.json"
_LONGEST_COMPLAINT = 300


def first_violation(document: Any) -> str | None:
    """The first thing in `document` that the schema does not allow, as one line, or None."""
    try:
        _quick_validator()(document)
        if all(map(_is_sound, _buckets_of(document))) and all(
            map(_are_measurements, _rounds_of(document))
        ):
            return None
    except fastjsonschema.JsonSchemaException:
        pass
    errors = _validator().iter_errors(_plain(document))
    worst = min(errors, key=lambda error: [str(step) for step in error.absolute_path], default=None)
    if worst is None:
        return None
    place = "".join(_step(step) for step in worst.absolute_path).lstrip(".")
    message = " ".join(worst.message.split())
    if len(message) > _LONGEST_COMPLAINT:
        message = message[:_LONGEST_COMPLAINT] + " ..."
    return f"{place}: {message}" if place else message


@cache
def _quick_validator() -> Callable[[Any], Any]:
    """Raises for a document that the schema does not allow, but for the numbers in its buckets and
    rounds, which are most of it, and are checked by _is_sound and _are_measurements."""
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    schema["$defs"]["histogram"]["properties"]["buckets"] = {}
    schema["$defs"]["measurements"] = {"type": ["array", "null"]}
    return fastjsonschema.compile(schema)


def _buckets_of(document: dict[str, Any]) -> Iterator[list[Any]]:
    """The buckets of all histograms of a document that is sound otherwise: those of latencies."""
    for entry in document["benchmarks"]:
        for value in entry.values():
            if isinstance(value, dict) and isinstance(value.get("histogram"), dict):
                yield value["histogram"].get("buckets", [])


def _rounds_of(document: dict[str, Any]) -> Iterator[list[Any]]:
    """The measurements of single rounds of a document that is sound otherwise."""
    for entry in document["benchmarks"]:
        rounds = (entry.get("rounds") or {}).values()
        yield from (values for values in rounds if isinstance(values, list))


def _are_measurements(values: list[Any]) -> bool:
    """Whether all are numbers that are not negative, or null."""
    present = [value for value in values if value is not None]
    return set(map(type, present)) <= {int, float} and min(present, default=0) >= 0


def _is_sound(buckets: Any) -> bool:
    """Whether these are buckets: an array, as plots.data.histogram makes of them, or pairs."""
    is_list = isinstance(buckets, list)
    return are_pairs(buckets) if is_list else isinstance(buckets, np.ndarray)


def _plain(value: Any) -> Any:
    """The same without arrays."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    quick = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"items": _items})
    return quick(schema)


def _step(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def _items(validator: Any, items: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """The keyword `items`, with a short way for arrays of plain numbers."""
    plain = _PLAIN.get(items.get("$ref", "")) if isinstance(items, dict) else None
    if plain is not None and isinstance(instance, list) and all(map(plain, instance)):
        return
    standard = jsonschema.Draft202012Validator.VALIDATORS["items"]
    yield from standard(validator, items, instance, schema)


def _is_measurement(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and value >= 0)


def _is_bucket(value: Any) -> bool:
    return (
        type(value) is list
        and len(value) == 2
        and all(type(number) is int and number >= 0 for number in value)
    )


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "#/$defs/measurement": _is_measurement,
    "#/$defs/bucket": _is_bucket,
}

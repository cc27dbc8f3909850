"""A comparison as a gate: `waitbench compare --fail-on-slower[=PERCENT] [--limits FILE]`.

What is slower is judged by the verdict and by the end of the interval that is in the model's
favour, never by the ratio alone: it fails only where even that end is beyond the limit. What was
ranked and has no result is not comparable, and so is a comparison that ranks nothing: neither is a
pass.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plots.analysis.study import METRIC_OF
from plots.commands.compare import Comparison, Table
from plots.data.cell_names import cell_phrase
from plots.data.cells import THROUGHPUT
from plots.data.errors import ResultsError
from plots.text.format import listing, span, times

_MOST_NAMED = 3
_FORM = (
    'such a file is, say: percent = 5, and [[limit]] tables with model = "fiber-.*", '
    'cell = "idle", percent = 10'
)


class Limit(NamedTuple):
    """How much slower, in percent, a model may be in a cell; both are regular expressions, found
    anywhere in the model's name, and in purpose and name of the cell."""

    model: re.Pattern[str]
    cell: re.Pattern[str]
    percent: float


class Failure(NamedTuple):
    """A model that is slower than its limit allows."""

    cell: str
    model: str
    ratio: str
    percent: float


class Judgement(NamedTuple):
    """What a gate found: who is slower, how many that were ranked are lost, and how many
    comparisons it could judge."""

    slower: list[Failure]
    lost: int
    judged: int

    @property
    def not_comparable(self) -> bool:
        """Whether something that is to be judged cannot be."""
        return bool(self.lost) or not self.judged

    def why(self) -> str:
        """Why it fails, as a clause; empty if it does not."""
        parts = []
        if self.slower:
            named = [f"{f.model} at {f.cell} {f.ratio}" for f in self.slower[:_MOST_NAMED]]
            if more := len(self.slower) - len(named):
                named.append(f"{more:,} more")
            allowed = sorted({failure.percent for failure in self.slower})
            limit = f" by more than {listing([f'{p:g}%' for p in allowed])}" if any(allowed) else ""
            parts.append(f"{len(self.slower):,} slower{limit} ({listing(named)})")
        if self.lost:
            parts.append(f"{self.lost:,} ranked in OLD without a result in NEW")
        if not self.judged:
            parts.append("nothing is ranked, so nothing could be judged")
        return " and ".join(parts)


def judge(comparison: Comparison, percent: float, limits: Sequence[Limit]) -> Judgement:
    """The comparison, judged. Of several limits that hold for a row the last counts."""
    slower, judged = [], 0
    for table in comparison.tables:
        cell = f"{table.cell.purpose}: {cell_phrase(table.cell)}"
        for row in table.comparisons.itertuples():
            judged += row.verdict not in ("not ranked", "no interval")
            allowed = _allowed(row.model, cell, percent, limits)
            if row.verdict.startswith("slower") and _beyond(table, row, allowed):
                ratio = f"{times(row.ratio)} ({span(row.low, row.high)})"
                slower.append(Failure(cell, row.model, ratio, allowed))
    lost = sum(loss.ranked for loss in comparison.not_compared)
    return Judgement(slower, lost, judged)


def _allowed(model: str, cell: str, percent: float, limits: Sequence[Limit]) -> float:
    fitting = [one.percent for one in limits if one.model.search(model) and one.cell.search(cell)]
    return fitting[-1] if fitting else percent


def _beyond(table: Table, row: Any, percent: float) -> bool:
    """Whether the whole interval is beyond the limit."""
    factor = 1 + percent / 100
    if table.metric == METRIC_OF[THROUGHPUT]:
        return bool(row.high < 1 / factor)
    return bool(row.low > factor)


def percent_of(text: str) -> float:
    """5 or 5% as a number. Raises ValueError."""
    value = float(text.removesuffix("%"))
    if not 0 <= value < 1000:
        raise ValueError(f"{text} is no share from 0% to 1000%")
    return value


def read_limits(path: Path) -> tuple[float | None, list[Limit]]:
    """The percentage for all others, if the file has one, and the limits of a TOML file. Raises
    ResultsError."""
    try:
        content = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise ResultsError(f"--limits {path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ResultsError(f"--limits {path}: not TOML: {error}; {_FORM}") from error
    try:
        _only(content, {"percent", "limit"})
        common = _percent(content["percent"]) if "percent" in content else None
        return common, [_limit(one) for one in _tables(content.get("limit", []))]
    except (ValueError, re.error) as error:
        raise ResultsError(f"--limits {path}: {error}; {_FORM}") from error


def _tables(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("limit is no array of tables")
    return found


def _limit(one: dict[str, Any]) -> Limit:
    _only(one, {"model", "cell", "percent"})
    if "percent" not in one:
        raise ValueError("a limit has no percent")
    patterns = [one.get("model", ""), one.get("cell", "")]
    if not all(isinstance(pattern, str) for pattern in patterns):
        raise ValueError("model and cell are to be regular expressions")
    model, cell = (re.compile(pattern) for pattern in patterns)
    return Limit(model, cell, _percent(one["percent"]))


def _only(found: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(found) - known):
        raise ValueError(f"unknown {listing(unknown)}")


def _percent(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"percent {value!r} is no number")
    return percent_of(str(value))

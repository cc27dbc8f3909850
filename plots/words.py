"""Numbers, cells and sample sizes in words, the same in charts, tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from plots.cells import Cell, varying_axes
from plots.stats import AaSpread

MINUS, DASH, TIMES = "\u2212", "\u2013", "\u00d7"
_TRANSPORTS = {"tcp": "TCP", "unix": "Unix sockets"}
_ARRIVALS = {"poisson": "Poisson", "onoff": "on/off"}
_ORDINARY = {"idle": 0, "depth": 1, "loops": 1, "workers": 4, "work_us": 0}
_ORDINARY |= {"family": "query", "backend": "delay"}


def significant(value: float, digits: int = 3) -> str:
    """Plain decimals with thousands separators: 12,300  4.56  0.00789; '–' for NaN."""
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    rounded = round(value, _decimals(value, digits))
    return f"{rounded:,.{max(0, _decimals(rounded, digits))}f}"


def _decimals(value: float, digits: int) -> int:
    """Decimals that leave so many significant digits; negative before the point."""
    return digits - 1 - math.floor(math.log10(abs(value)))


def microseconds(value: float, trimmed: bool = True) -> str:
    """A time with the unit that suits it: 850 ns, 7.2 µs, 2 ms, 1.5 s; three significant digits,
    without trailing zeros if `trimmed`."""
    if value is None or not math.isfinite(value):
        return DASH
    for factor, unit in ((1e6, "s"), (1e3, "ms"), (1.0, "µs")):
        if value >= factor * 0.9995:
            break
    else:
        factor, unit = 1e-3, "ns"
    number = significant(value / factor)
    return f"{_trimmed(number) if trimmed else number} {unit}" if value else "0"


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def times(ratio: float) -> str:
    """A ratio: 1.62×, 0.998×, 1.013× (three decimals near 1, where they matter), 115×."""
    if not math.isfinite(ratio):
        return DASH
    return f"{ratio:.3f}{TIMES}" if abs(ratio - 1) < 0.1 else f"{significant(ratio)}{TIMES}"


def span(low: float, high: float) -> str:
    """An interval of ratios, with as many decimals at both ends: 1.58–1.66, 0.938–1.160; '–' where
    there is none."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return DASH
    if low < 1.1 and high < 10:
        return f"{low:.3f}{DASH}{high:.3f}"
    return f"{times(low)[:-1]}{DASH}{times(high)[:-1]}"


def extent(low: str, high: str) -> str:
    """The ends of a range in words: 7.1 to 8.3, or 7.1 where both read alike."""
    return low if low == high else f"{low} to {high}"


def percent(share: float) -> str:
    """A share of 1 as percent with two digits: 1.3%, 12%, 0.31%."""
    return f"{significant(100 * share, 2)}%" if math.isfinite(share) else DASH


def count_range(values: Iterable[float]) -> str:
    """Whole numbers that should agree, and their range where they do not: 5, 4–5."""
    whole = sorted({int(value) for value in values if math.isfinite(value)})
    if not whole:
        return DASH
    ends = whole if len(whole) == 1 else [whole[0], whole[-1]]
    return DASH.join(f"{end:,}" for end in ends)


def plural(count: int, noun: str) -> str:
    """1 cell, 2 cells, 2 queries."""
    return f"1 {noun}" if count == 1 else f"{count:,} {_plural_of(noun)}"


def _plural_of(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def listing(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def sentence(words: str) -> str:
    """The words with a capital first letter and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def sample_size(entries: pd.DataFrame) -> str:
    """n of some entries: 5 invocations × 8 rounds × 2,000 queries."""
    if entries.empty:
        return "no measurements"
    each = ["cell", "model", "entry"]
    invocations = entries.drop_duplicates([*each, "run", "invocation"]).groupby(each).size()
    factors = {"invocation": invocations, "round": entries["rounds"]}
    factors["query"] = entries["turn_queries"]
    return f" {TIMES} ".join(_counted(noun, counts) for noun, counts in factors.items())


def _counted(noun: str, counts: pd.Series) -> str:
    """1 round, 4–5 rounds."""
    return plural(1, noun) if set(counts) == {1} else f"{count_range(counts)} {_plural_of(noun)}"


def aa_statement(spread: AaSpread | None) -> str:
    """One model against itself, as a sentence."""
    if spread is None:
        return "No model was entered twice, so there is no A/A figure."
    return f"One model against itself: {aa_words(spread)}."


def aa_words(spread: AaSpread) -> str:
    """95% of 66 pairs within 7.2%; all 15 pairs within 1.8%, at 5 × 8 rounds."""
    pairs = "the one pair" if spread.pairs == 1 else f"all {spread.pairs} pairs"
    if spread.share < 1:
        pairs = f"{percent(spread.share)} of {spread.pairs:,} pairs"
    at = f", at {rounds_words(spread)}" if spread.rounds else ""
    return f"{pairs} within {aa_limit(spread)}{at}"


def aa_limit(spread: AaSpread) -> str:
    """How far one model differs from itself, as percent: 7.2%."""
    return percent(math.exp(spread.limit) - 1)


def aa_by_rounds(spreads: Iterable[AaSpread]) -> str:
    """Figures that differ in their rounds: 7.8% at 5 × 1 round; 5% at 5 × 2 rounds."""
    return "; ".join(
        f"{aa_limit(spread)} at {rounds_words(spread)}" if spread.rounds else aa_words(spread)
        for spread in spreads
    )


def rounds_words(spread: AaSpread) -> str:
    """What each pair rests on: 5 × 8 rounds, invocations first."""
    return f"{spread.invocations} {TIMES} {plural(spread.rounds, 'round')}"


def axis_words(axis: str, value: Any) -> str:
    """One axis of a cell: '64 in flight', '2 ms delay', 'TCP'."""
    if value is None:
        return {"rate_qps": "closed loop"}.get(axis, f"{axis} unknown")
    phrases = {
        "in_flight": lambda: f"{value:,} in flight",
        "delay_us": lambda: f"{microseconds(value)} delay" if value else "no delay",
        "delay_shape": lambda: f"{value} delays",
        "transport": lambda: _TRANSPORTS.get(value, str(value)),
        "connections": lambda: f"{value} connections",
        "reply_bytes": lambda: f"{value:,}-byte replies",
        "work_us": lambda: f"{microseconds(value)} of work per reply" if value else "no work",
        "idle": lambda: f"{value:,} idle connections" if value else "no idle connections",
        "depth": lambda: f"depth {value:,}",
        "loops": lambda: plural(value, "loop"),
        "workers": lambda: plural(value, "worker"),
        "rate_qps": lambda: f"{significant(value)} queries/s offered",
        "arrivals": lambda: f"{_ARRIVALS.get(value, value)} arrivals",
        "backend": lambda: f"{value} backend",
        "family": lambda: f"{value} family",
    }
    return phrases[axis]()


def cell_words(cell: Cell, axes: Sequence[str] | None = None) -> str:
    """A cell in words: the given axes, or all that are out of the ordinary."""
    chosen = [axis for axis in (axes or cell.axes) if axes or not _ordinary(axis, cell)]
    order = ("in_flight", "delay_us", "transport", "connections", "reply_bytes")
    ranked = sorted(chosen, key=lambda axis: order.index(axis) if axis in order else len(order))
    words = [axis_words(axis, cell.axes[axis]) for axis in ranked if axis != "delay_shape"]
    if "delay_shape" not in chosen:
        return ", ".join(words)
    return ", ".join(word.replace(" delay", f" {cell.axes['delay_shape']} delay") for word in words)


def _ordinary(axis: str, cell: Cell) -> bool:
    """Whether nobody needs to hear this axis: it is off, or what every cell has."""
    value = cell.axes[axis]
    if axis == "delay_shape":
        return value is None or not cell.axes["delay_us"]
    return value is None or value == _ORDINARY.get(axis)


def short_names(cells: Sequence[Cell]) -> dict[int, str]:
    """Cells told apart by what differs among them, the number in flight always said; what is off
    in a cell goes without saying where they are told apart without it."""
    axes = ["in_flight", *(axis for axis in varying_axes(cells) if axis != "in_flight")]
    full = {cell.number: cell_words(cell, axes) for cell in cells}
    said = {c.number: cell_words(c, [a for a in axes if not _ordinary(a, c)]) for c in cells}
    for names in (said, full):
        if len({*names.values()}) == len(cells):
            return names
    return {cell.number: f"{full[cell.number]} ({cell.purpose})" for cell in cells}


def shared_words(cells: Sequence[Cell]) -> str:
    """What all these cells have in common."""
    varying = {*varying_axes(cells), "in_flight"}
    words = [
        axis_words(axis, value)
        for axis, value in cells[0].axes.items()
        if axis not in varying and not _ordinary(axis, cells[0])
    ]
    return ", ".join(words)

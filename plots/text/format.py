"""Numbers and lists as text, written alike in charts, tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

MINUS, DASH, TIMES = "\u2212", "\u2013", "\u00d7"
_KIB = 1024


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


def plain(value: float) -> str:
    """A number without trailing zeros, as an axis shows it: 0.5, 12, 1,500."""
    return _trimmed(significant(value, 6))


def microseconds(value: float, trimmed: bool = True) -> str:
    """A time, given in microseconds, with the unit that suits it: 850 ns, 7.2 µs, 2 ms, 1.5 s;
    three significant digits, without trailing zeros if `trimmed`."""
    if value is None or not math.isfinite(value):
        return DASH
    for factor, unit in ((1e6, "s"), (1e3, "ms"), (1.0, "µs")):
        if value >= factor * 0.9995:
            break
    else:
        factor, unit = 1e-3, "ns"
    number = significant(value / factor)
    return f"{_trimmed(number) if trimmed else number} {unit}" if value else "0"


def nanoseconds(value: float, trimmed: bool = True) -> str:
    """A time, given in nanoseconds, with the unit that suits it; '≤ 0' where it is not above
    zero."""
    return microseconds(value / 1000, trimmed) if value > 0 else "\u2264 0"


def size(count: float) -> str:
    """A number of bytes with the unit that suits it, in three digits: 64 B, 4.17 KiB, 135 KiB."""
    for scale, unit in ((_KIB**2, "MiB"), (_KIB, "KiB"), (1, "B")):
        if count >= scale:
            break
    return f"{plain(float(f'{count / scale:.3g}'))} {unit}"


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
    """The ends of a range: 7.1 to 8.3, or 7.1 where both read alike."""
    return low if low == high else f"{low} to {high}"


def percent(share: float) -> str:
    """A share of 1 as percent with two digits: 1.3%, 12%, 0.31%."""
    return f"{significant(100 * share, 2)}%" if math.isfinite(share) else DASH


def p_value(p: float) -> str:
    """A p value with three decimals: 0.012, < 0.001; '–' where nothing was tested."""
    if not math.isfinite(p):
        return DASH
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def count_range(values: Iterable[float]) -> str:
    """Whole numbers that should agree, and their range where they do not: 5, 4–5."""
    whole = sorted({int(value) for value in values if math.isfinite(value)})
    if not whole:
        return DASH
    ends = whole if len(whole) == 1 else [whole[0], whole[-1]]
    return DASH.join(f"{end:,}" for end in ends)


def plural(count: int, noun: str) -> str:
    """1 cell, 2 cells, 2 queries."""
    return f"1 {noun}" if count == 1 else f"{count:,} {plural_of(noun)}"


def plural_of(noun: str) -> str:
    """cells, queries."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def listing(items: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."

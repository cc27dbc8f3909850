"""The order and the appearance of models, the same in every chart and every report.

Both follow from a model's own name, style and engine, so they stay the same when other models come
or go. The colour shows the style. Colours grow lighter in display order, so that they can be told
apart in greyscale and by colour-blind readers (a test measures both). Marker and line show the
engine, or which of the kernel's models it is, or which of the style's switches.

A style, an engine or a kernel's model that is not in the tables below is drawn in grey, or with a
spare marker, and comes last.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from zlib import crc32

LineStyle = str | tuple[int, tuple[float, ...]]

INK, MUTED, RULE, BAND = "#1c1c1c", "#5f5f5f", "#d9d9d6", "#e9e7e1"
REFERENCE = "#7a7a7a"
# Markers of what stands outside the ranking.
HOLLOW: dict[str, Any] = {"markerfacecolor": "white", "markeredgewidth": 1.2}

STYLE_COLOURS = {
    "callback": "#14213d",
    "generator": "#6a1b6e",
    "coroutine": "#1f63b0",
    "fiber": "#d2553a",
    "thread": "#2f9e83",
    "process": "#d8a02b",
}
_DASHED, _DOTTED, _LONG = (0, (4.0, 2.0)), (0, (1.0, 1.4)), (0, (9.0, 2.0))
_DASH_DOT = (0, (5.0, 1.6, 1.0, 1.6))
_ENGINES: dict[str, tuple[str, LineStyle]] = {
    "select": ("v", _DOTTED),
    "poll": ("^", _DASH_DOT),
    "epoll": ("o", "solid"),
    "libuv": ("D", _DASHED),
    "io_uring": ("s", _LONG),
}
_KERNEL_MODELS: dict[str, tuple[str, str, LineStyle]] = {
    "blocking": (REFERENCE, "x", _DASHED),
    "thread-per-connection": (STYLE_COLOURS["thread"], "P", "solid"),
    "thread-pool": (STYLE_COLOURS["thread"], "X", _DASHED),
    "process-per-connection": (STYLE_COLOURS["process"], "*", "solid"),
    "process-pool": (STYLE_COLOURS["process"], "h", _DASHED),
    "process-broker-threads": (STYLE_COLOURS["process"], "p", _DASH_DOT),
    "process-broker-coroutines": (STYLE_COLOURS["process"], ">", _LONG),
}
_SWITCHES: dict[str, tuple[str, LineStyle]] = {
    "callback": ("o", "solid"),
    "generator": ("o", "solid"),
    "generator-by-hand": ("d", _DASHED),
    "minimal-coroutine": ("o", _DOTTED),
    "coroutine": ("o", "solid"),
    "coroutine-transfer": ("o", "solid"),
    "fiber": ("o", "solid"),
    "callcc": ("o", _DOTTED),
    "ucontext": ("d", _DASHED),
    "thread-futex": ("P", "solid"),
    "thread-condvar": ("X", _DASHED),
    "thread-semaphore": ("p", _DASH_DOT),
    "thread-pipe": ("<", _LONG),
    "process-pipe": ("*", "solid"),
    "process-socket": ("h", _DASHED),
}
# What stands for a colour where the page is dark; the background of all charts is white.
ON_DARK = {
    "#ffffff": "#18181b",
    INK: "#e9e7e2",
    MUTED: "#aeaca6",
    RULE: "#3d3d42",
    BAND: "#2b2b30",
    REFERENCE: "#a0a0a0",
    "#14213d": "#b4c4ee",
    "#6a1b6e": "#d197d6",
    "#1f63b0": "#6aa8ee",
    "#d2553a": "#ef8a70",
    "#2f9e83": "#56c9ab",
    "#d8a02b": "#e7bd58",
}
# By rules of dispatch, which no model is.
_RULES: dict[str, tuple[str, str, LineStyle]] = {
    "least-loaded": (STYLE_COLOURS["coroutine"], "o", "solid"),
    "first-free": (STYLE_COLOURS["fiber"], "s", _LONG),
    "random": (STYLE_COLOURS["thread"], "^", _DASHED),
    "pipelined": (STYLE_COLOURS["callback"], "D", _DASH_DOT),
}
GUEST_KINDS = ("handwritten", "library", "language runtime")
_SPARE_MARKERS = ("<", ">", "p", "d", "H", "8")
_SPARE_LINES: tuple[LineStyle, ...] = ("solid", _DASHED, _DASH_DOT, _LONG)


class Appearance(NamedTuple):
    """Colour, marker and line of one model, or of one kind of switch."""

    colour: str
    marker: str
    line: LineStyle


def appearance_of(model: str, style: str | None, engine: str | None) -> Appearance:
    """The appearance of a model; `style` and `engine` are None where the kernel is both."""
    if model in _KERNEL_MODELS:
        return Appearance(*_KERNEL_MODELS[model])
    spare = crc32(model.encode())
    unknown = (_SPARE_MARKERS[spare % len(_SPARE_MARKERS)], _SPARE_LINES[spare % len(_SPARE_LINES)])
    marker, line = _ENGINES.get(engine or "", _SWITCHES.get(model, unknown))
    return Appearance(STYLE_COLOURS.get(style or "", REFERENCE), marker, line)


def rule_appearance(rule: str) -> Appearance:
    """The appearance of a rule by which queries get a connection of a pool."""
    return Appearance(*_RULES.get(rule, (REFERENCE, _SPARE_MARKERS[0], "solid")))


def display_order(model: str, style: str | None, engine: str | None) -> tuple[int, int, int]:
    """Sort key: the kernel's models, then style by style and engine by engine, then models that
    are not in the tables."""
    if model in _KERNEL_MODELS:
        return (0, list(_KERNEL_MODELS).index(model), 0)
    return (1, _place(style, STYLE_COLOURS), _place(engine, _ENGINES))


def guest_order(kind: str | None) -> int:
    """Sort key: models (no kind) before guests, and those kind by kind."""
    return 0 if kind is None else 1 + _place(kind, dict.fromkeys(GUEST_KINDS))


def _place(word: str | None, known: dict) -> int:
    return list(known).index(word) if word in known else len(known)

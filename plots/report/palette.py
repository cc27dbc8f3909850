"""The colours of the page, light and dark, as CSS variables; a drawing inside the page uses these
in place of its own."""

from __future__ import annotations

import re

from plots.analysis.appearance import BAND, INK, MUTED, ON_DARK, RULE

_NAMES = {"#ffffff": "paper", INK: "ink", MUTED: "muted", RULE: "rule", BAND: "band"}
_TINT = ("tint", "#f5f4f1", "#242429")  # behind notices and commands
_COLOUR = re.compile(r"(?<=fill: |roke: )#[0-9a-f]{6}|(?<=fill: |roke: )white")


def variable(colour: str) -> str:
    """The variable that stands for a colour of plots.analysis.appearance."""
    return _NAMES.get(colour, f"colour-{colour.removeprefix('#')}")


def palette() -> list[tuple[str, str, str]]:
    """Variables with their light and their dark value."""
    return [*((variable(light), light, dark) for light, dark in ON_DARK.items()), _TINT]


def themed(svg: str) -> str:
    """The drawing with variables in place of the colours that have one."""
    return _COLOUR.sub(_themed_colour, svg)


def _themed_colour(found: re.Match[str]) -> str:
    colour = "#ffffff" if found[0] == "white" else found[0]
    return f"var(--{variable(colour)})" if colour in ON_DARK else found[0]

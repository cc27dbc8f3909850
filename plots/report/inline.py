"""A drawing as a page shows it, inside itself."""

from __future__ import annotations

import re
from typing import NamedTuple

from markupsafe import escape

from plots.charts.drawing.canvas import Drawn
from plots.report.compact import Compactor
from plots.report.palette import themed


class Drawing(NamedTuple):
    """A chart as the page shows it: `svg` is the element alone, free to take the page's width."""

    name: str
    caption: str
    svg: str


def inline_svg(chart: Drawn, compactor: Compactor) -> str:
    """The <svg> element without prolog and metadata, with a label for screen readers, and with the
    page's colours."""
    svg = chart.svg[chart.svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    opening, rest = svg.split(">", 1)
    opening = re.sub(r'\s(?:width|height)="[^"]*"', "", opening)
    label = escape(f"{chart.title}. {chart.caption}")
    return f'{opening} role="img" aria-label="{label}">{compactor.compact(themed(rest))}'

"""The page of a chart: type, colours, a grid of panels, and the SVG, PDF and PNG files.

Sizes are in inches and fixed, so a chart looks the same wherever it is made; the files carry no
date, no version and no random identifier.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from plots.analysis.appearance import INK, MUTED, RULE

WIDTH = 8.6
_PNG_DPI = 160
_MOST_PIXELS = 2**16 - 1  # of its height: Agg draws no more
_TITLE_HEIGHT = 0.58
_BOLD_WIDTH = 0.077  # of a letter of a panel title
_FONT = "'DejaVu Sans'"
_FONTS = f"{_FONT}, Verdana, sans-serif"  # Verdana's letters are as wide
_PAPER = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "text.parse_math": False,  # a name with a $ is a name
    "lines.linewidth": 1.5,
    "lines.markersize": 5.5,
    "svg.fonttype": "none",  # text stays text: to be read aloud, searched and edited
    "pdf.fonttype": 42,  # journals refuse Type 3
    "svg.hashsalt": "waitbench",
    "path.simplify": False,
}


_IN_STYLE = re.compile(r'(?<= style=")[^"]*')


class Drawn(NamedTuple):
    """A chart with its files, as it goes from one process to another."""

    name: str
    title: str
    caption: str
    svg: str
    pdf: bytes
    png: bytes


@dataclass(frozen=True)
class Chart:
    """A drawn chart: `name` is that of its files, `caption` says what it shows, and n."""

    name: str
    title: str
    caption: str
    figure: Figure

    def svg(self) -> str:
        """The chart as an SVG document; its identifiers begin with the chart's name, so that
        several can stand in one page."""
        stream = io.StringIO()
        with paper():
            self.figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
        named = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{self.name}-", stream.getvalue())
        named = _IN_STYLE.sub(lambda style: style[0].replace(_FONT, _FONTS), named)
        return "\n".join(line.rstrip() for line in named.splitlines()) + "\n"

    def drawn(self) -> Drawn:
        """The chart in all its forms."""
        return Drawn(self.name, self.title, self.caption, self.svg(), self.pdf(), self.png())

    def png(self) -> bytes:
        """The chart as a PNG image."""
        raw, stream = io.BytesIO(), io.BytesIO()
        dpi = min(_PNG_DPI, int(_MOST_PIXELS / self.figure.get_figheight()))
        with paper():
            FigureCanvasAgg(self.figure)
            self.figure.savefig(raw, format="rgba", dpi=dpi)
        size = tuple(int(inches * dpi) for inches in self.figure.get_size_inches())
        image = Image.frombuffer("RGBA", size, raw.getbuffer(), "raw", "RGBA", 0, 1)
        # Paper is not transparent, and to press harder takes as long as the drawing.
        image.convert("RGB").save(stream, "png", dpi=(dpi, dpi), compress_level=3)
        return stream.getvalue()

    def pdf(self) -> bytes:
        """The chart as a PDF document, with its type embedded."""
        stream = io.BytesIO()
        nothing = dict.fromkeys(("CreationDate", "Creator", "Producer"))
        with paper():
            self.figure.savefig(stream, format="pdf", metadata=nothing)
        return stream.getvalue()


@contextmanager
def paper() -> Iterator[None]:
    """Type and colours of every chart, whatever the user's own matplotlib settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_PAPER)
        yield


@dataclass(frozen=True)
class Grid:
    """Measures of a page of equal panels, in inches: each `height` high with margins `left`,
    `right` and `below`; `labels` is set aside left of the first column, for names of rows."""

    columns: int
    height: float
    labels: float = 0.0
    left: float = 0.12
    right: float = 0.18
    below: float = 0.4

    def place(self, titles: Sequence[str], title: str, subtitle: str) -> tuple[Figure, list[Axes]]:
        """A titled figure with one titled panel for each of `titles`, row by row."""
        figure, (panels,) = stack([(self, titles)], title, subtitle)
        return figure, panels

    def wrapped(self, titles: Sequence[str]) -> list[list[str]]:
        """The titles in lines that are not longer than a panel is wide."""
        width = self._pitch_x(titles) - self.left
        return [textwrap.wrap(words, int(width / _BOLD_WIDTH)) for words in titles]

    def total(self, titles: Sequence[str]) -> float:
        """The height of all rows of panels."""
        return -(-len(titles) // self._columns(titles)) * self._pitch_y(titles)

    def add_panels(self, figure: Figure, titles: Sequence[str], top: float) -> list[Axes]:
        """The panels, from so many inches above the lower edge of the figure downwards."""
        height = figure.get_figheight()
        pitch_x, pitch_y = self._pitch_x(titles), self._pitch_y(titles)
        size = ((pitch_x - self.left - self.right) / WIDTH, self.height / height)
        panels = []
        for number, lines in enumerate(self.wrapped(titles)):
            row, column = divmod(number, self._columns(titles))
            x = self.labels + column * pitch_x + self.left
            y = top - (row + 1) * pitch_y + self.below
            axes = figure.add_axes((x / WIDTH, y / height, *size))
            axes.set_title("\n".join(lines), loc="left", size=9, weight="bold", pad=6)
            panels.append(axes)
        return panels

    def _columns(self, titles: Sequence[str]) -> int:
        return min(self.columns, len(titles))

    def _pitch_x(self, titles: Sequence[str]) -> float:
        return (WIDTH - self.labels) / self._columns(titles)

    def _pitch_y(self, titles: Sequence[str]) -> float:
        above = 0.12 + 0.16 * max(len(lines) for lines in self.wrapped(titles))
        return above + self.height + self.below


def stack(
    blocks: Sequence[tuple[Grid, Sequence[str]]], title: str, subtitle: str
) -> tuple[Figure, list[list[Axes]]]:
    """A titled figure with blocks of panels below each other, each with the titles of its panels;
    gives the panels by block."""
    heights = [grid.total(titles) for grid, titles in blocks]
    top = sum(heights)
    figure = _titled(top + _TITLE_HEIGHT, title, subtitle)
    panels = []
    for (grid, titles), height in zip(blocks, heights):
        panels.append(grid.add_panels(figure, titles, top))
        top -= height
    return figure, panels


def _titled(height: float, title: str, subtitle: str) -> Figure:
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    figure.text(0.1 / WIDTH, 1 - 0.1 / height, title, size=11.5, weight="bold", va="top")
    figure.text(0.1 / WIDTH, 1 - 0.34 / height, subtitle, size=9, color=MUTED, va="top")
    return figure


def key(figure: Figure, marks: dict[str, dict]) -> None:
    """Explains marks at the top right: line properties by the words for them."""
    plain = {"color": INK, "linestyle": "none"}
    handles = [Line2D([], [], label=word, **plain | mark) for word, mark in marks.items()]
    legend(figure, handles, columns=len(handles), handletextpad=0.1)


def legend(figure: Figure, handles: Sequence[Artist], columns: int = 2, **spacing) -> None:
    """Explains labelled samples at the top right, in so many columns."""
    figure.legend(
        handles=handles,
        loc="upper right",
        bbox_to_anchor=(1 - 0.1 / WIDTH, 1 - 0.08 / figure.get_figheight()),
        ncol=columns,
        frameon=False,
        fontsize=8.5,
        columnspacing=1.0,
        borderaxespad=0,
        **spacing,
    )

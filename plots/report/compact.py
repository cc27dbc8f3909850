"""Drawings inside the page in fewer bytes: they look the same, and the files beside the page stay
as they are. What repeats a thousand times, the looks of marks and lines, becomes classes of the
page's style sheet."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BETWEEN = re.compile(r">\s+<")
_IN_PATH = re.compile(r'(?<= d=")[^"]*')
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PLACE = re.compile(r'(?<= (?:x|y)=")-?\d+\.\d{3,}(?=")|(?<=translate\()[^)]*')
_NO_TURN = re.compile(r' transform="rotate\(-?0[ ,][^)]*\)"')
_AROUND_LETTER = re.compile(r" ?([A-Za-z]) ?")
_IDENTIFIER = re.compile(r' id="([^"]*)"')
_POINTED_AT = re.compile(r'(?<=href="#)[^"]*|(?<=url\(#)[^)]*')
_STYLE = re.compile(r' style="([^"]*)"')
_GROUP = re.compile(r"<g( [^>]*)?>|</g>")


class Compactor:
    """Makes the drawings of one page compact, one after the other. All of them share `classes`:
    names of classes by their declarations."""

    def __init__(self) -> None:
        self.classes: dict[str, str] = {}
        self._identifiers: dict[str, str] = {}

    def style_sheet(self) -> str:
        """The rules of the classes that the drawings have."""
        return "\n".join(f".{name}{{{css}}}" for css, name in self.classes.items())

    def compact(self, svg: str) -> str:
        """Without comments, without space between elements, without groups and identifiers that
        nothing needs, and with places to a hundredth of a point."""
        svg = _BETWEEN.sub("><", _COMMENT.sub("", svg))
        svg = _NO_TURN.sub("", svg).replace("xlink:href=", "href=")
        wanted = set(_POINTED_AT.findall(svg))
        svg = _IDENTIFIER.sub(
            lambda found: f' id="{self._short(found[1])}"' if found[1] in wanted else "", svg
        )
        svg = _POINTED_AT.sub(lambda found: self._short(found[0]), svg)
        svg = _IN_PATH.sub(lambda found: _short_path(found[0]), svg)
        svg = _PLACE.sub(lambda found: _rounded(found[0]), svg)
        return _without_plain_groups(_STYLE.sub(self._classed, svg))

    def _short(self, identifier: str) -> str:
        return self._identifiers.setdefault(identifier, f"d{len(self._identifiers)}")

    def _classed(self, found: re.Match[str]) -> str:
        css = found[1].replace("; ", ";").replace(": ", ":")
        return f' class="{self.classes.setdefault(css, f"s{len(self.classes)}")}"'


def _short_path(path: str) -> str:
    return _AROUND_LETTER.sub(r"\1", _rounded(" ".join(path.split())))


def _without_plain_groups(svg: str) -> str:
    """Without <g> elements that have no attribute."""
    kept: list[bool] = []

    def look(found: re.Match[str]) -> str:
        if found[0] == "</g>":
            return found[0] if kept.pop() else ""
        kept.append(bool(found[1]))
        return found[0] if found[1] else ""

    return _GROUP.sub(look, svg)


def _rounded(text: str) -> str:
    return _NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), text)

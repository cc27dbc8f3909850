"""A drawing inside the page is smaller and the same: all that is pointed at is there, and no place
moves by more than a hundredth of a point."""

from __future__ import annotations

import re

from plots.charts.catalog import DRAWERS
from plots.report.compact import compact

NUMBER = re.compile(r"-?\d+\.?\d*")


def test_a_compact_drawing_is_the_same(study_of, document):
    svg = DRAWERS["ratios"](study_of(document)).svg()
    small = compact(svg)
    assert len(small) < 0.9 * len(svg)
    identifiers = set(re.findall(r'\bid="([^"]+)"', small))
    assert identifiers == set(re.findall(r'(?:href="#|url\(#)([^")]+)', small))
    paths = [re.findall(r' d="([^"]*)"', text) for text in (svg, small)]
    assert len(paths[0]) == len(paths[1]) > 10
    for before, after in zip(*paths):
        numbers = [list(map(float, NUMBER.findall(path))) for path in (before, after)]
        assert all(abs(one - other) < 0.006 for one, other in zip(*numbers, strict=True))

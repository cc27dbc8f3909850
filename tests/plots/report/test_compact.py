"""A drawing inside the page is smaller and the same: all that is pointed at is there, and no place
moves by more than a hundredth of a point."""

from __future__ import annotations

import re

from plots.charts.catalog import DRAWERS
from plots.report.compact import Compactor

NUMBER = re.compile(r"-?\d+\.?\d*")


def test_a_compact_drawing_is_the_same(study_of, document):
    svg = DRAWERS["ratios"](study_of(document)).svg()
    small = Compactor().compact(svg)
    assert len(small) < 0.9 * len(svg)
    identifiers = set(re.findall(r'\bid="([^"]+)"', small))
    assert identifiers == set(re.findall(r'(?:href="#|url\(#)([^")]+)', small))
    paths = [re.findall(r' d="([^"]*)"', text) for text in (svg, small)]
    assert len(paths[0]) == len(paths[1]) > 10
    for before, after in zip(*paths):
        numbers = [list(map(float, NUMBER.findall(path))) for path in (before, after)]
        assert all(abs(one - other) < 0.006 for one, other in zip(*numbers, strict=True))


def test_looks_that_repeat_are_classes_which_all_drawings_share(study_of, document):
    study = study_of(document)
    compactor = Compactor()
    drawings = [compactor.compact(DRAWERS[name](study).svg()) for name in ("ratios", "switches")]
    named = {name for svg in drawings for name in re.findall(r' class="([^"]+)"', svg)}
    assert named == set(compactor.classes.values()) and len(named) > 10
    for css, name in compactor.classes.items():
        assert f".{name}{{{css}}}" in compactor.style_sheet()
    identifiers = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in drawings]
    assert not identifiers[0] & identifiers[1]


def test_groups_are_closed_where_they_were_opened():
    svg = '<svg><g id="a"><g clip-path="url(#b)"><g><path d="M 1 2"/></g></g></g><g id="b"/></svg>'
    inside = '<g clip-path="url(#d0)"><path d="M1 2"/></g>'
    assert Compactor().compact(svg.replace('<g id="b"/>', '<rect id="b"/>')) == (
        f'<svg>{inside}<rect id="d0"/></svg>'
    )

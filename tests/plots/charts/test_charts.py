"""Every chart draws what there is, says what it drew, and is the same to the byte again."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scenes
from documents import fail, keep
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba

from plots.analysis.appearance import REFERENCE
from plots.charts.catalog import DRAWERS
from plots.charts.drawing import crowd
from plots.charts.drawing.labels import spread
from plots.charts.drawing.lines import BEHIND


def only(purpose, in_flight=None):
    def wanted(entry):
        return entry["purpose"] == purpose and in_flight in (None, entry["in_flight"])

    return lambda document: keep(document, wanted)


def forget(document, *fields):
    """The document without these measures."""
    for entry in document["benchmarks"]:
        for field in fields:
            entry[field] = None
            if entry["rounds"] and field in entry["rounds"]:
                entry["rounds"][field] = None
    return document


def each_failed(document):
    for entry in document["benchmarks"]:
        if entry["status"] == "ok":
            fail(entry)
    return document


OF_LATENCY = {"latency", "spectrum"}
# From the fixture.
DRAWN = {"ratios", "cost", "costs", "throughput", *OF_LATENCY, "switches", "seam"}
PARTIAL = {
    "everything": (lambda document: document, DRAWN),
    "one matched cell": (
        only("matched", 64),
        {"ratios", "cost", "costs", *OF_LATENCY, "switches"},
    ),
    "one saturated cell": (only("saturated", 64), {"throughput", "latency"}),
    "only the seam": (only("seam"), {"seam"}),
    "one invocation": (lambda d: keep(d, lambda e: e["invocation"] == 0), DRAWN),
    "two invocations": (lambda d: keep(d, lambda e: e["invocation"] < 2), DRAWN),
    "no A/A": (lambda d: keep(d, lambda e: e["entry"] == 0), DRAWN),
    "one model": (
        lambda d: keep(d, lambda e: e["model"] == "coroutine-epoll"),
        {"cost", "costs", "throughput", *OF_LATENCY, "switches"},
    ),
    "only blocking": (
        lambda d: keep(d, lambda e: e["model"] == "blocking"),
        {"cost", "costs", "throughput", *OF_LATENCY, "switches"},
    ),
    "no latencies": (lambda d: forget(d, "latency_us"), DRAWN - OF_LATENCY),
    "no switches": (
        lambda d: forget(d, "switches_voluntary_per_query", "switches_involuntary_per_query"),
        DRAWN - {"switches"},
    ),
    "no CPU times": (
        lambda d: forget(d, "client_cpu_us_per_query"),
        {"cost", "costs", "throughput", *OF_LATENCY, "switches"},
    ),
    "no shares of CPU": (
        lambda d: forget(d, "backend_cpu_share", "client_cpu_share"),
        DRAWN,
    ),
    "only failures": (each_failed, set()),
    "nothing at all": (lambda d: keep(d, lambda e: False), set()),
}


@pytest.mark.parametrize("case", PARTIAL)
def test_charts_draw_with_partial_data(study_of, document, case):
    reduce, expected = PARTIAL[case]
    study = study_of(reduce(document))
    charts = {name: draw(study) for name, draw in DRAWERS.items()}
    assert {name for name, chart in charts.items() if chart} == expected
    for name, chart in charts.items():
        if chart:
            assert chart.name == name and chart.svg().rstrip().endswith("</svg>")


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_caption_says_n(study_of, document, name):
    assert re.search(
        r"n = (4\u2013)?5 invocations \u00d7 8 rounds \u00d7 2,000 queries",
        DRAWERS[name](study_of(document)).caption,
    )


def test_a_caption_states_that_one_invocation_has_no_interval(study_of, document):
    study = study_of(keep(document, lambda entry: entry["invocation"] == 0))
    for name in ("ratios", "cost", "throughput", "switches", "seam"):
        assert "no intervals can be given" in DRAWERS[name](study).caption


def test_a_caption_states_that_a_load_was_not_sustained(study_of, document):
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["purpose"] == "matched":
            entry["flags"] = ["saturated"]
    study = study_of(document)
    for name in ("ratios", "cost"):
        caption = DRAWERS[name](study).caption
        assert "Hollow where not ranked: coroutine-epoll did not sustain the load." in caption


@pytest.mark.parametrize(("purpose", "name"), [("matched", "cost"), ("saturated", "throughput")])
def test_a_cell_with_none_beside_it_has_a_row_for_each_model(study_of, document, purpose, name):
    several = DRAWERS[name](study_of(document)).figure.axes[0]
    assert several.get_xlabel().startswith("queries in flight")
    study = study_of(only(purpose, 64)(document))
    axes = DRAWERS[name](study).figure.axes[0]
    written = [text.get_text() for text in axes.texts]
    assert set(study.models) <= set(written)
    assert len(written) == 2 * len(study.models), "each row has its number too"


def test_cells_that_stand_alone_have_rows_below_the_lines_of_others(study_of, document):
    rows = scenes.matrix_entries()
    lines = [row | {"in_flight": n, "max_in_flight": n} for row in rows for n in (8, 64)]
    alone = [row | {"idle": 500, "purpose": "idle"} for row in rows]
    document["benchmarks"] = lines + alone
    study = study_of(document)
    *by_style, last = DRAWERS["cost"](study).figure.axes
    assert {axes.get_xlabel() for axes in by_style} == {"queries in flight"}
    assert len(by_style) == len(scenes.STYLES)
    written = [text.get_text() for text in last.texts]
    assert set(study.models) <= set(written) and len(written) == 2 * len(study.models)


@pytest.mark.parametrize("name", ["ratios", "cost", "latency", "switches"])
def test_a_chart_draws_so_many_cells_at_most_and_says_how_many_there_are(
    study_of, document, monkeypatch, name
):
    study = study_of(document)
    everything = DRAWERS[name](study)
    assert "are drawn" not in everything.caption
    monkeypatch.setattr(crowd, "MOST_PANELS", 1)
    chart = DRAWERS[name](study)
    assert len(chart.figure.axes) == 1
    assert re.search(r"The first 1 of [2-9] cells are drawn", chart.caption)


def test_many_models_have_a_panel_for_each_style(study_of, document):
    many = scenes.matrix_entries()
    more = {"in_flight": 256, "max_in_flight": 256, "delay_us": 12800.0}
    document["benchmarks"] = many + [row | more for row in many]
    study = study_of(document)
    chart = DRAWERS["cost"](study)
    panels = chart.figure.axes
    assert [axes.get_title(loc="left").split(":")[0] for axes in panels] == list(scenes.STYLES)
    for style, axes in zip(scenes.STYLES, panels):
        names = {text.get_text() for text in axes.texts} - {""}
        assert names == {f"{style}-{engine}" for engine in scenes.ENGINES}
        (grey,) = [lines for lines in axes.collections if lines.get_zorder() == BEHIND]
        assert len(grey.get_segments()) == len(study.models) - len(scenes.ENGINES)
        assert axes.get_ylim() == panels[0].get_ylim(), "panels are compared"
    assert "grey behind its lines are those of all others" in chart.caption


def are_hollow(chart, in_flight):
    """Of each point at so many in flight, whether it is drawn hollow, but for the cross of
    blocking, which has nothing to fill."""
    marks = [one for one in chart.figure.axes[0].collections if isinstance(one, PathCollection)]
    here = [
        tuple(one.get_facecolors()[0]) == to_rgba("white")
        for one in marks
        if tuple(one.get_facecolors()[0]) != to_rgba(REFERENCE)
        for x, _ in one.get_offsets()
        if abs(x / in_flight - 1) < 0.1
    ]
    assert here
    return here


def test_where_nothing_is_ranked_all_points_are_hollow_with_the_reason(study_of, document):
    for entry in document["benchmarks"]:
        if entry["in_flight"] == 256 and entry["model"] == "callback-epoll":
            entry["flags"] = ["backend-limited"]
    chart = DRAWERS["cost"](study_of(document))
    assert all(are_hollow(chart, 256)) and not all(are_hollow(chart, 64))
    assert "Nothing is ranked at 256 in flight" in chart.caption
    assert "callback-epoll was held back by the backend" in chart.caption


def test_few_models_share_a_panel(study_of, document):
    chart = DRAWERS["cost"](study_of(document))
    assert len(chart.figure.axes) == 1 and "grey" not in chart.caption


def test_a_caption_names_the_backends_limit(study_of, document):
    caption = DRAWERS["throughput"](study_of(document)).caption
    assert "Hollow points at 256 in flight were limited by the backend" in caption


def test_the_backends_limit_is_drawn_where_a_model_comes_near_it(study_of, document):
    assert "Dotted" in DRAWERS["throughput"](study_of(document)).caption
    for entry in document["benchmarks"]:
        if entry["backend_cpu_share"]:
            entry["backend_cpu_share"] /= 10
    assert "Dotted" not in DRAWERS["throughput"](study_of(document)).caption


def test_the_users_matplotlib_settings_change_nothing(study_of, document):
    import matplotlib

    study = study_of(document)
    plain = DRAWERS["cost"](study).svg()
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.hashsalt": "mine"}):
        assert DRAWERS["cost"](study).svg() == plain


def test_two_drawings_share_no_identifier(study_of, document):
    study = study_of(document)
    found = [set(re.findall(r'\bid="([^"]+)"', DRAWERS[n](study).svg())) for n in ("cost", "seam")]
    assert not found[0] & found[1]


def test_a_drawing_holds_no_date(study_of, document):
    svg = DRAWERS["cost"](study_of(document)).svg()
    assert "<dc:date>" not in svg and "Matplotlib" not in svg


def test_labels_keep_their_distance_and_stay_near():
    placed = spread([10, 11, 50, 90], 5, 0, 100)
    assert np.allclose(placed, [8, 13, 50, 90])
    crowded = spread([50] * 9, 10, 0, 100)
    assert np.allclose(np.diff(crowded), 10) and min(crowded) >= 0 and max(crowded) <= 100
    assert np.allclose(spread([0, 1], 5, 0, 100), [0, 5])


def test_the_spectrum_ends_where_ten_queries_are_slower(study_of, document):
    study = study_of(document)
    (axes,) = DRAWERS["spectrum"](study).figure.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) > 10]
    assert len(lines) == 4
    for line in lines:
        shares, latencies = line.get_xdata(), line.get_ydata()
        assert shares[0] == 1 and (np.diff(shares) > 0).all() and (np.diff(latencies) >= 0).all()
        entries = 2 if shares[-1] > 8001 else 1  # the baseline is entered twice
        assert 6000 * entries < shares[-1] < 8001 * entries
    shares, latencies = study.spectrum(2, "callback-epoll")
    median = study.latency(2, "callback-epoll")["p50"]
    assert np.interp(2, shares, latencies) == pytest.approx(median, rel=0.1)

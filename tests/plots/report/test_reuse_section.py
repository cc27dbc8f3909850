"""What reuse buys: fresh connections beside kept ones, for client and server."""

from __future__ import annotations

import backend_scenes
import pytest

from plots.analysis.reuse import reuse, reuse_cells
from plots.report.page import page
from plots.report.reuse_section import reuse_answers, reuse_tables

COSTS = {"callback-epoll": 7.0, "coroutine-epoll": 9.0}
FRESH = {"callback-epoll": 42.0, "coroutine-epoll": 36.0}  # 6 and 4 times as much


def reused(document, fresh=FRESH, server=(4.0, 200.0), **axes):
    kept = backend_scenes.cell(COSTS, server[0])
    opened = backend_scenes.cell(fresh, server[1], connections="fresh", **axes)
    return document | {"benchmarks": kept + opened}


def test_ratios_are_those_of_fresh_to_kept_with_intervals(study_of, document):
    study = study_of(reused(document))
    ((kept, fresh),) = reuse_cells(study)
    found = {of.model: of for of in reuse(study, kept, fresh)}
    for model, cost in COSTS.items():
        ratio = found[model].client.ratio
        assert ratio.mean == pytest.approx(FRESH[model] / cost, rel=0.05)
        assert ratio.mean / 1.1 < ratio.low < ratio.mean < ratio.high < ratio.mean * 1.1
        assert found[model].server.ratio.mean == pytest.approx(50, rel=0.05)
        assert found[model].client.before == pytest.approx(cost, rel=0.05)


def test_sentence_and_table_say_so(study_of, document):
    study = study_of(reused(document))
    (answer,) = reuse_answers(study)
    assert answer.lead == "64 in flight, 2 ms delay, TCP, delay backend"
    assert "callback-epoll" in answer.text and "coroutine-epoll" in answer.text
    assert "It does not show" not in answer.text
    (table,) = reuse_tables(study)
    assert [row["model"] for row in table.rows] == list(COSTS)
    assert table.rows[0]["client_ratio"].startswith(("5.", "6."))
    assert "What reuse buys" in page(study, [])


def test_what_does_not_show_is_said(study_of, document):
    (answer,) = reuse_answers(study_of(reused(document, fresh=COSTS)))
    assert "It does not show for coroutine-epoll" in answer.text


def test_a_server_whose_cost_is_not_known_has_no_ratio(study_of, document):
    study = study_of(reused(document, server=(None, None)))
    (answer,) = reuse_answers(study)
    assert "What it costs the server is not known" in answer.text
    (table,) = reuse_tables(study)
    assert {row["server_ratio"] for row in table.rows} == {"\N{EN DASH}"}


@pytest.mark.parametrize("axes", [{"delay_us": 4000.0}, {"transport": "unix"}, {"backend": "http"}])
def test_cells_that_differ_in_more_are_not_compared(study_of, document, axes):
    study = study_of(reused(document, **axes))
    assert reuse_cells(study) == []
    assert "What reuse buys" not in page(study, [])

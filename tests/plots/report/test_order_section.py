"""Does the order survive: the same models on several backends, side by side."""

from __future__ import annotations

import backend_scenes
import pytest
from backend_scenes import NO_ORDER, ORDER, OTHER_ORDER

from plots.analysis.order import share, side_by_side, survival
from plots.report.order_section import order_tables
from plots.report.page import page


@pytest.fixture
def study_with(study_of, document):
    return lambda **costs: study_of(document | {"benchmarks": backend_scenes.backends(**costs)})


def of_backends(study, *names):
    (group,) = side_by_side(study)
    by_name = {cell.axes["backend"]: cell for cell in group}
    return [by_name[name] for name in names]


def test_an_order_that_survives_is_counted_pair_by_pair(study_with):
    larger = {model: 10 * cost for model, cost in ORDER.items()}
    study = study_with(delay=ORDER, postgres=larger)
    assert survival(study, *of_backends(study, "delay", "postgres")) == (3, 0, 0)


def test_an_order_that_is_turned_round_is_counted_as_such(study_with):
    study = study_with(delay=ORDER, postgres=OTHER_ORDER)
    assert survival(study, *of_backends(study, "delay", "postgres")) == (2, 1, 0)


def test_where_nothing_shows_the_page_says_so_with_the_interval(study_with):
    study = study_with(delay=ORDER, postgres=NO_ORDER)
    cells = of_backends(study, "delay", "postgres")
    counts = survival(study, *cells)
    assert counts.pairs == 3 and counts.not_told >= 2, "a false alarm is possible"
    answers = {answer.lead: answer.text for answer in order_tables(study)[0].answers}
    said = answers["What the model decides: postgres"]
    assert said.startswith("Nothing that shows: no model is told apart from callback-epoll")
    assert "95% interval 0." in said or "95% interval 1." in said
    assert "Nothing that shows" not in answers["What the model decides: delay"]


def test_what_the_model_decides_is_a_share_of_all_that_a_query_takes(study_with):
    study = study_with(delay=ORDER, http=ORDER)
    (cell,) = of_backends(study, "delay")
    decides = share(study, cell)
    assert (decides.least, decides.most) == ("callback-epoll", "thread-per-connection")
    assert decides.low < 12 / 7 < decides.high
    assert decides.of_all == pytest.approx(5 / 112, rel=0.1)


def test_the_table_has_a_column_for_each_backend(study_with):
    study = study_with(delay=ORDER, http=NO_ORDER, postgres=OTHER_ORDER)
    (table,) = order_tables(study)
    assert table.columns == ["delay", "http", "postgres"]
    rows = {row["model"]: row["cells"] for row in table.rows}
    assert [cell[3] for cell in rows["callback-epoll"]] == ["baseline"] * 3
    assert rows["thread-per-connection"][0][1].startswith("1.7")
    assert rows["coroutine-epoll"][2][3] == "faster"
    assert "Does the order survive?" in page(study, [])


def test_a_model_that_one_backend_lacks_has_its_row(study_with):
    study = study_with(delay=ORDER, http={m: 9.0 for m in list(ORDER)[:2]})
    (table,) = order_tables(study)
    rows = {row["model"]: row["cells"] for row in table.rows}
    assert rows["thread-per-connection"][1][3] == "not measured"
    counts = survival(study, *of_backends(study, "delay", "http"))
    assert counts.pairs == 1, "the pairs of models that both have"


def test_one_invocation_is_not_taken_for_nothing_that_shows(study_of, document):
    entries = backend_scenes.backends(delay=ORDER, http=ORDER)
    first = [entry for entry in entries if entry["invocation"] == 0]
    (table,) = order_tables(study_of(document | {"benchmarks": first}))
    for answer in table.answers:
        assert "Nothing that shows" not in answer.text
        assert "no interval" in answer.text or "No two models" in answer.text


def test_one_backend_alone_has_no_such_section(study_with):
    study = study_with(delay=ORDER)
    assert order_tables(study) == []
    assert "Does the order survive?" not in page(study, [])

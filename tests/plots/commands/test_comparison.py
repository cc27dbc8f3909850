"""waitbench compare: two runs, or one run with a baseline."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import scenes
from documents import FIXTURE, keep
from scipy import stats as distributions

from plots.__main__ import main
from plots.analysis import stats, within_rounds
from plots.commands.compare import as_json, as_text, of_runs, with_baseline
from plots.commands.gate import judge

CPU, RATE = "client_cpu_us_per_query", "queries_per_second"


def scale(document, factor, wanted=lambda entry: True, measure=CPU):
    """A later run of the document, in which some entries cost so many times as much."""
    later = copy.deepcopy(document)
    later["context"]["date"] = "2026-02-02T00:00:00Z"
    for entry in later["benchmarks"]:
        if entry["rounds"] and wanted(entry):
            entry["rounds"][measure] = [value * factor for value in entry["rounds"][measure]]
    return later


def verdicts(comparison, model):
    """The verdicts of a model over all cells in which it is ranked."""
    found = [
        row.verdict
        for table in comparison.tables
        for row in table.comparisons.itertuples()
        if row.model == model
    ]
    return {verdict for verdict in found if verdict != "not ranked"}


@pytest.fixture
def compared(study_of, document):
    """Compares the fixture with a later run that differs from it in costs alone."""

    def make(factor, wanted=lambda entry: True, measure=CPU):
        return of_runs(study_of(document), study_of(scale(document, factor, wanted, measure)))

    return make


def test_only_a_model_that_became_more_expensive_is_slower(compared):
    found = compared(1.2, lambda e: e["model"] == "coroutine-epoll" and e["purpose"] == "matched")
    for table in found.tables:
        if table.cell.purpose == "matched":
            rows = {row.model: row for row in table.comparisons.itertuples()}
            assert rows["coroutine-epoll"].ratio == pytest.approx(1.2)
            assert rows["coroutine-epoll"].verdict == "slower"
            assert rows["thread-per-connection"].ratio == pytest.approx(1.0)
            assert rows["thread-per-connection"].verdict == "no detectable difference"


def test_a_machine_that_became_slower_changes_no_verdict(compared):
    found = compared(1.5)
    assert judge(found, 0, []).why() == ""
    for table in found.tables:
        assert np.allclose(table.comparisons["ratio"], 1.0)


def test_a_more_expensive_reference_is_found_relative_to_the_others(compared):
    found = compared(1.2, lambda e: e["model"] == "callback-epoll" and e["purpose"] == "matched")
    assert "slower" in verdicts(found, "callback-epoll")


def test_more_queries_a_second_are_faster(compared):
    found = compared(1.3, lambda e: e["model"] == "coroutine-epoll", RATE)
    assert verdicts(found, "coroutine-epoll") == {"faster", "no detectable difference"}


def test_one_model_alone_is_compared_by_its_levels_and_the_text_states_it(study_of, document):
    keep(document, lambda entry: entry["model"] == "callback-epoll")
    found = of_runs(study_of(document), study_of(scale(document, 1.5)))
    assert {a for t in found.tables for a in t.comparisons["against"]} == {"levels"}
    assert "by its levels" in found.method and "the mean of" not in found.method
    assert "slower" in verdicts(found, "callback-epoll")


def test_runs_of_which_one_let_cpus_sleep_are_compared_with_a_caution(study_of, document):
    later = scale(document, 1.0)
    assert "awake" not in of_runs(study_of(document), study_of(later)).method
    later["context"]["placement"]["awake_cpus"] = [0, 1]
    assert "kept awake in one of the runs" in of_runs(study_of(document), study_of(later)).method


def test_models_of_a_run_moderate_each_other_where_two_runs_are_compared(study_of, document):
    document["benchmarks"] = scenes.matrix_entries()
    old, new = study_of(document), study_of(scale(document, 1.1))
    widths = []
    for row in of_runs(old, new).tables[0].comparisons.itertuples():
        if row.against != "callback-epoll":
            continue
        runs = []
        for study in (old, new):
            entries = within_rounds.measured(study.results, 0)
            logs = within_rounds.by_model(within_rounds.log_rounds(study.results, entries, CPU))
            ratios = (logs[row.model] - logs[row.against]).to_frame(row.model)
            runs.append(within_rounds.estimates(ratios, together=[])[row.model])
        alone = stats.interval(stats.difference(runs[1], runs[0]))
        assert row.ratio == pytest.approx(np.exp(alone.mean))
        widths.append((np.log(row.high / row.low), alone.high - alone.low))
    together, alone = np.std(np.log(widths), axis=0)  # what luck makes widths differ
    assert len(widths) == 19 and together < 0.8 * alone


def test_runs_without_a_cell_in_common_are_refused(capsys, document, store):
    one = store(keep(copy.deepcopy(document), lambda e: e["purpose"] == "matched"), "one.json")
    two = store(keep(document, lambda e: e["purpose"] == "saturated"), "two.json")
    assert main(["compare", str(one), str(two)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_one_run_is_compared_with_its_baseline_as_in_the_report(study_of, document):
    study = study_of(document, "coroutine-epoll")
    found = with_baseline(study)
    for table in found.tables:
        if table.cell.purpose == "matched":
            assert table.relative_to == "coroutine-epoll"
            expected = study.ratios(table.cell.number)["verdict"].tolist()
            assert table.comparisons["verdict"].tolist() == expected
    text = as_text(found)
    assert "p (Holm)" in text and "One model against itself" in text


@pytest.mark.parametrize(("flagged", "verdict"), [("new", "slower"), ("old", "not ranked")])
def test_a_model_that_lost_the_load_is_slower_and_one_that_never_had_it_unranked(
    study_of, document, flagged, verdict
):
    keep(document, lambda entry: entry["purpose"] == "matched")
    runs = {"old": document}
    runs["new"] = scale(document, 1.5, lambda entry: entry["model"] == "coroutine-epoll")
    for entry in runs[flagged]["benchmarks"]:
        if entry["model"] == "coroutine-epoll":
            entry["flags"] = ["saturated"]
    for table in of_runs(study_of(runs["old"]), study_of(runs["new"])).tables:
        rows = {row.model: row.verdict for row in table.comparisons.itertuples()}
        assert rows["coroutine-epoll"] == verdict
        assert rows["thread-per-connection"] != "not ranked"


def test_two_runs_state_where_nothing_is_ranked_and_why(study_of, document):
    for entry in document["benchmarks"]:
        if entry["model"] == "callback-epoll" and entry["in_flight"] == 16:
            entry["flags"] = ["unstable"]
    found = of_runs(study_of(document), study_of(scale(document, 1.0)))
    notes = {(t.cell.purpose, t.cell.in_flight): t.note for t in found.tables if t.note}
    assert notes == {
        ("matched", 16): "nothing is ranked: callback-epoll did not sustain the load",
        ("saturated", 256): "nothing is ranked: the backend was the limit",
    }
    for table in found.tables:
        verdicts_here = set(table.comparisons["verdict"])
        assert (verdicts_here == {"not ranked"}) == bool(table.note)


def test_a_cell_that_ranks_nothing_is_shown_with_the_reason(study_of, document):
    keep(document, lambda entry: entry["purpose"] == "matched" and entry["in_flight"] == 64)
    for entry in document["benchmarks"]:
        entry["purpose"] = "custom"
        if entry["model"] == "callback-epoll":
            entry["flags"] = ["backend-limited"]
    found = with_baseline(study_of(document))
    assert "nothing is ranked: callback-epoll was held back by the backend" in as_text(found)
    (cell,) = json.loads(as_json(found))["cells"]
    assert cell["note"].endswith("held back by the backend")
    assert {row["verdict"] for row in cell["models"]} == {"not ranked"}


def test_json_agrees_with_the_text_and_unknown_is_null(study_of, document):
    keep(document, lambda entry: entry["invocation"] == 0)
    found = with_baseline(study_of(document))
    parsed = json.loads(as_json(found))
    row = parsed["cells"][0]["models"][0]
    assert row["low"] is None and row["p_value"] is None and row["ratio"] > 0
    assert parsed["cells"][0]["axes"]["in_flight"] == 16
    assert len(parsed["cells"]) == as_text(found).count("p (Holm)")


@pytest.mark.parametrize("factor, code", [(1.0, 0), (1.5, 1)])
def test_fail_on_slower_is_the_exit_code(capsys, document, store, factor, code):
    later = scale(document, factor, lambda entry: entry["model"] == "coroutine-epoll")
    files = [str(store(document, "old.json")), str(store(later, "new.json"))]
    assert main(["compare", *files]) == 0
    assert main(["compare", *files, "--fail-on-slower"]) == code
    assert ("slower" in capsys.readouterr().err) == bool(code)


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        ([], "FILE"),
        ([FIXTURE], "OLD NEW"),
        ([FIXTURE, FIXTURE, FIXTURE], "OLD NEW"),
        ([FIXTURE, "--baseline", "walrus"], "walrus"),
        ([FIXTURE, "nowhere.json"], "nowhere.json"),
        ([FIXTURE, Path(__file__)], "not JSON"),
    ],
    ids=str,
)
def test_a_mistake_is_one_line_and_exit_code_2(capsys, arguments, complaint):
    try:
        code = main(["compare", *map(str, arguments)])
    except SystemExit as left:
        code = left.code
    printed = capsys.readouterr()
    assert (code, printed.out, printed.err.count("\n")) == (2, "", 1)
    assert complaint in printed.err


def test_the_difference_of_two_samples_agrees_with_scipy():
    random = np.random.default_rng(5)
    one, other = random.normal(1.0, 1.0, 5), random.normal(0.0, 3.0, 9)
    of_one, of_other = stats.estimate(one), stats.estimate(other)
    found = stats.interval(stats.difference(of_one, of_other))
    expected = distributions.ttest_ind(one, other, equal_var=False)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.mean == pytest.approx(one.mean() - other.mean())
    assert found.n == 5
    moved = stats.estimate(one - found.low)  # so that 0 is an end
    barely = stats.interval(stats.difference(moved, of_other))
    assert barely.p_value == pytest.approx(0.05)


@pytest.mark.parametrize("one, other", [([], [1.0, 2.0]), ([1.0], [1.0, 2.0])])
def test_a_sample_of_fewer_than_two_has_no_interval(one, other):
    found = stats.difference(stats.estimate(one), stats.estimate(other))
    assert np.isnan(stats.interval(found).p_value)

"""Which models are compared with which, and which are ranked."""

from __future__ import annotations

import copy
import math

import make_fixture
import numpy as np
import pytest
import scenes
from documents import fail, keep

from plots.analysis import within_rounds
from plots.data.cells import COST, SEAM, THROUGHPUT
from plots.data.errors import ResultsError

CPU = "client_cpu_us_per_query"


def ratio_of(study, cell, model):
    frame = study.ratios(cell.number)
    return next(frame[frame["model"] == model].itertuples())


def test_ratios_find_the_truth_behind_the_fixture(study_of, document):
    study = study_of(document)
    for cell in study.asking(COST):
        where = (cell.in_flight, cell.axes["delay_us"])
        truth = make_fixture.cost_of("thread-per-connection", *where) / make_fixture.cost_of(
            "callback-epoll", *where
        )
        found = ratio_of(study, cell, "thread-per-connection")
        assert found.ratio == pytest.approx(truth, rel=0.02)
        assert found.low < found.ratio < found.high
        assert found.verdict == "slower"


def test_a_machine_whose_speed_changes_does_not_change_ratios(study_of, document):
    steady = study_of(copy.deepcopy(document))
    for entry in document["benchmarks"]:
        if entry["rounds"]:
            speeds = [1 + 0.5 * place + entry["invocation"] for place in range(8)]
            values = entry["rounds"][CPU]
            entry["rounds"][CPU] = [value * speed for value, speed in zip(values, speeds)]
    varying = study_of(document)
    for cell in steady.asking(COST):
        assert np.allclose(
            steady.ratios(cell.number)["ratio"], varying.ratios(cell.number)["ratio"]
        )


def test_a_ratio_is_the_mean_over_invocations_of_medians_over_rounds(study_of, document):
    keep(document, lambda e: e["purpose"] == "matched" and e["in_flight"] == 16)
    keep(document, lambda e: e["invocation"] < 2 and e["entry"] == 0)
    keep(document, lambda e: e["model"] in ("callback-epoll", "coroutine-epoll"))
    for entry in document["benchmarks"]:
        baseline = entry["model"] == "callback-epoll"
        slower = 2.0 if entry["invocation"] == 0 else 8.0
        entry["rounds"][CPU] = [1.0] * 8 if baseline else [slower] * 5 + [100.0] * 3
    found = study_of(document).ratios(0).iloc[0]
    assert found["ratio"] == pytest.approx(4.0)  # the geometric mean of 2 and 8
    half = 12.7062 * math.log(4) / 2  # t(0.975; 1), and the standard error of two logs
    assert math.log(found["high"] / found["ratio"]) == pytest.approx(half, rel=1e-4)


def test_the_ranked_models_of_a_cell_moderate_each_other_and_no_other_model(study_of, document):
    document["benchmarks"] = [
        *keep(copy.deepcopy(document), lambda e: e["model"] == "blocking")["benchmarks"],
        *scenes.matrix_entries(),
    ]
    study = study_of(document)
    cell = next(c.number for c in study.asking(COST) if len(study.models_in(c.number)) > 2)
    logs = within_rounds.by_model(within_rounds.log_rounds(study.results, study.entries(cell), CPU))
    narrower = []
    for row in study.ratios(cell).itertuples():
        alone = within_rounds.interval_within_rounds(logs[row.model], logs["callback-epoll"])
        assert row.ratio == pytest.approx(alone.mean)
        if row.model == "blocking":
            assert (row.low, row.high) == pytest.approx((alone.low, alone.high))
        assert row.moderated == (row.model != "blocking")
        narrower.append(math.log(row.high / row.low) < math.log(alone.high / alone.low))
    assert sum(narrower) > 0.7 * len(narrower)


def test_a_baseline_entered_twice_counts_as_the_mean_of_both(study_of, document):
    keep(document, lambda e: e["purpose"] == "matched" and e["in_flight"] == 16)
    keep(document, lambda e: e["model"] in ("callback-epoll", "coroutine-epoll"))
    for entry in document["benchmarks"]:
        cost = {"coroutine-epoll": 2.0}.get(entry["model"], (1.0, 4.0)[entry["entry"]])
        entry["rounds"][CPU] = [cost] * 8
    study = study_of(document)
    assert study.ratios(0)["ratio"].tolist() == pytest.approx([1.0])
    assert study.aa(0).limit == pytest.approx(math.log(4))
    assert study.aa(0).pairs == 1


def test_rounds_of_another_cohort_are_not_paired(study_of, document):
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll":
            entry["cohort"] = 1
    study = study_of(document)
    for cell in study.asking(COST):
        assert "coroutine-epoll" not in set(study.ratios(cell.number)["model"])


def test_rounds_that_only_one_model_has_are_left_out(study_of, document):
    whole = study_of(copy.deepcopy(document))
    for entry in document["benchmarks"]:
        if entry["rounds"] and entry["model"] == "coroutine-epoll":
            entry["rounds"] = {name: [*v, 1e6] for name, v in entry["rounds"].items()}
    longer = study_of(document)
    cell = whole.asking(COST)[0]
    found = [ratio_of(study, cell, "coroutine-epoll").ratio for study in (whole, longer)]
    assert found[0] == found[1]


def test_a_model_that_holds_fewer_in_flight_is_a_reference(study_of, document):
    study = study_of(document)
    for cell in study.asking(COST):
        assert ratio_of(study, cell, "blocking").verdict == "not ranked"


def test_a_reference_as_baseline_ranks_nothing(study_of, document):
    study = study_of(document, "blocking")
    for cell in study.asking(COST):
        assert set(study.ratios(cell.number)["verdict"]) == {"not ranked"}


def test_a_backend_limited_cell_ranks_no_throughput(study_of, document):
    study = study_of(document)
    limited = {
        cell.in_flight: study.backend_limited(cell.number) for cell in study.asking(THROUGHPUT)
    }
    assert limited == {64: False, 256: True}
    for cell in study.asking(THROUGHPUT):
        verdicts = set(study.ratios(cell.number)["verdict"])
        assert (verdicts == {"not ranked"}) == limited[cell.in_flight]


def test_more_throughput_is_faster(study_of, document):
    study = study_of(document)
    found = ratio_of(study, study.asking(THROUGHPUT)[0], "thread-per-connection")
    assert found.ratio < 1 and found.verdict == "slower"


def test_the_seam_is_the_model_over_its_handwritten_counterpart(study_of, document):
    study = study_of(document)
    (cell,) = study.asking(SEAM)
    for row in study.seam(cell.number).itertuples():
        assert row.handwritten == f"handwritten-{row.model}"
        assert row.ratio == pytest.approx(make_fixture.SEAM_RATIO[row.model], rel=0.015)


def test_handwritten_counterparts_with_equal_parts_are_matched_by_name(study_of, document):
    """The kernel's models have no engine: two of them look alike by their parts."""
    names = {"callback-epoll": "thread-pool", "coroutine-epoll": "thread-per-connection"}
    keep(document, lambda entry: entry["purpose"] == "seam")
    for entry in document["benchmarks"]:
        for old, new in names.items():
            entry["model"] = entry["model"].replace(old, new)
        entry["style"], entry["engine"] = "thread", None
    frame = study_of(document).seam(0)
    assert dict(zip(frame["model"], frame["handwritten"])) == {
        "thread-per-connection": "handwritten-thread-per-connection",
        "thread-pool": "handwritten-thread-pool",
    }


def test_a_cell_with_too_few_pairs_borrows_the_a_a_figure_of_all(study_of, document):
    study = study_of(document)
    assert {study.aa(cell.number) for cell in study.asking(COST)} == {study.aa(None)}
    again = [copy.deepcopy(e) for e in document["benchmarks"] if e["entry"] == 1]
    for number in (2, 3, 4, 5, 6):
        for entry in copy.deepcopy(again):
            if entry["in_flight"] == 16:
                document["benchmarks"].append(entry | {"entry": number})
    study = study_of(document)
    assert study.aa(0).pairs == 21  # of seven entries
    assert study.aa(1) == study.aa(None)


def test_the_backends_capacity_is_its_rate_over_its_share(study_of, document):
    study = study_of(document)
    cell = study.asking(THROUGHPUT)[0]
    assert study.backend_capacity(cell.number) == pytest.approx(1e6 / 4.1, rel=0.1)


def test_the_backends_capacity_is_that_for_the_model_that_costs_it_least(study_of, document):
    for entry in keep(document, lambda entry: entry["purpose"] == "saturated")["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["backend_cpu_share"]:
            entry["backend_cpu_share"] /= 3
    study = study_of(document)
    cell = study.asking(THROUGHPUT)[0]
    assert study.backend_capacity(cell.number) == pytest.approx(3e6 / 4.1, rel=0.1)


def test_the_harness_own_cost_is_that_of_the_no_op_model(study_of, document):
    assert study_of(document).no_op.mean == pytest.approx(make_fixture.NO_OP_US, rel=0.02)


@pytest.mark.parametrize(
    "absent, chosen",
    [
        ([], "callback-epoll"),
        (["callback-epoll"], "thread-per-connection"),
        (["callback-epoll", "thread-per-connection"], "coroutine-epoll"),
        (["callback-epoll", "thread-per-connection", "coroutine-epoll"], "blocking"),
    ],
)
def test_the_default_baseline(study_of, document, absent, chosen):
    keep(document, lambda entry: entry["model"] not in absent)
    assert study_of(document).baseline == chosen


def test_a_baseline_without_results_is_refused_with_the_models_there_are(study_of, document):
    with pytest.raises(ResultsError, match="fiber-epoll.*coroutine-epoll"):
        study_of(document, "fiber-epoll")


def flagged(document, model, flag, in_flight=64):
    """The matched cells, in one of which a model has a flag."""
    keep(document, lambda entry: entry["purpose"] == "matched")
    for entry in document["benchmarks"]:
        if (entry["model"], entry["in_flight"]) == (model, in_flight):
            entry["flags"] = [flag]
    return document


@pytest.mark.parametrize("flag", ["saturated", "unstable", "backend-limited"])
def test_cost_is_ranked_of_models_that_sustained_the_load(study_of, document, flag):
    study = study_of(flagged(document, "coroutine-epoll", flag))
    for cell in study.asking(COST):
        ranks = ratio_of(study, cell, "coroutine-epoll").ranked
        assert ranks == (cell.in_flight != 64)
        assert ratio_of(study, cell, "thread-per-connection").ranked


def test_nothing_is_ranked_where_the_baseline_did_not_sustain_the_load(study_of, document):
    study = study_of(flagged(document, "callback-epoll", "saturated"))
    whys = {cell.in_flight: study.why_unranked(cell.number) for cell in study.asking(COST)}
    assert whys == {16: "", 64: "callback-epoll did not sustain the load", 256: ""}
    for cell in study.asking(COST):
        assert study.ratios(cell.number)["ranked"].any() == (cell.in_flight != 64)


def test_a_saturated_reference_does_not_keep_others_from_being_ranked(study_of, document):
    study = study_of(flagged(document, "blocking", "saturated"))
    assert all(study.ranks(cell.number) for cell in study.asking(COST))


def test_a_cell_of_the_users_own_ranks_as_those_of_a_profile_do(study_of, document):
    for entry in flagged(document, "coroutine-epoll", "saturated")["benchmarks"]:
        entry["purpose"] = "custom"
    study = study_of(document)
    assert [cell.in_flight for cell in study.asking(COST)] == [16, 64, 256]
    assert not ratio_of(study, study.asking(COST)[1], "coroutine-epoll").ranked


def test_p999_needs_ten_thousand_queries(study_of, document):
    keep(document, lambda e: e["purpose"] == "matched" and e["in_flight"] == 16)
    assert math.isfinite(study_of(document).latency(0, "blocking")["p999"])
    keep(document, lambda e: e["invocation"] == 0)
    for entry in document["benchmarks"]:
        buckets = entry["latency_us"]["histogram"]["buckets"]
        entry["latency_us"]["histogram"]["buckets"] = [[index, 1] for index, _ in buckets]
    latency = study_of(document).latency(0, "blocking")
    assert math.isnan(latency["p999"]) and math.isfinite(latency["p99"])


def test_a_failed_invocation_leaves_the_others(study_of, document):
    for entry in document["benchmarks"]:
        if entry["model"] == "coroutine-epoll" and entry["invocation"] in (1, 4):
            fail(entry)
    study = study_of(document)
    assert ratio_of(study, study.asking(COST)[0], "coroutine-epoll").invocations == 3

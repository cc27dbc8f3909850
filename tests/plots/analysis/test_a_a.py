"""plots.self_comparison: how far one model differs from itself, and at how many rounds."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scenes
from documents import keep

from plots.analysis.a_a import against_itself
from plots.analysis.phrases import aa_phrase
from plots.analysis.within_rounds import CPU, RATE
from plots.charts.catalog import DRAWERS
from plots.report import trust


@pytest.fixture
def study(study_of, document):
    """The fixture, and an a-a cell of seven entries and 16 rounds: the others have 8."""
    document["benchmarks"] += scenes.a_a_entries(entries=7, rounds=16)
    return study_of(document)


def a_a_cell(study):
    (cell,) = [cell for cell in study.cells.values() if cell.purpose == "a-a"]
    return cell.number


def test_the_quoted_figure_is_that_of_the_cell_with_enough_pairs(study):
    quoted = study.aa(None)
    assert quoted == study.aa(a_a_cell(study))
    assert (quoted.pairs, quoted.share, quoted.invocations, quoted.rounds) == (21, 0.95, 5, 16)
    assert re.fullmatch(
        r"95% of 21 pairs within \d\.\d+%, at 5 \u00d7 16 rounds", aa_phrase(quoted)
    )


def test_without_such_a_cell_all_pairs_are_pooled(study_of, document):
    document["benchmarks"] += scenes.a_a_entries(entries=6, rounds=8)
    spread = study_of(document).aa(None)
    assert (spread.pairs, spread.rounds) == (15 + 3, None)


def test_a_cell_of_fewer_rounds_is_judged_by_blocks_of_as_many(study):
    matched = study.aa(0)
    assert (matched.rounds, matched.pairs) == (8, 2 * 21)
    cell = a_a_cell(study)
    blocks = against_itself(study.results, cell, CPU, block=8)
    assert matched.limit == pytest.approx(np.sort(np.abs(blocks))[int(0.95 * 42)])


def test_the_fewer_rounds_the_wider_the_band(study):
    cell = a_a_cell(study)
    widths = [
        np.std(against_itself(study.results, cell, CPU, block=rounds)) for rounds in (1, 4, 16)
    ]
    assert widths[0] > 1.5 * widths[1] > 2.25 * widths[2]


def test_blocks_do_not_overlap_and_skip_an_incomplete_one(study_of, document):
    keep(document, lambda entry: False)
    document["benchmarks"] += scenes.a_a_entries(entries=2, rounds=7)
    for entry in document["benchmarks"]:
        high = [1.0, 2.0, 2.0, 4.0, 4.0, 4.0, 99.0]
        entry["rounds"][CPU] = high if entry["entry"] else [1.0] * 7
    results = study_of(document).results
    medians = [np.log([1.0, 2.0]).mean(), np.log([2.0, 4.0]).mean(), np.log(4.0)]
    assert against_itself(results, 0, CPU, block=2) == pytest.approx(medians)


def test_a_cell_of_more_rounds_is_judged_by_all_of_them(study):
    cell = a_a_cell(study)
    whole = against_itself(study.results, cell, CPU)
    assert against_itself(study.results, cell, CPU, block=99) == pytest.approx(whole)


def test_throughput_is_judged_by_all_its_own_pairs(study):
    assert study.aa(0, RATE) is None  # the fixture enters nothing twice where it ranks throughput


def test_sentences_and_captions_name_the_rounds(study):
    (text,) = [answer.text for answer in trust.trust(study) if answer.lead == "A/A"]
    assert "at 5 \u00d7 16 rounds. Cells with fewer rounds" in text
    assert text.endswith(" at 5 \u00d7 8 rounds.")
    assert "at 5 \u00d7 8 rounds)." in DRAWERS["cost"](study).caption


def test_bands_of_several_widths_are_all_named(study_of, document):
    document["benchmarks"] += scenes.a_a_entries(entries=7, rounds=16)
    for entry in document["benchmarks"]:
        if entry["in_flight"] == 16 and entry["rounds"]:
            entry["rounds"] = {name: values[:4] for name, values in entry["rounds"].items()}
    caption = DRAWERS["ratios"](study_of(document)).caption
    assert re.search(r"\(\S+% at 5 \u00d7 4 rounds; \S+% at 5 \u00d7 8 rounds\)", caption)

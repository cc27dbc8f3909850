"""The chart of memory per connection."""

from __future__ import annotations

import pytest
import scenes

from plots.charts.catalog import DRAWERS
from plots.charts.memory import KERNEL, TOTAL, USER
from plots.report import tables


@pytest.fixture
def study(study_of, document):
    document["benchmarks"] += scenes.memory_entries()
    return study_of(document)


def memory_cell(study):
    (cell,) = [cell for cell in study.cells.values() if cell.purpose == "memory"]
    return cell.number


def test_parts_and_sum_are_means_over_invocations(study):
    cell = memory_cell(study)
    for model, (user, kernel) in scenes.MEMORY_KIB.items():
        assert study.level(cell, model, USER).mean == pytest.approx(user, rel=0.02)
        if kernel is not None:
            assert study.level(cell, model, KERNEL).mean == kernel
            assert study.level(cell, model, TOTAL).mean == pytest.approx(user + kernel, rel=0.02)


def test_a_part_that_is_unknown_makes_no_sum(study):
    assert study.level(memory_cell(study), "fiber-epoll", TOTAL).n == 0


def test_the_caption_says_what_the_kernels_part_is_and_n(study):
    caption = DRAWERS["memory"](study).caption
    assert "kernel stacks" in caption and "page tables" in caption
    assert caption.endswith("n = 5 invocations.")


def test_without_a_memory_pass_there_is_no_chart(study_of, document):
    assert DRAWERS["memory"](study_of(document)) is None


def test_a_caption_states_that_far_longer_bars_are_cut(study_of, document):
    document["benchmarks"] += scenes.memory_entries()
    assert "go on beyond" not in DRAWERS["memory"](study_of(document)).caption
    for entry in document["benchmarks"]:
        if entry["purpose"] == "memory" and entry["model"] == "thread-per-connection":
            entry["memory_kib"]["kernel"] = 900.0
    assert "go on beyond" in DRAWERS["memory"](study_of(document)).caption


def test_memory_cells_have_no_table_of_times(study):
    assert not any(table.ranks.startswith("memory") for table in tables.cell_tables(study))

"""waitbench compare OLD NEW, where the loads of cells followed from the machine."""

from __future__ import annotations

import copy
import json

import pytest

from plots.analysis.study import Study
from plots.commands.compare import as_json, as_text, of_runs
from plots.data.load import load


def fit(document, delay_us, fitted=("delay_us",)):
    """The results with all matched cells fitted to a machine: so much delay for each query in
    flight."""
    found = copy.deepcopy(document)
    for entry in found["benchmarks"]:
        if entry["purpose"] == "matched":
            entry["delay_us"] = delay_us * entry["in_flight"]
            entry["fitted_axes"] = list(fitted)
    found["context"]["loads"] = {
        "source": "measured", "query_interval_us": delay_us, "found": {"costliest": "walrus"},
    }  # fmt: skip
    return found


def compared(store, old, new):
    return of_runs(*(Study(load([store(d, f"{n}.json")])) for n, d in (("old", old), ("new", new))))


def test_cells_are_paired_without_the_axes_that_both_list(store, document):
    found = compared(store, fit(document, 50), fit(document, 100))
    matched = [table for table in found.tables if table.cell.purpose == "matched"]
    assert [t.cell.in_flight for t in matched] == [t.before.in_flight for t in matched]
    assert [t.cell.in_flight for t in matched] == [16, 64, 256]
    assert found.not_compared == []


def test_text_and_json_state_where_loads_differ(store, document):
    found = compared(store, fit(document, 50), fit(document, 100))
    text = as_text(found)
    assert text.count("loads differ") == 3
    assert "loads differ: 3.2 ms delay in the old run, 6.4 ms delay in the new one" in text
    cells = [cell["loads_differ"] for cell in json.loads(as_json(found))["cells"]]
    assert {"delay_us": {"old": 3200, "new": 6400}} in cells and {} in cells


def test_loads_that_agree_are_not_mentioned(store, document):
    found = compared(store, fit(document, 50), fit(document, 50))
    assert "loads differ" not in as_text(found)


@pytest.mark.parametrize(
    "old, new", [((), ("delay_us",)), (("delay_us",), ()), (("work_us",), ("work_us",))]
)
def test_an_axis_that_either_run_fixed_has_to_agree(store, document, old, new):
    found = compared(store, fit(document, 50, old), fit(document, 100, new))
    assert "matched" not in {table.cell.purpose for table in found.tables}
    assert {loss.reason for loss in found.not_compared} == {"the new run has no such cell"}


def test_a_cell_that_agrees_in_all_axes_is_preferred(store, document):
    def with_both(own, other):
        both = fit(document, own)
        more = fit(document, other)["benchmarks"]
        both["benchmarks"] += [entry for entry in more if entry["purpose"] == "matched"]
        return both

    found = compared(store, with_both(50, 100), with_both(100, 200))
    delays = [(t.before.axes["delay_us"], t.cell.axes["delay_us"]) for t in found.tables
              if t.cell.purpose == "matched" and t.cell.in_flight == 64]  # fmt: skip
    assert sorted(delays) == [(3200, 12800), (6400, 6400)]

"""Counts per query, in sentences and as tables; what could not be counted, and why."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis.count_summary import (
    Instructions,
    Spread,
    CellSummary,
    instructions,
    cell_summaries,
)
from plots.analysis.study import Study
from plots.data.cell_names import cell_phrase, short_names
from plots.report.answer import Answer
from plots.text.format import DASH, count_range, extent, listing, percent, significant, span, times

_NOUNS = {"syscalls": "system calls"}
_DISAGREES = "counters-disagree"


class CountTable(NamedTuple):
    """What was counted in one cell, a row per model; `sample` is n, in words."""

    title: str
    sample: str
    rows: list[dict[str, str]]


def count_answers(study: Study) -> list[Answer]:
    """What was found, and what was not counted. Empty where no file has queries."""
    if not study.models:
        return []
    cells = cell_summaries(study)
    return [
        *_system_calls(cells),
        *_slowdown(cells),
        *_two_counts(cells),
        *_beside_timed(cells),
        *_uncounted(study),
    ]


def _system_calls(cells: list[CellSummary]) -> list[Answer]:
    """The fewest and the most, cell by cell."""
    names = short_names([summary.cell for summary in cells])
    parts = []
    for cell, models, _ in cells:
        known = [(model.syscalls.middle, model.model) for model in models]
        known = sorted(pair for pair in known if np.isfinite(pair[0]))
        if known:
            ends = [f"{significant(count)} ({model})" for count, model in (known[0], known[-1])]
            parts.append(f"{names[cell.number]}: {extent(*ends)}")
    text = f"For a query, in the median turn, at {'; at '.join(parts)}."
    return [Answer("System calls", text)] if parts else []


def _slowdown(cells: list[CellSummary]) -> list[Answer]:
    """How much counting slowed the models."""
    known = sorted(
        (model.slowdown.middle, model.model)
        for summary in cells
        for model in summary.models
        if np.isfinite(model.slowdown.middle)
    )
    if not known:
        return []
    ends = [f"{times(ratio)} ({model})" for ratio, model in (known[0], known[-1])]
    text = (
        f"A counted turn took {extent(*ends)} the client CPU of an uncounted one of the same "
        "round, in the median. No number of the other sections is from a counted turn."
    )
    return [Answer("What counting costs", text)]


def _two_counts(cells: list[CellSummary]) -> list[Answer]:
    """How well perf events and /proc agree on the switches of the same turns."""
    models = [model for summary in cells for model in summary.models]
    known = [(model.disagreement, model.model) for model in models]
    known = [pair for pair in known if np.isfinite(pair[0])]
    if not known:
        return []
    share, model = max(known)
    differ = f"differ by at most {percent(share)} ({model})" if share else "agree exactly"
    text = f"On the switches of the same turns perf events and /proc {differ}."
    flagged = sorted({model.model for model in models if _DISAGREES in model.flags})
    if flagged:
        text += f" They disagree where the flag {_DISAGREES} stands: {listing(flagged)}."
    return [Answer("Two counts of switches", text)]


def _beside_timed(cells: list[CellSummary]) -> list[Answer]:
    """How the switches of counted turns compare with those of timed ones."""
    known = sorted(
        (model.switches.middle / model.timed_switches, model.model)
        for summary in cells
        for model in summary.models
        if np.isfinite(model.switches.middle) and model.timed_switches > 0
    )
    if not known:
        return []
    ends = [f"{times(ratio)} ({model})" for ratio, model in (known[0], known[-1])]
    text = (
        f"In counted turns, with its model alive alone, a query took {extent(*ends)} the switches "
        "that it took in timed turns. Counts follow timing: the further that is from 1, the less "
        "the other counts say of timed turns."
    )
    return [Answer("Beside timed turns", text)]


def _uncounted(study: Study) -> list[Answer]:
    """Counts that were asked for and not possible; how to count, where nothing was asked for."""
    files = study.results.files
    parts = [
        f"{file.name}: {_NOUNS.get(what, what)}, since {reason.rstrip('.')}."
        for file in files
        for what, reason in sorted(file.context.get("uncounted", {}).items())
    ]
    if not parts and study.results.counted.empty:
        names = " ".join(file.name for file in files)
        parts = [
            "waitbench run --count syscalls,switches,migrations,instructions --out counts.json "
            f"counts, in turns of its own; waitbench report {names} counts.json puts all on one "
            "page."
        ]
    return [Answer("Not counted", " ".join(parts))] if parts else []


def count_tables(study: Study) -> list[CountTable]:
    """What the kernel counted, a table for each cell."""
    return [_count_table(summary) for summary in cell_summaries(study)]


def _count_table(summary: CellSummary) -> CountTable:
    rows = [
        {
            "model": model.model,
            "notes": ", ".join(model.flags),
            "syscalls": _spread(model.syscalls),
            "switches": _spread(model.switches),
            "proc_switches": significant(model.proc_switches.middle),
            "timed_switches": significant(model.timed_switches),
            "migrations": _spread(model.migrations),
            "slowdown": _slowdown_phrase(model.slowdown),
        }
        for model in summary.models
    ]
    sample = f"{count_range(summary.turns)} counted turns"
    return CountTable(cell_phrase(summary.cell), sample, rows)


def _spread(spread: Spread) -> str:
    """The median and, where turns differ, the lowest and the highest: 2.43 (2.39–2.45)."""
    middle, low, high = (significant(value) for value in spread)
    return middle if low == high else f"{middle} ({low}{DASH}{high})"


def _slowdown_phrase(spread: Spread) -> str:
    """The same of a ratio: 1.063× (0.960–1.077)."""
    if not np.isfinite(spread.middle):
        return DASH
    return f"{times(spread.middle)} ({span(spread.low, spread.high)})"


def instruction_tables(study: Study) -> list[CountTable]:
    """User-space instructions of a query, a table for each cell that was scripted."""
    return [
        CountTable(
            cell_phrase(cell),
            "",
            [_instruction_row(trial) for trial in trials],
        )
        for cell, trials in instructions(study)
    ]


def _instruction_row(trial: Instructions) -> dict[str, str]:
    return {"model": trial.model, "count": _exact(trial.counts), "beside": _exact(trial.beside)}


def _exact(counts: list[float]) -> str:
    """A count that repeats exactly, or those of several builds: 976.8, 977.1."""
    return ", ".join(f"{count:,.1f}" for count in counts) or DASH

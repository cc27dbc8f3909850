"""The tables of the page, as rows of words and numbers ready to print."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plots.analysis.phrases import sample_size
from plots.analysis.stats import Interval
from plots.analysis.study import Study
from plots.analysis.within_rounds import BACKEND_CPU, CPU, INVOLUNTARY, RATE, VOLUNTARY
from plots.data.cell_names import cell_phrase
from plots.data.cells import COST, MEMORY, SEAM, SWEEP, THROUGHPUT, Cell
from plots.text.format import DASH, listing, microseconds, p_value, plural, significant, span, times

QUESTIONS = {
    COST: "ranks client CPU per query",
    THROUGHPUT: "ranks throughput",
    SEAM: "ranks each model against its handwritten counterpart",
}
FLAGS = {
    "backend-limited": "the backend set the pace: throughput and latency are its, not the model's",
    "saturated": "the model ran flat out, or nearly: it used more than 80% of its CPUs",
    "unstable": "an open loop's offered rate was not reached",
    "works-while-held": "the program used CPU time while all its replies were withheld: more than "
    "1% of a turn's",
    "trend": "the second half of the rounds differs from the first: not a steady state",
    "foreign-cpu": "other programs used more than a little CPU during some rounds",
    "counters-disagree": "perf events and /proc counted switches that differ by more than 2%",
    "in-flight-mismatch": "the queries in flight were not those that the cell asks for",
    "interrupted": "the run was interrupted: fewer rounds than planned",
    "harness-stopped": "the harness itself was stopped, or got no CPU, during some turns",
}
_DOUBTS = ("foreign-cpu", "harness-stopped", "in-flight-mismatch", "interrupted", "unstable")
PERCENTILES = ("p50", "p90", "p99", "p999", "max")


class CellTable(NamedTuple):
    """The numbers of one cell: what it ranks, its sample size, and one row per model."""

    title: str
    ranks: str
    sample: str
    relative_to: str
    rows: list[dict[str, Any]]


def cell_tables(study: Study) -> list[CellTable]:
    """One table per cell in which models were timed; the trials of a sweep are on its chart."""
    timed = [cell for cell in study.cells.values() if cell.purpose not in (MEMORY, SWEEP)]
    shown = [cell for cell in timed if study.models_in(cell.number)]
    return [_cell_table(study, cell) for cell in shown]


def ranks_what(study: Study, cell: Cell) -> str:
    """What a cell ranks, or why it ranks nothing, as a clause."""
    ranks = "one model against itself" if cell.purpose == "a-a" else "not ranked"
    if why := study.why_unranked(cell.number):
        return f"not ranked: {why}"
    return QUESTIONS.get(cell.question, ranks)


def _cell_table(study: Study, cell: Cell) -> CellTable:
    seam = cell.question == SEAM
    frame = study.seam(cell.number) if seam else study.ratios(cell.number)
    comparisons = {row.model: row for row in frame.itertuples()}
    rows = []
    for model in study.models_in(cell.number):
        rows.append(_row(study, cell, model, comparisons.get(model)))
    for counterpart in study.handwritten_in(cell.number):
        rows.append(_row(study, cell, counterpart, None, "handwritten"))
    return CellTable(
        title=cell_phrase(cell),
        ranks=f"{cell.purpose}: {ranks_what(study, cell)}",
        sample=sample_size(study, [cell]),
        relative_to="handwritten" if seam else str(study.baseline),
        rows=rows,
    )


def _row(study: Study, cell: Cell, model: str, comparison, role: str = "model") -> dict[str, Any]:
    """One line of a cell's table."""

    def level(metric: str) -> Interval:
        return study.level(cell.number, model, metric, role)

    latency = study.latency(cell.number, model, role) or {}
    row = {
        "model": model,
        "cpu": _plus_minus(level(CPU)),
        "backend_cpu": significant(level(BACKEND_CPU).mean),
        "rate": significant(level(RATE).mean),
        "latency": [
            microseconds(latency.get(name, np.nan), trimmed=False) for name in PERCENTILES
        ],
        "voluntary": significant(level(VOLUNTARY).mean, 2),
        "involuntary": significant(level(INVOLUNTARY).mean, 2),
        "notes": ", ".join(sorted(study.flags(cell.number, model, role))),
        "ratio": DASH,
        "span": DASH,
        "p_value": DASH,
        "verdict": "",
    }
    if model == study.baseline and cell.question != SEAM:
        row |= {"ratio": "1", "verdict": "baseline"}
    if comparison is not None:
        row |= {
            "ratio": times(comparison.ratio),
            "span": span(comparison.low, comparison.high),
            "p_value": p_value(comparison.adjusted_p),
            "verdict": comparison.verdict,
        }
    return row


def _plus_minus(level: Interval) -> str:
    """A mean and half its interval: 7.24 ± 0.21."""
    if not np.isfinite(level.low):
        return significant(level.mean)
    return f"{significant(level.mean)} ± {significant(level.high - level.mean, 2)}"


def missing_rows(study: Study) -> list[dict[str, str]]:
    """What failed or was skipped, and why; the same reason for one model and cell is one row."""
    grouped: dict[tuple[str, ...], list[int]] = {}
    for row in study.missing.itertuples():
        cell = cell_phrase(study.cells[row.cell])
        grouped.setdefault((row.status, row.model, cell, row.reason), []).append(row.invocation)
    return [
        {
            **dict(zip(("status", "model", "cell", "reason"), key)),
            "invocations": ", ".join(str(number) for number in sorted(set(invocations))),
        }
        for key, invocations in sorted(grouped.items())
    ]


def missing_benchmarks(study: Study) -> list[dict[str, str]]:
    """As missing_rows, of what was to be measured without a query around it."""
    micro = study.results.micro
    return [
        {"status": row.status, "model": row.model, "cell": row.name, "reason": row.reason}
        | {"invocations": DASH}
        for row in micro[micro["status"] != "ok"].itertuples(index=False)
    ]


def _flagged(study: Study) -> pd.DataFrame:
    """Models and flags of all entries: timed, counted, and of the micro families."""
    results = study.results
    frames = (results.entries, results.counted, results.micro)
    return pd.concat([frame[["model", "flags"]] for frame in frames])


def flag_rows(study: Study) -> list[dict[str, str]]:
    """Every flag that was raised: what it means, how often, and by which models."""
    raised = _flagged(study).explode("flags").dropna()
    rows = []
    for flag, group in raised.groupby("flags"):
        rows.append(
            {
                "flag": flag,
                "meaning": FLAGS.get(flag, "no explanation known to this report"),
                "entries": f"{len(group):,}",
                "models": listing(sorted(group["model"].unique())),
            }
        )
    return rows


def notices(study: Study) -> list[str]:
    """What a reader must know before any number."""
    files = study.results.files
    sentences = [
        f"{file.name}: the run was {file.context['status']}; what was measured is shown."
        for file in files
        if file.context["status"] != "complete"
    ]
    sentences += [
        f"{file.name}: the budget of {file.context['budget_s']:g} s did not suffice for "
        f"{listing(cells)}; a longer --budget has room for it."
        for file in files
        if (cells := file.context.get("left_out")) and file.context.get("budget_s")
    ]
    for what, of in (
        ("machines", lambda c: (c["host"]["cpu_model"], c["host"]["kernel"], c["host"]["cpus"])),
        ("versions of waitbench", lambda c: (c["version"], c["commit"], c["dirty"])),
        ("CPUs (kept awake, or free to sleep)", lambda c: bool(c["placement"].get("awake_cpus"))),
        ("builds", lambda c: tuple(c["build"].values())),
    ):
        if len({of(file.context) for file in files}) > 1:
            sentences.append(f"These files come from different {what}: levels mix what differs.")
    if any(file.context["placement"]["shared"] for file in files):
        sentences.append("Clients and backend shared a CPU: their costs disturb each other.")
    flags_of = _flagged(study)["flags"]
    for flag in _DOUBTS:
        raised = sum(flag in flags for flags in flags_of)
        if raised:
            sentences.append(f"{raised:,} of {len(flags_of):,} entries: {FLAGS[flag]} ({flag}).")
    if not study.missing.empty:
        counts = study.missing["status"].value_counts().sort_index()
        rows = [f"{plural(count, 'row')} {status}" for status, count in counts.items()]
        sentences.append(f"Without results: {listing(rows)}; the reasons are listed below.")
    return sentences

"""The page over machines: the same suite on each, ratios within each, and how they differ.

Files are read one by one, by several processes, and only what is to be compared is kept of each:
so it takes as much memory for many machines as for few.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from plots.analysis import stats
from plots.analysis.machines import (
    FEWEST_TO_FORESEE,
    Across,
    CellKey,
    MachineRun,
    Ratio,
    across,
    by_machine,
    run_of,
)
from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.data.errors import ResultsError
from plots.data.load import load
from plots.text.format import DASH, TIMES, count_range, listing, plural, span, times

_MOST_PROCESSES = 4  # each takes some 200 MB
MOST_COLUMNS = 6  # runs that have a column of their own
_METRICS = {CPU: "client CPU per query", "queries_per_second": "queries per second"}


class Table(NamedTuple):
    """One cell over machines: `runs` heads the columns of single runs, if these are few."""

    title: str
    subtitle: str
    runs: list[str]
    notes: list[str]
    rows: list[dict[str, Any]]


def read_runs(
    files: Mapping[str, Path], baseline: str | None = None
) -> tuple[list[MachineRun], dict[str, str]]:
    """The runs by the names of their machines, and of those that are left out the reason: a file
    that is no results file, one without the baseline, or the same results as another."""
    jobs = [(name, path, baseline) for name, path in sorted(files.items())]
    count = min(len(jobs), len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    if count < 2:
        found = [_read(job) for job in jobs]
    else:
        with ProcessPoolExecutor(count) as pool:
            found = list(pool.map(_read, jobs))
    runs: list[MachineRun] = []
    refused: dict[str, str] = {}
    for (name, _, _), run in zip(jobs, found):
        problem = run if isinstance(run, str) else _why_not_beside(run, runs)
        if problem or isinstance(run, str):
            refused[name] = problem
        else:
            runs.append(run)
    return runs, refused


def _read(job: tuple[str, Path, str | None]) -> MachineRun | str:
    name, path, baseline = job
    try:
        study = Study(load([path]), baseline)
        return run_of(study, name) if study.models else "no query was measured"
    except ResultsError as error:
        return str(error)


def _why_not_beside(run: MachineRun, others: Sequence[MachineRun]) -> str:
    """Why a run cannot be compared with the first; empty if it can."""
    for other in others:
        if _identity(other) == _identity(run):
            return f"the same results as {other.name}"
    if others and run.baseline != others[0].baseline:
        return f"its ratios would be to {run.baseline}, and not to {others[0].baseline}"
    return ""


def _identity(run: MachineRun) -> tuple[Any, ...]:
    context = run.context
    return (run.machine, *(context[field] for field in ("date", "seed", "elapsed_s", "command")))


def tables(runs: Sequence[MachineRun]) -> list[Table]:
    """One table for each cell that any run has, in their order."""
    keys = dict.fromkeys(key for run in runs for key in run.cells)
    return [_table(runs, key) for key in sorted(keys)]


def _table(runs: Sequence[MachineRun], key: CellKey) -> Table:
    having = [run for run in runs if key in run.cells]
    cells = {run.name: run.cells[key] for run in having}
    first = cells[having[0].name]
    models = dict.fromkeys(ratio.model for cell in cells.values() for ratio in cell.ratios)
    columns = [run.name for run in runs] if len(runs) <= MOST_COLUMNS else []
    rows = _rows(runs, key, list(models), columns)
    lacking = [run.name for run in runs if key not in run.cells]
    notes = [f"{listing(lacking)}: no results in this cell"] if lacking else []
    notes += [f"{name}: nothing is ranked, {one.note}" for name, one in cells.items() if one.note]
    loads: dict[str, list[str]] = {}
    for name, cell in cells.items():
        loads.setdefault(cell.loads, []).append(name)
    if len(loads) == 1 and first.loads:
        notes.append(f"load on all: {first.loads}")
    elif len(loads) > 1:
        notes += [f"load on {listing(names)}: {words}" for words, names in loads.items()]
    subtitle = f"{_METRICS[first.metric]}, relative to {having[0].baseline} within the same rounds"
    return Table(first.title, subtitle, columns, notes, rows)


def _rows(
    runs: Sequence[MachineRun], key: CellKey, models: Sequence[str], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """A line for each model: what it is on each machine, and over them. Only runs that rank it
    count. Whether machines differ is judged for all models of the cell together (Holm)."""
    ratios = [_ratios_of(runs, key, model) for model in models]
    found = [_across(runs, of_model) for of_model in ratios]
    adjusted = stats.holm([one.differ_p if one else np.nan for one in found])
    return [
        {
            "model": model,
            "single": [_single(of_model.get(name)) for name in columns],
            "verdicts": _verdicts(ratio for ratio in of_model.values() if ratio.ranked),
            **(_over(of_model, one) | {"differ": _differ(p)} if one else _nothing()),
        }
        for model, of_model, one, p in zip(models, ratios, found, adjusted)
    ]


def _ratios_of(runs: Sequence[MachineRun], key: CellKey, model: str) -> dict[str, Ratio]:
    """A model's ratio in each run that has it."""
    return {
        run.name: ratio
        for run in runs
        if key in run.cells
        for ratio in run.cells[key].ratios
        if ratio.model == model
    }


def _across(runs: Sequence[MachineRun], ratios: Mapping[str, Ratio]) -> Across | None:
    ranked = [
        (run.machine, ratios[run.name])
        for run in runs
        if run.name in ratios and ratios[run.name].ranked
    ]
    return across(by_machine(ranked)) if ranked else None


def _single(ratio: Ratio | None) -> dict[str, str]:
    if ratio is None:
        return {"ratio": DASH, "span": "", "note": ""}
    shown = {"ratio": times(float(np.exp(ratio.log))), "span": span(ratio.low, ratio.high)}
    return shown | {"note": "" if ratio.ranked else "not ranked"}


def _verdicts(ratios: Any) -> str:
    """faster on 3, no detectable difference on 1: on how many runs which verdict was found."""
    counts = Counter(ratio.verdict.removesuffix(" (small)") for ratio in ratios)
    return ", ".join(f"{verdict} on {count}" for verdict, count in sorted(counts.items())) or DASH


def _nothing() -> dict[str, Any]:
    blank = ("machines", "mean", "span", "spread", "differ", "lowest", "highest", "further")
    return {name: DASH for name in blank}


def _over(ratios: Mapping[str, Ratio], found: Across) -> dict[str, Any]:
    mean, further = stats.as_ratio(found.interval), stats.as_ratio(found.further)
    order = sorted((ratio.log, name) for name, ratio in ratios.items() if ratio.ranked)
    ends = [f"{times(float(np.exp(log)))} {name}" for log, name in (order[0], order[-1])]
    return {
        "machines": str(found.interval.n),
        "mean": times(mean.mean),
        "span": span(mean.low, mean.high),
        "spread": f"{TIMES}/÷ {np.exp(found.spread):.3f}" if np.isfinite(found.spread) else DASH,
        "lowest": ends[0] if len(order) > 1 else DASH,
        "highest": ends[1] if len(order) > 1 else DASH,
        "further": span(further.low, further.high),
    }


def _differ(p: float) -> str:
    if not np.isfinite(p):
        return DASH
    return "yes" if p < stats.ERROR_RATE else "not told apart"


def cautions(runs: Sequence[MachineRun]) -> list[str]:
    """What a reader of the tables has to know first."""
    found = []
    same: dict[str, list[str]] = {}
    for run in runs:
        same.setdefault(run.machine, []).append(run.name)
    for names in same.values():
        if len(names) > 1:
            found.append(
                f"{listing(names)} are runs of one machine (of one boot): they count as one "
                "observation, and what they differ by is the difference of its runs."
            )
    if len(same) == 1:
        found.append("There is one machine, so nothing is known of others.")
    elif len(same) < FEWEST_TO_FORESEE:
        found.append(
            "With two machines an interval over machines is wide: it takes more to say something "
            "of others."
        )
    versions = {f"{run.context['version']} ({run.context['commit']})" for run in runs}
    if len(versions) > 1:
        found.append(f"The programs are of different versions: {listing(sorted(versions))}.")
    unfit = [run.name for run in runs if any(
        item["level"] == "unfit" for item in run.context.get("doctor", []))]  # fmt: skip
    if unfit:
        found.append(f"Not fit to measure on, by their doctor: {listing(unfit)}.")
    return found


def headline(runs: Sequence[MachineRun]) -> str:
    """How many machines, runs, and invocations there are."""
    machines = len({run.machine for run in runs})
    cells = count_range(len(run.cells) for run in runs)
    noun = "ranking cell" if cells == "1" else "ranking cells"
    return f"{plural(machines, 'machine')}, {plural(len(runs), 'run')}, {cells} {noun} each"


def as_csv(runs: Sequence[MachineRun]) -> str:
    """Every ratio within every run, a line for each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    what = ["cell", "metric", "loads", "model", "run", "relative_to"]
    writer.writerow([*what, "ratio", "low", "high", "verdict"])
    for run in runs:
        for cell in run.cells.values():
            for ratio in cell.ratios:
                numbers = [math.exp(ratio.log), ratio.low, ratio.high]
                shown = [f"{value:.6g}" if math.isfinite(value) else "" for value in numbers]
                writer.writerow(
                    [cell.title, cell.metric, cell.loads, ratio.model, run.name, run.baseline]
                    + [*shown, ratio.verdict]
                )
    return text.getvalue()

"""What a switch costs by itself and in a query, in sentences and as a table; where a file that
they need is missing, which command makes it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plots.analysis.operations import (
    BYTES,
    CROSS_CPU,
    clear_of_zero,
    on_one_cpu,
    operations,
    plain_switches,
)
from plots.analysis.study import Study
from plots.analysis.switch_share import InQuery, OwnSwitch, compared_cells, own_switches
from plots.data.cell_names import axis_phrase, shared_phrase
from plots.report.answer import Answer
from plots.text.format import (
    extent,
    listing,
    microseconds,
    nanoseconds,
    percent,
    significant,
    size,
    span,
    times,
)

_OVER = {"tcp": "TCP", "unix": "Unix sockets"}


class SwitchTable(NamedTuple):
    """Own switches beside queries over one transport, which `title` names, in words."""

    title: str
    sample: str
    rows: list[dict[str, str]]


def switch_answers(study: Study) -> list[Answer]:
    """What was found, and what is missing to find more."""
    found = own_switches(study)
    return [
        *_by_itself(study),
        *_shares(study, found),
        *_gap(found),
        *_instructions(study),
        *_memory(study),
        *_missing(study),
    ]


def switch_tables(study: Study) -> list[SwitchTable]:
    """Every model's own switch beside its query, a table for each transport."""
    found, tables = own_switches(study), []
    for transport in compared_cells(study):
        there = [own for own in found if transport in own.queries]
        if there:
            sample = f"{_where(study)}; ratios to {found[0].model}"
            rows = [_row(own, own.queries[transport], own is found[0]) for own in there]
            tables.append(SwitchTable(_over(transport), sample, rows))
    return tables


def _row(own: OwnSwitch, query: InQuery, reference: bool) -> dict[str, str]:
    """One model's line; the reference's ratios are 1 by definition."""
    return {
        "model": own.model,
        "switch": own.switch,
        "notes": ", ".join(own.flags),
        "alone": nanoseconds(own.ns, trimmed=False),
        "alone_ratio": "1" if reference else times(own.ratio),
        "cost": microseconds(query.cost_us, trimmed=False),
        "ratio": "1" if reference else times(query.ratio.mean),
        "span": span(query.ratio.low, query.ratio.high),
        "switches": significant(query.switches) if own.in_kernel else "1",
        "share": percent(query.share),
    }


def _by_itself(study: Study) -> list[Answer]:
    """The ends of the ladder."""
    rows = plain_switches(study.results)
    rows = rows[clear_of_zero(rows) & (rows["role"] == "model")]
    if rows.empty:
        return []
    here = on_one_cpu(rows)
    ends = [here.loc[here["middle"].idxmin()], here.loc[here["middle"].idxmax()]]
    said = [f"{nanoseconds(row['middle'])} ({row['model']})" for row in ends]
    text = f"On one CPU a switch takes {said[0]} to {said[1]}"
    across = rows.loc[rows["placement"] == CROSS_CPU, "middle"]
    if len(across):
        text += f"; across CPUs, {extent(nanoseconds(across.min()), nanoseconds(across.max()))}"
    return [Answer("By itself", f"{text}.")]


def _shares(study: Study, found: list[OwnSwitch]) -> list[Answer]:
    """What of a query's cost is its model's own switch, transport by transport."""
    said = []
    for transport in compared_cells(study):
        there = [own for own in found if transport in own.queries]
        ranges = [
            _share_range([own for own in there if own.in_kernel == in_kernel], transport, where)
            for in_kernel, where in ((False, "in user space"), (True, "in the kernel"))
        ]
        if any(ranges):
            text = (
                f"Of the client CPU of a query its model's own switch takes "
                f"{'; '.join(filter(None, ranges))}. Measured at: {_where(study)}."
            )
            said.append(Answer(f"In a query over {_over(transport)}", text))
    return said


def _share_range(models: list[OwnSwitch], transport: str, where: str) -> str:
    """0.020% (callback-epoll) to 0.16% (fiber-epoll) in user space."""
    if not models:
        return ""
    shares = sorted((own.queries[transport].share, own.model) for own in models)
    ends = [f"{percent(share)} ({model})" for share, model in (shares[0], shares[-1])]
    return f"{extent(*ends)} {where}"


def _gap(found: list[OwnSwitch]) -> list[Answer]:
    """What of the gap between two switches is left in their queries: for the dearest of user
    space, and for those of the kernel."""
    near = [own for own in found[1:] if not own.in_kernel]
    dearest = [max(near, key=lambda own: own.ns)] if near else []
    said = [
        f"{own.model}'s switch costs {times(own.ratio)} what {found[0].model}'s does, its query "
        f"{listing([f'{_left(query)} over {_over(name)}' for name, query in own.queries.items()])}"
        for own in [*dearest, *(own for own in found[1:] if own.in_kernel)]
        if own.queries
    ]
    return [Answer("What is left of the gap", f"{'; '.join(said)}.")] if said else []


def _left(query: InQuery) -> str:
    """A ratio of two queries, its interval, and whether that tells it from 1."""
    ratio = query.ratio
    said = times(ratio.mean)
    if not np.isfinite(ratio.low):
        return said
    untold = ", not told from 1" if ratio.low <= 1 <= ratio.high else ""
    return f"{said} ({span(ratio.low, ratio.high)}{untold})"


def _instructions(study: Study) -> list[Answer]:
    """What user-space instructions a query takes, by style, where they were counted."""
    rows = study.results.counted
    rows = rows[rows["instructions_per_query"].notna() & (rows["depth"] == rows["depth"].min())]
    found = rows.groupby("model", sort=False)["instructions_per_query"].median()
    alone = rows[rows["role"] == "no-op"]["model"].unique()
    styles = {row.model: row.style for row in rows.itertuples() if row.model not in alone}
    if not styles or not len(alone):
        return []
    harness = found[alone[0]]
    said = [
        f"{style} {significant(found[model] - harness)}" for model, style in styles.items()
    ]
    text = (
        "Given the same scripted completions without a kernel, a query takes user-space "
        f"instructions beside the harness's own {significant(harness)}: {listing(said)}."
    )
    return [Answer("Instructions", text)]


def _memory(study: Study) -> list[Answer]:
    """What a task takes while it sleeps, style by style."""
    kept = operations(study.results, "spawn", BYTES)
    parts = [f"{size(row.middle)} ({row.model})" for row in kept.itertuples()]
    return [Answer("A task that sleeps", f"It takes {listing(parts)}.")] if parts else []


def _missing(study: Study) -> list[Answer]:
    """What to run where a file is missing."""
    names = " ".join(file.name for file in study.results.files)
    if operations(study.results, "switch").empty:
        text = (
            "No switch was measured by itself. waitbench switch --out switch.json does, and "
            f"waitbench report {names} switch.json puts both on one page."
        )
        return [Answer("Not measured", text)]
    missing = [name for transport, name in _OVER.items() if transport not in compared_cells(study)]
    said = []
    if missing:
        said = [
            f"No queries over {listing(missing)} stand beside the switches: waitbench run "
            "--profile quick --out run.json measures them."
        ]
    if not study.results.counted["instructions_per_query"].notna().any():
        said.append(
            "User-space instructions per query were not counted: waitbench run --count "
            "instructions --out run.json does (it needs valgrind)."
        )
    if not said:
        return []
    said.append(f"waitbench report {names} run.json puts all on one page.")
    return [Answer("Not measured", " ".join(said))]


def _over(transport: str) -> str:
    return _OVER.get(transport, transport)


def _where(study: Study) -> str:
    """What the compared cells have in common."""
    cells = list(compared_cells(study).values())
    in_flight = axis_phrase("in_flight", cells[0].in_flight)
    return f"{cells[0].purpose} load, {in_flight}, {shared_phrase(cells)}"

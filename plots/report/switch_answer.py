"""The cost of a switch by itself and in a query, in sentences and as a table. Where a file that
they need is missing, a sentence names the command that makes it."""

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
from plots.analysis.switch_share import InQuery, SwitchShare, compared_cells, switch_shares
from plots.data.axes import TRANSPORTS
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


_KERNEL_STYLES = ("thread", "process")


class SwitchTable(NamedTuple):
    """Own switches beside queries over one transport, which `title` names, in words."""

    title: str
    sample: str
    rows: list[dict[str, str]]


def switch_answers(study: Study) -> list[Answer]:
    """What was found, and which files are missing."""
    found = switch_shares(study)
    return [
        *_by_itself(study),
        *_locks(study),
        *_shares(study, found),
        *_gap(found),
        *_instructions(study),
        *_memory(study),
        *_missing(study),
    ]


def switch_tables(study: Study) -> list[SwitchTable]:
    """Every model's own switch beside its query, a table for each transport."""
    found, tables = switch_shares(study), []
    for transport in compared_cells(study):
        there = [own for own in found if transport in own.queries]
        if there:
            sample = f"{_where(study)}; ratios to {found[0].model}"
            rows = [_row(own, own.queries[transport], own is found[0]) for own in there]
            tables.append(SwitchTable(_over(transport), sample, rows))
    return tables


def _row(own: SwitchShare, query: InQuery, reference: bool) -> dict[str, str]:
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
    parts = [f"{nanoseconds(row['middle'])} ({row['model']})" for row in ends]
    text = f"On one CPU a switch takes {parts[0]} to {parts[1]}"
    across = rows.loc[rows["placement"] == CROSS_CPU, "middle"]
    if len(across):
        text += f"; across CPUs, {extent(nanoseconds(across.min()), nanoseconds(across.max()))}"
    return [Answer("By itself", f"{text}.")]


def _locks(study: Study) -> list[Answer]:
    """What a lock costs among tasks of one loop, free and handed over."""
    rows = operations(study.results, "sync")
    rows = rows[clear_of_zero(rows) & (rows["primitive"] == "lock")]
    parts = []
    for situation, words in (("uncontended", "it is free"), ("handed-over", "it is handed over")):
        found = rows[(rows["situation"] == situation) & ~rows["style"].isin(_KERNEL_STYLES)]
        found = found[~(found["contexts"] > found["contexts"].min())]
        if len(found):
            ends = [found.loc[found["middle"].idxmin()], found.loc[found["middle"].idxmax()]]
            costs = [f"{nanoseconds(row['middle'])} ({row['style']})" for row in ends]
            parts.append(f"{extent(*costs)} where {words}")
    text = f"A lock among tasks of one loop takes {listing(parts)}."
    return [Answer("Waiting for each other", text)] if parts else []


def _shares(study: Study, found: list[SwitchShare]) -> list[Answer]:
    """The share of a query's cost that is its model's own switch, transport by transport."""
    found_shares = []
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
            found_shares.append(Answer(f"In a query over {_over(transport)}", text))
    return found_shares


def _share_range(models: list[SwitchShare], transport: str, where: str) -> str:
    """0.020% (callback-epoll) to 0.16% (fiber-epoll) in user space."""
    if not models:
        return ""
    shares = sorted((own.queries[transport].share, own.model) for own in models)
    ends = [f"{percent(share)} ({model})" for share, model in (shares[0], shares[-1])]
    return f"{extent(*ends)} {where}"


def _gap(found: list[SwitchShare]) -> list[Answer]:
    """How much of the difference of two switches remains in their queries: for the most expensive
    one in user space, and for those of the kernel."""
    near = [own for own in found[1:] if not own.in_kernel]
    costliest = [max(near, key=lambda own: own.ns)] if near else []
    parts = [
        f"{own.model}'s switch costs {times(own.ratio)} what {found[0].model}'s does, its query "
        f"{listing([f'{_left(query)} over {_over(name)}' for name, query in own.queries.items()])}"
        for own in [*costliest, *(own for own in found[1:] if own.in_kernel)]
        if own.queries
    ]
    return [Answer("What is left of the gap", f"{'; '.join(parts)}.")] if parts else []


def _left(query: InQuery) -> str:
    """A ratio of two queries, its interval, and whether 1 is in that."""
    ratio = query.ratio
    if not np.isfinite(ratio.low):
        return times(ratio.mean)
    alike = ", no detectable difference" if ratio.low <= 1 <= ratio.high else ""
    return f"{times(ratio.mean)} ({span(ratio.low, ratio.high)}{alike})"


def _instructions(study: Study) -> list[Answer]:
    """User-space instructions of a query, by style, where they were counted."""
    rows = study.results.counted
    rows = rows[rows["instructions_per_query"].notna() & (rows["depth"] == rows["depth"].min())]
    found = rows.groupby("model", sort=False)["instructions_per_query"].median()
    alone = rows[rows["role"] == "no-op"]["model"].unique()
    styles = {row.model: row.style for row in rows.itertuples() if row.model not in alone}
    if not styles or not len(alone):
        return []
    harness = found[alone[0]]
    parts = [
        f"{style} {significant(found[model] - harness)}" for model, style in styles.items()
    ]
    text = (
        "Given the same scripted completions without a kernel, a query takes user-space "
        f"instructions without the harness's own {significant(harness)}: {listing(parts)}."
    )
    return [Answer("Instructions", text)]


def _memory(study: Study) -> list[Answer]:
    """The memory of a sleeping task, style by style."""
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
    compared = compared_cells(study)
    missing = [name for transport, name in TRANSPORTS.items() if transport not in compared]
    sentences = []
    if missing:
        sentences = [
            f"There are no queries over {listing(missing)} to compare the switches with: waitbench "
            "run --profile quick --out run.json measures them."
        ]
    if not study.results.counted["instructions_per_query"].notna().any():
        sentences.append(
            "User-space instructions per query were not counted: waitbench run --count "
            "instructions --out run.json does (it needs valgrind)."
        )
    if not sentences:
        return []
    sentences.append(f"waitbench report {names} run.json puts all on one page.")
    return [Answer("Not measured", " ".join(sentences))]


def _over(transport: str) -> str:
    return TRANSPORTS.get(transport, transport)


def _where(study: Study) -> str:
    """What the compared cells have in common."""
    cells = list(compared_cells(study).values())
    in_flight = axis_phrase("in_flight", cells[0].in_flight)
    return f"{cells[0].purpose} load, {in_flight}, {shared_phrase(cells)}"

"""The answer in sentences. Every number and every name in them comes from the study. A sentence
states nothing that the files do not hold, and ranks only what the test finds different."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU, RATE
from plots.data.cell_names import short_names
from plots.data.cells import COST, SEAM, THROUGHPUT, Cell
from plots.report.answer import Answer
from plots.report.effects import effects
from plots.report.pitfalls import pitfall_answers
from plots.report.unranked import unranked_answers
from plots.text.format import extent, listing, percent, plural, sentence, significant, span, times

_MIXED = "mixed"
_MANY_CELLS = 6  # more are summed up, not listed
_LEADS = {
    "faster": "Faster wherever ranked",
    "no detectable difference": "No detectable difference",
    "slower": "Slower wherever ranked",
    _MIXED: "Depends on the cell",
    "no interval": "Compared, but without an interval",
    "not ranked": "For reference, not ranked",
}


class Finding(NamedTuple):
    """All comparisons of one model with the baseline: verdicts and ratios, cell by cell."""

    model: str
    verdicts: list[str]
    ratios: list[float]

    def with_ratios(self) -> str:
        """The model and its ratios: coroutine-epoll (0.99× to 1.02×)."""
        return f"{self.model} ({extent(times(min(self.ratios)), times(max(self.ratios)))})"

    def counts(self) -> str:
        """How often each verdict was: slower in 1 and no detectable difference in 2 of 3 cells."""
        parts = [f"{word} in {self.verdicts.count(word)}" for word in sorted(set(self.verdicts))]
        return f"{listing(parts)} of {plural(len(self.verdicts), 'cell')}"


def who_took_part(study: Study) -> str:
    """How many models and guests have results: 22 models and 3 guests. Empty for none."""
    guests = sum(study.kind(model) is not None for model in study.models)
    counts = ((len(study.models) - guests, "model"), (guests, "guest"))
    return listing([plural(count, name) for count, name in counts if count])


def question(study: Study) -> list[str]:
    """What was asked, in sentences."""
    kinds = [
        (COST, "at a load meant to be sustained by all, which rank client CPU per query"),
        (THROUGHPUT, "flat out, which rank throughput"),
        (SEAM, "with the same programs written by hand in the same rounds"),
    ]
    parts = [
        f"{plural(len(study.asking(kind)), 'cell')} {words}"
        for kind, words in kinds
        if study.asking(kind)
    ]
    models = study.models
    asked = f"{who_took_part(study)} did the same work: {listing(models)}."
    if not models:
        return [_operations(study) or "No model has results in these files."]
    cells = f"They were measured in {'; in '.join(parts)}." if parts else ""
    return [
        asked,
        cells,
        f"Each is compared with {study.baseline}, the declared baseline, in the same rounds.",
    ]


def _operations(study: Study) -> str:
    """What a file holds that has no queries, but operations by themselves."""
    micro = study.results.micro
    count = len(micro[micro["status"] == "ok"])
    return f"{plural(count, 'operation')} behind it were timed by themselves." if count else ""


def answers(study: Study) -> list[Answer]:
    """What was found."""
    if study.results.entries.empty and _operations(study):
        return [Answer("No queries", "These files hold only what a switch costs by itself.")]
    if not study.models:
        return [Answer("Nothing was measured", "Every row failed or was skipped; see below why.")]
    found = [*_cost(study), *_spread(study), *effects(study), *_throughput(study), *_seam(study)]
    found += [*unranked_answers(study), *pitfall_answers(study)]
    if all(study.invocations([cell]) < 2 for cell in study.cells.values()):
        found.insert(0, Answer("No verdicts", "One invocation only: no interval, so no verdict."))
    return found


def _cost(study: Study) -> list[Answer]:
    cells = study.asking(COST)
    findings = _findings(study, cells)
    if not findings:
        return []
    answers_ = []
    levels = study.baseline_levels(cells, CPU)
    if levels:
        text = (
            f"{study.baseline} used {extent(significant(min(levels)), significant(max(levels)))} "
            f"µs of client CPU per query over {plural(len(levels), 'cell')}. Against it:"
        )
        answers_.append(Answer("Cost", text))
    return answers_ + _grouped(findings)


def _findings(study: Study, cells: Sequence[Cell]) -> list[Finding]:
    """Per model, in display order; cells in which it is not ranked count only where it is
    ranked nowhere."""
    found = []
    for model in study.models:
        rows = [
            row
            for cell in cells
            for row in study.ratios(cell.number).itertuples()
            if row.model == model
        ]
        chosen = [row for row in rows if row.ranked] or rows
        if chosen:
            verdicts, ratios = [r.verdict for r in chosen], [r.ratio for r in chosen]
            found.append(Finding(model, verdicts, ratios))
    return found


def _grouped(findings: Sequence[Finding]) -> list[Answer]:
    """Models with one verdict in every cell together; the others one by one."""
    groups: dict[str, list[str]] = {}
    mixed: dict[str, list[str]] = {}
    for finding in findings:
        kinds = {verdict.removesuffix(" (small)") for verdict in finding.verdicts}
        if len(kinds) == 1:
            groups.setdefault(kinds.pop(), []).append(finding.with_ratios())
        else:
            mixed.setdefault(finding.counts(), []).append(finding.with_ratios())
    by_verdict = {verdict: f"{listing(models)}." for verdict, models in groups.items()}
    if mixed:
        parts = [f"{counts}: {listing(models)}" for counts, models in mixed.items()]
        by_verdict[_MIXED] = sentence("; ".join(parts))
    return [Answer(lead, by_verdict[v]) for v, lead in _LEADS.items() if v in by_verdict]


def _spread(study: Study) -> list[Answer]:
    """When the choice matters: how far apart the ranked models are, cell by cell."""
    cells = [cell for cell in study.asking(COST) if study.ratios(cell.number)["ranked"].any()]
    names = short_names(cells)
    spans = []
    for cell in cells:
        frame = study.ratios(cell.number)
        ratios = [1.0, *frame["ratio"][frame["ranked"].astype(bool)]]
        spans.append((max(ratios) / min(ratios), names[cell.number]))
    if not spans:
        return []
    parts = [f"{times(ratio)} at {name}" for ratio, name in spans]
    if len(spans) > _MANY_CELLS:
        ends = [f"{times(ratio)} (at {name})" for ratio, name in (min(spans), max(spans))]
        parts = [f"{ends[0]} to {ends[1]} over {plural(len(spans), 'cell')}"]
    text = f"From the cheapest to the most expensive model that is ranked: {'; '.join(parts)}."
    shares = [
        share
        for cell in cells
        for share in study.entries(cell.number, study.baseline)["client_cpu_share"]
        if np.isfinite(share)
    ]
    if shares:
        busy = extent(percent(min(shares)), percent(max(shares)))
        text += f" {study.baseline} kept its client CPU {busy} busy there."
    return [Answer("How much the choice matters", text)]


def _throughput(study: Study) -> list[Answer]:
    found = []
    cells = study.asking(THROUGHPUT)
    names = short_names(cells)
    limited = [cell for cell in cells if study.backend_limited(cell.number)]
    if limited:
        where = "; ".join(names[cell.number] for cell in limited)
        found.append(Answer("Flat out", f"{where}: the backend was the limit; nothing is ranked."))
    for cell in cells:
        if cell in limited:
            continue
        rates = study.baseline_levels([cell], RATE)
        if rates:
            groups = _grouped(_findings(study, [cell]))
            rest = [f"{a.lead[0].lower()}{a.lead[1:]}: {a.text.rstrip('.')}" for a in groups]
            rest = [sentence.replace(" wherever ranked", "") for sentence in rest]
            start = f"{study.baseline} answered {significant(rates[0])} queries per second"
            text = f"{names[cell.number]}: {'; '.join([start, *rest])}."
        else:
            text = f"{names[cell.number]}: {study.baseline} has no results here to compare with."
        found.append(Answer("Flat out", text))
    return found


def _seam(study: Study) -> list[Answer]:
    """Each model against the same program written by hand, verdict by verdict."""
    found = []
    cells = study.seam_cells()
    names = short_names(cells)
    for cell in cells:
        by_verdict: dict[str, list[str]] = {}
        for row in study.seam(cell.number).itertuples():
            verdict = row.verdict if row.invocations > 1 else "without an interval"
            interval = f" ({span(row.low, row.high)})" if row.invocations > 1 else ""
            ratio = f"{row.model} {times(row.ratio)}{interval}"
            by_verdict.setdefault(verdict, []).append(ratio)
        parts = [f"{verdict}: {listing(ratios)}" for verdict, ratios in by_verdict.items()]
        text = (
            f"{names[cell.number]}: cost relative to the same program written by hand; "
            f"{'; '.join(parts)}."
        )
        found.append(Answer("The seam", text))
    return found

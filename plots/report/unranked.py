"""Cells that rank nothing, and models that were measured and are not ranked by cost, with the
reasons, in sentences. Cost is compared at a load that is the same for all."""

from __future__ import annotations

from plots.analysis.ranking import AT_OTHER_TIMES
from plots.analysis.study import Study
from plots.data.cell_names import short_names
from plots.data.cells import COST, THROUGHPUT, Cell
from plots.report.answer import Answer
from plots.text.format import extent, listing, microseconds, plural

_ADVICE = (
    "A longer delay, fewer queries in flight or a lower rate is a load that more can sustain; "
    "without a delay, throughput is ranked."
)


_FIT = (
    "The loads of a profile follow from the machine (waitbench run --profile quick); doctor says "
    "what disturbs it."
)


def failed_questions(study: Study) -> list[str]:
    """A sentence for each question that the run asked and could not answer in any cell."""
    sentences = []
    for question, figure in ((COST, "client CPU per query"), (THROUGHPUT, "throughput")):
        cells = study.asking(question)
        if cells and not any(study.ranks(cell.number) for cell in cells):
            reasons = sorted({study.why_unranked(cell.number) for cell in cells})
            where = plural(len(cells), "cell")
            sentences.append(
                f"No model is ranked by {figure}, in {where} meant for it: {listing(reasons)}. "
                f"{_FIT}"
            )
    return sentences


def unranked_answers(study: Study) -> list[Answer]:
    """Cells of cost that rank nothing, and what to ask for instead; then, cell by cell, models that
    are not ranked. Models that cannot have as many queries in flight are named elsewhere."""
    cells = study.asking(COST)
    names = short_names(cells)
    whole = [
        f"{names[cell.number]} ({study.why_unranked(cell.number)})"
        for cell in cells
        if not study.ranks(cell.number)
    ]
    found = [Answer("Nothing is ranked", f"{'; '.join(whole)}. {_ADVICE}")] if whole else []
    for cell in cells:
        by_reason = study.outsiders(cell.number) if study.ranks(cell.number) else {}
        for why, models in by_reason.items():
            more = _how_late(study, cell, models) if why == AT_OTHER_TIMES else ""
            text = f"{names[cell.number]}: {listing(models)} {why}{more}."
            found.append(Answer("Not ranked", text))
    return found


def _how_late(study: Study, cell: Cell, models: list[str]) -> str:
    """In an open loop, how long after they were due half of the queries had begun, and what that
    saves."""
    late = sorted(study.lateness_us(cell.number, model) for model in models)
    usual = study.lateness_us(cell.number, str(study.baseline))
    return (
        f" (in the median {extent(microseconds(late[0]), microseconds(late[-1]))} after they were "
        f"due, {study.baseline} {microseconds(usual)}): a model that begins later wakes up less "
        "often, and begins several queries at once"
    )

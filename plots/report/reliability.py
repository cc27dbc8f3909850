"""The reliability of verdicts, by resampling: how often they would be false alarms, and how often
they would find a small difference, at each number of rounds that cells of this page have."""

from __future__ import annotations

from plots.analysis.resampling import Reliability, reliability, turns
from plots.analysis.stats import ERROR_RATE
from plots.analysis.study import Study
from plots.data.cells import COST
from plots.report.answer import Answer
from plots.text.format import TIMES, percent, plural

_PLANTED = 0.05  # a share of CPU
_PLANTED_BY_PROFILE = {"full": 0.03}


def reliabilities(study: Study) -> list[Reliability]:
    """One for each number of rounds in which costs are ranked, and for all rounds recorded, in
    ascending order; none where no cell has turns of one model to draw from."""
    source = study.against_itself.source()
    recorded = turns(study.results, source.number) if source else None
    if recorded is None:
        return []
    cells = [cell.number for cell in study.asking(COST)]
    rounds = {int(study.entries(cell)["rounds"].median()) for cell in cells}
    wanted = sorted({min(number, recorded.shape[1]) for number in (*rounds, recorded.shape[1])})
    family = max((int(study.ratios(cell)["ranked"].sum()) for cell in cells), default=1)
    profiles = {file.context["profile"] for file in study.results.files}
    planted = max(_PLANTED_BY_PROFILE.get(profile, _PLANTED) for profile in profiles)
    entries = max((study.baseline_entries(cell) for cell in cells), default=1)
    return [
        reliability(recorded, number, planted, max(1, family), max(1, entries))
        for number in wanted
        if number
    ]


def reliability_rows(study: Study) -> list[dict[str, str]]:
    """The figures as rows of a table."""
    return [
        {
            "rounds": f"{row.invocations} {TIMES} {plural(row.rounds, 'round')}",
            "false_alarms": f"{percent(row.false_alarms)} ({percent(row.upper)})",
            "planted": percent(row.planted),
            "models": plural(row.models, "model"),
            "power": percent(row.power),
            "family": f"{row.family:,}",
            "power_in_family": percent(row.power_in_family),
        }
        for row in reliabilities(study)
    ]


def reliability_answers(study: Study) -> list[Answer]:
    """The figures for all rounds recorded, in sentences."""
    found = reliabilities(study)
    if not found:
        return []
    most = found[-1]
    expected = f"{percent(ERROR_RATE)} are to be expected"
    text = (
        f"Of {most.trials:,} comparisons of the model with itself, drawn from its recorded turns "
        f"({most.invocations} {TIMES} {plural(most.rounds, 'round')}), "
        f"{percent(most.false_alarms)} found a difference ({expected}). A difference of "
        f"{percent(most.planted)}, planted, was found in {percent(most.power)} of "
        f"them, and in {percent(most.power_in_family)} as one of "
        f"{plural(most.family, 'comparison')} in its cell."
    )
    return [Answer("False alarms and power", text)]

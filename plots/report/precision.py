"""How wide the intervals of the ranked models are, in sentences: what a run was able to tell."""

from __future__ import annotations

import numpy as np

from plots.analysis.study import Study
from plots.data.cell_names import short_names
from plots.data.cells import COST, THROUGHPUT
from plots.report.answer import Answer
from plots.text.format import percent, plural


def precision_answers(study: Study) -> list[Answer]:
    """By question: the median and the widest half-width of the ranked models' ratios, relative to
    the ratio; and what the run aimed at."""
    parts = []
    for question, figure in ((COST, "cost"), (THROUGHPUT, "throughput")):
        widths = _half_widths(study, question)
        if widths:
            value, cell = max(widths)
            parts.append(
                f"of {figure}, {percent(float(np.median([w for w, _ in widths])))} in the median "
                f"of {plural(len(widths), 'ratio')}, and at most {percent(value)} ({cell})"
            )
    if not parts:
        return []
    targets = {file.context.get("half_width_target") for file in study.results.files}
    aim = [
        f" The run was to go on until each was at most {percent(t)}, or its budget was used up."
        for t in targets
        if t
    ]
    text = f"Half the width of a ranked model's interval is, {'; '.join(parts)}.{''.join(aim)}"
    return [Answer("Precision", text)]


def _half_widths(study: Study, question: str) -> list[tuple[float, str]]:
    """Of each ranked model in each cell that ranks something, with the cell's name."""
    cells = [cell for cell in study.asking(question) if study.ranks(cell.number)]
    names = short_names(cells)
    found = []
    for cell in cells:
        frame = study.ratios(cell.number)
        ranked = frame[frame["ranked"].astype(bool)]
        widths = np.log((ranked["high"] / ranked["low"]).astype(float)) / 2
        found += [(float(width), names[cell.number]) for width in widths if np.isfinite(width)]
    return found

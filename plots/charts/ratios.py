"""Every model relative to the declared baseline, in the same rounds: the figure that ranks."""

from __future__ import annotations

import pandas as pd

from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.dots import draw_ratios
from plots.data.cells import COST


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell that ranks cost has another model than the baseline."""
    frames = {cell.number: _of_models(study, cell.number) for cell in study.asking(COST)}
    found = [cell for cell in study.asking(COST) if len(frames[cell.number])]
    cells = drawn_of(found)
    if not cells:
        return None
    title = f"Cost relative to {study.baseline}"
    with paper():
        figure = draw_ratios(
            study,
            cells,
            {cell.number: frames[cell.number] for cell in cells},
            {cell.number: study.aa(cell.number) for cell in cells},
            title,
            "client CPU per query within the same rounds; left of 1: cheaper; axis stretched at 1",
        )
    caption = captions.caption(
        f"Each dot is the mean over invocations of a model's cost relative to {study.baseline} in "
        "the same rounds.",
        captions.ratio_intervals(study, cells, [frames[cell.number] for cell in cells]),
        captions.band(study, cells, CPU),
        "Bold numbers: different from 1 after Holm's adjustment.",
        crowd_sentence(found),
        captions.references(study, cells),
        captions.outside(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("ratios", title, caption, figure)


def _of_models(study: Study, cell: int) -> pd.DataFrame:
    """The comparisons of a cell without those of guests, who have a chart of their own."""
    frame = study.ratios(cell)
    return frame[[study.kind(model) is None for model in frame["model"]]]

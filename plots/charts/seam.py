"""The cost of the seam, the interface between conversations and models: each model against the same
program written by hand without that interface."""

from __future__ import annotations

from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.dots import draw_ratios

TITLE = "What the seam costs"


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell has a model and its handwritten counterpart."""
    found = study.seam_cells()
    cells = drawn_of(found)
    if not cells:
        return None
    with paper():
        figure = draw_ratios(
            study,
            cells,
            {cell.number: study.seam(cell.number) for cell in cells},
            {cell.number: study.aa(cell.number) for cell in cells},
            TITLE,
            "client CPU per query, model / handwritten, within rounds; axis stretched at 1",
        )
    caption = captions.caption(
        "The seam is the interface through which a model runs any conversation on any engine. "
        "Right of 1: the model costs more than the same program written by hand without it.",
        crowd_sentence(found),
        captions.ratio_intervals(study, cells, [study.seam(c.number) for c in cells]),
        captions.band(study, cells, CPU),
        captions.n_of(study, cells),
    )
    return Chart("seam", TITLE, caption, figure)

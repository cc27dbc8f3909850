"""Guests beside models, kind by kind: the cost of each relative to the declared baseline."""

from __future__ import annotations

from plots.analysis.study import Study
from plots.analysis.within_rounds import CPU
from plots.charts.drawing import captions
from plots.charts.drawing.canvas import Chart, paper
from plots.charts.drawing.crowd import crowd_sentence, drawn_of
from plots.charts.drawing.dots import draw_ratios
from plots.data.cells import COST, Cell


def draw(study: Study) -> Chart | None:
    """The chart, or None where no cell that ranks cost has a guest in it."""
    found = [cell for cell in study.asking(COST) if _has_guests(study, cell)]
    cells = drawn_of(found)
    if not cells:
        return None
    title = f"Guests: cost relative to {study.baseline}"
    frames = {cell.number: study.ratios(cell.number) for cell in cells}

    def label(model: str) -> str:
        kind = study.kind(model)
        return f"{kind}: {model}" if kind else model

    with paper():
        figure = draw_ratios(
            study,
            cells,
            frames,
            {cell.number: study.aa(cell.number) for cell in cells},
            title,
            "client CPU per query within the same rounds; left of 1: cheaper; axis stretched at 1",
            label,
        )
    caption = captions.caption(
        f"Each dot is the mean over invocations of the cost relative to {study.baseline} in the "
        "same rounds, of models and of guests, which are programs of other runtimes.",
        captions.ratio_intervals(study, cells, [*frames.values()]),
        captions.band(study, cells, CPU),
        "Bold numbers: different from 1 after Holm's adjustment.",
        crowd_sentence(found),
        captions.outside(study, cells),
        captions.n_of(study, cells),
    )
    return Chart("guests", title, caption, figure)


def _has_guests(study: Study, cell: Cell) -> bool:
    return any(study.kind(model) for model in study.ratios(cell.number)["model"])

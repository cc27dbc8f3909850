"""The positive control and the gain of pairing within rounds, in sentences: two answers of every
run to the question whether its comparisons can be relied on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plots.analysis.control import Control, controls
from plots.analysis.gain import gains
from plots.analysis.study import Study
from plots.data.cell_names import short_names
from plots.report.answer import Answer
from plots.text.format import DASH, extent, microseconds, p_value, plural, significant, span, times


def control_answers(study: Study) -> list[Answer]:
    """Whether the positive control was found, and how large, in each cell that has one."""
    text = control_statement(study)
    return [Answer("Positive control", text)] if text else []


def control_statement(study: Study) -> str:
    """The same as a sentence; empty without a control."""
    found = controls(study)
    if not found:
        return ""
    names = short_names([control.cell for control in found])
    planted = sorted(control.planted_us for control in found)
    amount = extent(microseconds(planted[0]), microseconds(planted[-1]))
    hits = sum(control.found for control in found)
    parts = [f"{names[control.cell.number]}: {_measured(control)}" for control in found]
    return (
        f"{found[0].model} with {amount} more CPU per query, planted, was found in {hits} of "
        f"{plural(len(found), 'cell')}. {'; '.join(parts)}."
    )


def _measured(control: Control) -> str:
    """1.05x measured (1.04x to 1.06x; p (Holm, one of 21) 0.01), 1.05x expected, not found."""
    p = p_value(control.adjusted_p)
    interval = f"{span(control.ratio.low, control.ratio.high)}; p (Holm, {control.family}) {p}"
    missed = "" if control.found else ", not found"
    return (
        f"{times(control.ratio.mean)} measured ({interval}), "
        f"{times(control.expected)} expected{missed}"
    )


def gain_answers(study: Study) -> list[Answer]:
    """How wide the intervals would have been without pairing within rounds."""
    found = gains(study)
    if not found:
        return []
    across = [gain.across_rounds for gain in found if np.isfinite(gain.across_rounds)]
    parts = [f"{_widths([gain.apart for gain in found])} had models been run one after another"]
    if across:
        parts.append(f"{_widths(across)} had the same turns been paired across rounds")
    text = (
        f"Intervals would be {', and '.join(parts)} (median of {plural(len(found), 'ratio')}, in "
        "brackets the range). Published duet benchmarks narrowed intervals 2.3 to 12.5 times, "
        "5 times in the mean (Bulej et al. 2020)."
    )
    return [Answer("The gain of the method", text)]


def _widths(factors: Sequence[float]) -> str:
    low, middle, high = (significant(f, 2) for f in np.quantile(factors, [0, 0.5, 1]))
    return f"{middle} times as wide ({low}{DASH}{high})"

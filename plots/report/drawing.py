"""The charts of a report, drawn by as many processes as there are CPUs: each takes seconds of a
large run.

The processes are forks of this one, so they share the results with it. What a drawing looks like
does not depend on who made it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from plots.analysis.study import Study
from plots.charts.catalog import DRAWERS
from plots.charts.drawing.canvas import Drawn

_MOST_PROCESSES = 4
_study: Study | None = None  # what a fork draws


@contextmanager
def drawn(study: Study) -> Iterator[Iterator[Drawn]]:
    """The charts that the results have something for, in their order on the page. They are drawn
    from now on, while the caller does something else."""
    global _study
    count = min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    _study = study
    try:
        if count < 2:
            yield filter(None, map(_draw, DRAWERS))
            return
        forks = multiprocessing.get_context("fork")
        gc.freeze()  # else each fork would look through, and so copy, all results
        with ProcessPoolExecutor(count, forks, initializer=_leave_interrupts_to_parent) as pool:
            yield filter(None, pool.map(_draw, DRAWERS))
    finally:
        _study = None
        gc.unfreeze()


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _draw(name: str) -> Drawn | None:
    assert _study is not None
    chart = DRAWERS[name](_study)
    return chart.drawn() if chart else None

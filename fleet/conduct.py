"""Carries out a plan: starts runs, waits for them, and writes down what becomes of each."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from fleet import record
from fleet.carriers import Carrier, carrier_of
from fleet.judge import Row, judge
from fleet.plan import Plan, Task

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_GLANCE_S = 0.2
_PATIENCE_S = 60.0  # between being told to end and being killed; twice as long, and it is given up
_BETWEEN_KILLS_S = 5.0
WAITING = "waiting"


class Interrupts:
    """Whether a signal asked for the end."""

    def __init__(self) -> None:
        self.came = False
        for number in _SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._take)

    def _take(self, number: int, frame: object) -> None:
        self.came = True


def conduct(plan: Plan, say: Callable[[str], None]) -> tuple[list[Row], bool]:
    """The rows of all runs, of which those are started that are not complete; and whether it was
    interrupted. `say` is told of each that ends. Raises UsageError and OSError."""
    interrupts = Interrupts()
    rows = {task: judge(plan, task) for task in plan.tasks}
    todo = [task for task, row in rows.items() if row.reason]
    for task in todo:
        rows[task] = Row(task, WAITING, "it has not ended", rows[task].results)
        plan.log(task).unlink(missing_ok=True)
    record.write(plan, list(rows.values()))
    carrier = carrier_of(plan, todo)
    _attend(plan, carrier, todo, rows, interrupts, say)
    return list(rows.values()), interrupts.came


def _attend(
    plan: Plan,
    carrier: Carrier,
    todo: list[Task],
    rows: dict[Task, Row],
    interrupts: Interrupts,
    say: Callable[[str], None],
) -> None:
    """Until all have ended. Each has until the plan's deadline, and those that are told to end some
    time to write what they have."""
    end = time.monotonic() + plan.deadline_s
    told: float | None = None
    open_tasks = set(todo)
    while open_tasks:
        for ended in carrier.poll():
            row = judge(plan, *ended)
            rows[ended.task] = row
            open_tasks.discard(ended.task)
            record.write(plan, list(rows.values()))
            say(f"{row.task.phrase}: {row.reason or 'done'}")
        now = time.monotonic()
        if told is None and (interrupts.came or now > end):
            told = now
            late = f"it is late: it has not ended within {plan.deadline_s:g} s"
            carrier.cancel("it was interrupted" if interrupts.came else late)
        elif told is not None and now > told + 3 * _PATIENCE_S:
            for task in open_tasks:
                rows[task] = judge(plan, task, None, "it could not be ended, and may still run")
            return record.write(plan, list(rows.values()))
        elif told is not None and now > told + _PATIENCE_S:
            carrier.kill()
            time.sleep(_BETWEEN_KILLS_S)
        elif open_tasks:
            time.sleep(_GLANCE_S)

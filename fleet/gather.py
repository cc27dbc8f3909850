"""Makes the page and the table over machines of what a fleet has gathered."""

from __future__ import annotations

import dataclasses

from fleet.judge import Row
from fleet.plan import Plan
from plots.commands import streams
from plots.commands.machines import as_text
from plots.report.machines import read_runs
from plots.report.machines_page import write_machines


def gather(plan: Plan, rows: list[Row]) -> list[Row]:
    """Writes the page, prints the table and where the page is; gives the rows, of which one whose
    file cannot be compared now has the reason. Raises ResultsError."""
    files = {row.task.name: plan.folder / row.results for row in rows if row.results}
    runs, refused = read_runs(files)
    judged = [
        row if row.task.name not in refused or row.reason
        else dataclasses.replace(row, status="failed", reason=refused[row.task.name])
        for row in rows
    ]  # fmt: skip
    reasons = {row.task.name: row.reason for row in judged if row.reason}
    links = {row.task.name: row.results for row in rows if row.results}
    page = write_machines(runs, plan.folder, reasons, links)
    streams.write(as_text(runs) if runs else "no run has results\n")
    streams.write_path(page)
    return judged

"""Writes the page over machines, with its chart and the ratios as CSV beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from plots.analysis.machines import FEWEST_TO_FORESEE, MachineRun
from plots.charts.catalog import MACHINE_DRAWERS
from plots.charts.drawing.canvas import Drawn
from plots.data.errors import ResultsError
from plots.report.compact import Compactor
from plots.report.inline import Drawing, inline_svg
from plots.report.machines import as_csv, cautions, headline, tables
from plots.report.palette import palette
from plots.text.format import DASH, percent, plural

_TEMPLATES = jinja2.PackageLoader("plots.report", "templates")
PAGE, CSV = "index.html", "machines.csv"


def write_machines(
    runs: Sequence[MachineRun],
    directory: Path,
    reasons: Mapping[str, str],
    links: Mapping[str, str] | None = None,
) -> Path:
    """Writes all files whole, the page last; gives its path. `reasons` has the names of runs that
    did not end well, or are left out, each with the reason; `links` where results are, as the page
    sees them. Raises ResultsError."""
    charts = drawn_machines(runs)
    files = {CSV: as_csv(runs).encode()}
    for chart in charts:
        files |= {
            f"{chart.name}.svg": chart.svg.encode(),
            f"{chart.name}.pdf": chart.pdf,
            f"{chart.name}.png": chart.png,
        }
    files[PAGE] = page(runs, reasons, links or {}, charts).encode()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            draft = directory / f"{name}.partial"
            draft.write_bytes(content)
            os.replace(draft, directory / name)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ResultsError(f"{directory}: the page cannot be written: {problem}") from error
    return directory / PAGE


def drawn_machines(runs: Sequence[MachineRun]) -> list[Drawn]:
    """The charts that the runs have something for."""
    return [chart.drawn() for draw in MACHINE_DRAWERS.values() if (chart := draw(runs))]


def page(
    runs: Sequence[MachineRun],
    reasons: Mapping[str, str],
    links: Mapping[str, str],
    charts: Sequence[Drawn] = (),
) -> str:
    """The HTML document."""
    environment = jinja2.Environment(
        loader=_TEMPLATES,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    css, _, _ = _TEMPLATES.get_source(environment, "page.css")
    compactor = Compactor()
    drawings = [
        Drawing(chart.name, chart.caption, inline_svg(chart, compactor)) for chart in charts
    ]
    missing = plural(len(reasons), "run")
    failed = [f"{missing} did not end well: see the first table."] if reasons else []
    return environment.get_template("machines.html.j2").render(
        css=Markup(f"{css}{compactor.style_sheet()}"),
        palette=palette(),
        charts=drawings,
        headline=headline(runs),
        notices=[*failed, *cautions(runs)],
        runs=_run_rows(runs, reasons, links),
        tables=tables(runs),
        reading=_reading(),
    )


def _run_rows(
    runs: Sequence[MachineRun], reasons: Mapping[str, str], links: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A row for each run, those without results too."""
    by_name = {run.name: run for run in runs}
    return [
        {
            "name": name,
            "link": links.get(name, ""),
            "status": reasons.get(name) or by_name[name].context["status"],
            "doubt": name in reasons,
            **(_facts(by_name[name].context) if name in by_name else _no_facts()),
        }
        for name in sorted({*by_name, *reasons})
    ]


def _facts(context: Mapping[str, Any]) -> dict[str, str]:
    host, placement = context["host"], context["placement"]
    known = [host["cpu_model"] or "CPU unknown", plural(host["cpus"] or 0, "CPU"),
             f"kernel {host['kernel']}"]  # fmt: skip
    unfit = [item["check"] for item in context.get("doctor", []) if item["level"] == "unfit"]
    if unfit:
        known.append(f"not fit ({', '.join(unfit)})")
    if placement.get("backend"):
        known.append(f"backend at {placement['backend']}")
    return {
        "machine": ", ".join(known),
        "program": f"{context['version']}, commit {str(context['commit'])[:12]}, "
        f"profile {context['profile']}",
        "when": context["date"],
    }


def _no_facts() -> dict[str, str]:
    return {"machine": DASH, "program": DASH, "when": DASH}


def _reading() -> list[tuple[str, str]]:
    return [
        (
            "Within each run",
            "A model relative to the baseline, in the same rounds of one run on one machine; below "
            "it the 95% interval over the invocations of that run.",
        ),
        (
            "Over machines",
            "The geometric mean of the machines' ratios, each machine once, however many turns it "
            "had. The interval is over machines (t), so it tells what holds for machines like "
            "these, and few machines give a wide one. Runs of one machine count as one.",
        ),
        (
            "Between machines",
            "The spread is the standard deviation of the ratios between machines beyond what their "
            "own intervals explain, as a factor: \u00d7/\u00f7 1.000 says that nothing is left. "
            f"\u201cThey differ\u201d is Welch's test for equal ratios, adjusted for the models of "
            f"the cell (Holm, {percent(0.05)}). What two runs of one machine differ by is in both.",
        ),
        (
            "Another machine",
            f"Where the ratio of one more machine would lie, were it drawn as these were (95%); "
            f"from {FEWEST_TO_FORESEE} machines on. Machines that somebody had at hand are no "
            "random sample: of other kinds it says nothing.",
        ),
    ]

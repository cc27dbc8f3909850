"""Puts the page together: sentences, charts and tables into one self-contained HTML document.

The drawings, the style sheet and a script with its data are inside, and nothing is fetched. Without
script the page says all the same: script only chooses, sorts and links.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from plots.analysis.moderation import FEWEST
from plots.analysis.stats import AA_SHARE, LEVEL, SMALL
from plots.analysis.study import Study
from plots.charts.catalog import COUNT_CHARTS, QUERY_CHARTS, SWITCH_CHARTS
from plots.charts.drawing.canvas import Drawn
from plots.data.histogram import TAIL_QUERIES
from plots.report import answers, tables, trust
from plots.report.asked import asked
from plots.report.compact import Compactor
from plots.report.count_section import count_answers, count_tables, instruction_tables
from plots.report.deadline_section import deadline_answers, deadline_tables
from plots.report.decision import decisions
from plots.report.doctor import doctor_rows, unfit_notices
from plots.report.embedded import embedded
from plots.report.guests import guest_tables
from plots.report.inline import Drawing, inline_svg
from plots.report.order_section import order_tables
from plots.report.palette import palette
from plots.report.pitfalls import pitfall_rows
from plots.report.reliability import reliability_rows
from plots.report.reuse_section import reuse_answers, reuse_tables
from plots.report.runs import runs
from plots.report.sentences import sentences
from plots.report.switch_answer import switch_answers, switch_tables
from plots.report.unranked import failed_questions
from plots.text.format import listing, percent

_TEMPLATES = jinja2.PackageLoader("plots.report", "templates")


def page(study: Study, charts: Sequence[Drawn]) -> str:
    """The HTML document."""
    return assembled(told(study), charts)


def told(study: Study) -> dict[str, Any]:
    """All that the page says, but for its charts: the variables of the template."""
    held = embedded(study)
    return {
        "palette": palette(),
        "embedded": Markup(held or "null"),
        "wide": bool(held),
        "sentences": sentences(study),
        "decisions": decisions(study),
        "asked": asked(study),
        "standfirst": _standfirst(study),
        "notices": [*failed_questions(study), *tables.notices(study), *unfit_notices(study)],
        "question": answers.question(study),
        "answers": answers.answers(study),
        "trust": trust.trust(study),
        "reliability": reliability_rows(study),
        "switch_answers": switch_answers(study),
        "switch_tables": switch_tables(study),
        "guest_tables": guest_tables(study),
        "reuse_answers": reuse_answers(study),
        "reuse_tables": reuse_tables(study),
        "deadline_answers": deadline_answers(study),
        "deadline_tables": deadline_tables(study),
        "order_tables": order_tables(study),
        "baseline": study.baseline,
        "count_answers": count_answers(study),
        "count_tables": count_tables(study),
        "instruction_tables": instruction_tables(study),
        "tables": tables.cell_tables(study),
        "pitfalls": pitfall_rows(study),
        "missing": [*tables.missing_rows(study), *tables.missing_benchmarks(study)],
        "flags": tables.flag_rows(study),
        "runs": runs(study),
        "doctor": doctor_rows(study),
        "reading": _reading(),
    }


def assembled(said: dict[str, Any], charts: Sequence[Drawn]) -> str:
    """The HTML document of what told() gives, and the charts."""
    environment = jinja2.Environment(
        loader=_TEMPLATES,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    compactor = Compactor()
    drawings = {
        chart.name: Drawing(chart.name, chart.caption, inline_svg(chart, compactor))
        for chart in charts
    }
    css, *script = (
        _TEMPLATES.get_source(environment, name)[0]
        for name in ("page.css", "tables.js", "explore.js")
    )
    return environment.get_template("index.html.j2").render(
        css=Markup(f"{css}{compactor.style_sheet()}"),
        script=Markup("\n".join(script if said["wide"] else script[:1])),
        charts=[drawings[name] for name in QUERY_CHARTS if name in drawings],
        switch_charts=[drawings[name] for name in SWITCH_CHARTS if name in drawings],
        count_charts=[drawings[name] for name in COUNT_CHARTS if name in drawings],
        **said,
    )


def _standfirst(study: Study) -> str:
    contexts = [file.context for file in study.results.files]
    profiles = sorted({context["profile"] for context in contexts})
    versions = sorted({context["version"] for context in contexts})
    cpus = sorted({str(context["host"]["cpu_model"] or "unknown CPU") for context in contexts})
    facts = [
        answers.who_took_part(study),
        listing(sorted({context["date"][:10] for context in contexts})),
        f"{'profile' if len(profiles) == 1 else 'profiles'} {listing(profiles)}",
        f"waitbench {listing(versions)}",
        listing(cpus),
    ]
    return " \u00b7 ".join(filter(None, facts))


def _reading() -> list[tuple[str, str]]:
    """How to read the page, for a reader who has read nothing else."""
    level = percent(LEVEL)
    return [
        (
            "Client CPU per query",
            "The CPU time of all processes and threads of a model, in user space and kernel, over "
            "the number of queries answered. It compares models at a load that all sustain. "
            "Throughput at full speed is another question, asked in cells of its own.",
        ),
        (
            "Rounds and invocations",
            "All models of a cell are alive at once and take turns; one turn of each is a round. A "
            "ratio is taken within a round, in which both models had the same machine; its median "
            "over the rounds is one value per invocation, a fresh set of processes.",
        ),
        (
            "Intervals",
            f"{level} intervals over invocations, by the t distribution; never over single "
            "queries. One invocation gives none. Few invocations estimate a variance poorly, so "
            f"where {FEWEST} models or more are ranked in a cell the variance of each is averaged "
            "with the one that its own turns and the cell's other models lead to expect "
            "(moderated t).",
        ),
        (
            "Verdicts",
            "\u201cfaster\u201d costs less (or, flat out, answers more) than the baseline and "
            "\u201cslower\u201d the contrary, where the test finds that the ratio is not 1 after "
            "Holm's adjustment for the models of the cell; \u201csmall\u201d is a difference under "
            f"{percent(SMALL)}. An interval alone is not adjusted: it may exclude 1 where "
            "the verdict finds no detectable difference, which does not mean that there is none.",
        ),
        (
            "A/A",
            "One model is entered several times, and compared with itself like any two models. "
            f"The band holds {percent(AA_SHARE)} of these comparisons (all, if fewer than "
            "20): a difference inside it may be chance, even with a verdict. The more rounds, the "
            "narrower it is. So costs are judged by the cell made for this, its rounds cut into "
            "blocks of as many as the judged cell has. Throughput, and costs where there is no "
            "such cell, are judged by all such comparisons together.",
        ),
        (
            "Not ranked",
            "A model that cannot have as many queries in flight as the cell asks for is a "
            "reference. Cost is ranked among models that sustained the load, and in an open loop "
            "began queries when the baseline did; throughput where the backend did not set the "
            "pace.",
        ),
        (
            "Seam",
            "The interface between a conversation, which says what is sent and awaited, and the "
            "model that runs it. Through it every style combines with every engine. Its price is "
            "the cost of a model relative to the same program written by hand without it, in the "
            "same rounds.",
        ),
        (
            "Latency",
            "From the intended start of a query to its reply, over all invocations; p99.9 only "
            f"from {TAIL_QUERIES:,} queries. Delays that the backend was asked for are part of it.",
        ),
    ]

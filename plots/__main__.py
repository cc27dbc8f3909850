"""The command line: python3 -m plots report FILE..., compare OLD NEW, export FILE.

report prints the path of the page, compare its tables, export a document for another program. The
exit codes are those of the harness (harness/README.md): a mistake of the user's is one line on
stderr and 2, a fault of this package is 70. A gate tells what is slower (1), what cannot be
compared (3), and output that cannot be written (74) apart.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from plots.command_line import USAGE, parse
from plots.commands import streams
from plots.requirements import missing_modules

_REMEDY = (
    "name another Python in WAITBENCH_PYTHON, or on Debian: apt install python3-fastjsonschema "
    "python3-jinja2 python3-jsonschema python3-matplotlib python3-pandas python3-scipy"
)
SLOWER_OR_FAILED, NOT_COMPARABLE = 1, 3
INTERNAL_ERROR, GATE_NOT_WRITTEN, INTERRUPTED = 70, 74, 130
_WIDEST = 100  # columns of a line that is still read easily


# The commands are imported late: the libraries that they need take a second to load, which no
# usage error should wait for.


def _report(wanted: argparse.Namespace) -> int:
    from plots.data.errors import ResultsError

    for option, given in (("--out", wanted.out is not None), ("--summary", wanted.summary)):
        if given and wanted.format != "html":
            raise ResultsError(f"--format {wanted.format} prints all there is; leave out {option}")
    from plots.analysis.history import machine_of
    from plots.analysis.study import Study
    from plots.data.load import load

    study = Study(load(wanted.files), wanted.baseline)
    machines = {machine_of(file.context["host"]) for file in study.results.files}
    if len(machines) > 1:
        return _report_machines(wanted, len(machines))
    if wanted.format == "html":
        from plots.report.summary import summary
        from plots.report.write import write_report_of

        page = write_report_of(study, wanted.files, wanted.out or Path("report"))
        if wanted.summary:
            streams.write(summary(study, min(shutil.get_terminal_size().columns, _WIDEST)))
        streams.write_path(page)
        return 0
    from plots.commands.formats import FORMATS

    streams.write(FORMATS[wanted.format](study))
    return 0


def _report_machines(wanted: argparse.Namespace, count: int) -> int:
    """Runs of different machines stand beside each other, and are never one set of numbers."""
    from plots.commands.machines import read_named
    from plots.data.errors import ResultsError
    from plots.report.machines import cautions, headline
    from plots.report.machines_page import write_machines

    if wanted.format != "html":
        raise ResultsError(
            f"these runs are of {count} machines, whose values are not pooled; give the files of "
            "one, or compare them with waitbench machines"
        )
    runs = read_named(wanted.files, wanted.baseline)
    page = write_machines(runs, wanted.out or Path("report"), {})
    if wanted.summary:
        streams.write("".join(f"{line}\n" for line in (headline(runs), *cautions(runs))))
    streams.write_path(page)
    return 0


def _history(wanted: argparse.Namespace) -> int:
    from plots.report.write import write_history

    page, left_out = write_history(wanted.files, wanted.out, wanted.baseline)
    for line in left_out:
        streams.complain_line(f"waitbench history: left out: {line}")
    streams.write_path(page)
    return 0


def _compare(wanted: argparse.Namespace) -> int:
    from plots.commands import compare, gate
    from plots.commands.compare_markdown import as_markdown
    from plots.data.errors import NotComparable, ResultsError

    gated = wanted.fail_on_slower is not None
    if wanted.limits is not None and not gated:
        raise ResultsError("--limits goes with --fail-on-slower")
    common, limits = gate.read_limits(wanted.limits) if wanted.limits else (None, [])
    try:
        found = compare.compare(wanted.files, wanted.baseline)
    except NotComparable as error:
        streams.complain_line(f"waitbench compare: {error}")
        return NOT_COMPARABLE if gated else USAGE
    if wanted.chart is not None:
        from plots.commands.compare_chart import write_chart

        drawn = write_chart(wanted.files, wanted.baseline, wanted.chart)
        streams.complain_line(f"waitbench compare: the chart is {drawn}")
    write = {"text": compare.as_text, "markdown": as_markdown, "json": compare.as_json}
    streams.write(write[wanted.format](found))
    if not gated:
        return 0
    percent = wanted.fail_on_slower if common is None else common
    judgement = gate.judge(found, percent, limits)
    if why := judgement.why():
        streams.complain_line(f"waitbench compare: {why}, so this fails")
    if judgement.slower:
        return SLOWER_OR_FAILED
    return NOT_COMPARABLE if judgement.not_comparable else 0


def _export(wanted: argparse.Namespace) -> int:
    from plots.commands.exporters import EXPORTERS
    from plots.data.load import load

    streams.write(EXPORTERS[wanted.format](load([wanted.file]), wanted.baseline))
    return 0


def _machines(wanted: argparse.Namespace) -> int:
    from plots.commands.machines import as_text, read_named
    from plots.report.machines_page import write_machines

    runs = read_named(wanted.files, wanted.baseline)
    streams.write(as_text(runs))
    if wanted.out is not None:
        streams.write_path(write_machines(runs, wanted.out, {}))
    return 0


_RUNS = {
    "report": _report,
    "compare": _compare,
    "machines": _machines,
    "export": _export,
    "history": _history,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; gives its exit code, whatever becomes of the streams."""
    streams.prepare()
    command, gated = "waitbench", False
    try:
        wanted = parse(arguments)
        command = f"waitbench {wanted.command}"
        gated = getattr(wanted, "fail_on_slower", None) is not None
        return _run(wanted)
    except SystemExit as end:  # of the parser
        return int(end.code or 0)
    except streams.OutputError as error:
        streams.complain_line(f"{command}: {error}")
        return GATE_NOT_WRITTEN if gated else SLOWER_OR_FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except ModuleNotFoundError as error:
        missing = ", ".join(missing_modules() or [str(error.name)])
        streams.complain_line(f"{command}: {sys.executable} has no module {missing}; {_REMEDY}")
        return USAGE
    except Exception:
        streams.complain(f"{command}: internal error; please report it\n{traceback.format_exc()}")
        return INTERNAL_ERROR
    finally:
        streams.finish()


def _run(wanted: argparse.Namespace) -> int:
    """The command's exit code; a file or an option that is wrong is one line and 2."""
    from plots.data.errors import ResultsError

    try:
        return _RUNS[wanted.command](wanted)
    except ResultsError as error:
        streams.complain_line(f"waitbench {wanted.command}: {error}")
        return USAGE


if __name__ == "__main__":
    sys.exit(main())

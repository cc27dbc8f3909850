"""The command line: python3 -m plots report FILE..., compare OLD NEW, export FILE.

report prints the path of the page, compare its tables, export a document for another program. The
exit codes are those of the harness (harness/README.md): a mistake of the user's is one line on
stderr and 2, a fault of this package is 70. A gate tells what is slower (1), what cannot be
compared (3), and output that cannot be written (74) apart.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

from plots.commands import streams
from plots.requirements import missing_modules

_REMEDY = (
    "name another Python in WAITBENCH_PYTHON, or on Debian: apt install python3-fastjsonschema "
    "python3-jinja2 python3-jsonschema python3-matplotlib python3-pandas python3-scipy"
)
SLOWER_OR_FAILED, USAGE, NOT_COMPARABLE = 1, 2, 3
INTERNAL_ERROR, GATE_NOT_WRITTEN, INTERRUPTED = 70, 74, 130
_BARE_GATE = "--fail-on-slower"


class _Parser(argparse.ArgumentParser):
    """argparse without the usage text in front of an error, on streams that may fail."""

    def error(self, message: str) -> NoReturn:
        streams.complain_line(f"{self.prog}: {message} (--help shows how)")
        self.exit(USAGE)

    def _print_message(self, message: str, file: IO[str] | None = None) -> None:
        """The one way by which argparse prints: help, on standard output."""
        streams.write(message)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, checked; exits with 2 on a mistake."""
    parser = _Parser(prog="waitbench", description="Charts and tables from results files.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_report(commands.add_parser("report", help="charts and one self-contained HTML page"))
    _add_compare(
        commands.add_parser(
            "compare",
            help="ratios, intervals and verdicts, cell by cell",
            description="Compares two runs (OLD NEW), or the models of one run with a baseline "
            "(FILE --baseline MODEL).",
        )
    )
    _add_machines(
        commands.add_parser(
            "machines",
            help="the same suite on several machines: ratios within each, and over them",
        )
    )
    _add_export(
        commands.add_parser(
            "export", help="one run for another program: Google Benchmark's compare.py, dashboards"
        )
    )
    _add_history(
        commands.add_parser("history", help="what became of models over many runs: one page")
    )
    words = sys.argv[1:] if arguments is None else arguments
    return parser.parse_args([f"{w}=0" if w == _BARE_GATE else w for w in words])


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a results file (JSON)")
    parser.add_argument(
        "--format",
        choices=("google-benchmark", "github-action-benchmark", "bencher", "csv"),
        default="google-benchmark",
        help="google-benchmark (default): for its compare.py; github-action-benchmark: its "
        "customSmallerIsBetter; bencher: Bencher Metric Format; csv: one wide table",
    )
    _add_baseline(parser, "of csv: ratios to this model (default: callback-epoll, else the first)")
    parser.set_defaults(run=_export)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="results files (JSON)")
    where = "where the page goes (default: report/)"
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help=where)
    parser.add_argument(
        "--format",
        choices=("html", "markdown", "csv", "latex", "json"),
        default="html",
        help="html (default): a page in DIR; all others: on standard output, for pasting",
    )
    _add_baseline(parser, "compare with this model (default: callback-epoll, else the first)")
    parser.set_defaults(run=_report)


def _add_history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="results files, or folders of these"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("history"),
        metavar="DIR",
        help="where the page goes (default: history/)",
    )
    _add_baseline(parser, "of each run (default: callback-epoll, else the first)")
    parser.set_defaults(run=_history)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="OLD NEW, or one results file"
    )
    _add_baseline(
        parser,
        "of one file: compare its models with this one; of two: the reference within each run "
        "(default: callback-epoll, else the first)",
    )
    parser.add_argument(
        "--fail-on-slower",
        type=_percent,
        metavar="PERCENT",
        help="exit with 1 if anything is slower by more than so much (alone: at all), with its "
        "whole interval; with 3 if what OLD ranks has no result in NEW, or nothing is ranked",
    )
    parser.add_argument(
        "--limits",
        type=Path,
        metavar="FILE",
        help="with --fail-on-slower: other limits for some models or cells, in TOML",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=("text", "markdown", "json"),
        default="text",
        help="text (default); markdown: for a pull request; json",
    )
    form.add_argument(
        "--json", dest="format", action="store_const", const="json", help="as --format json"
    )
    parser.set_defaults(run=_compare)


def _add_machines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="results files, one of each machine, which is called as the file is",
    )
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="write a page there, too")
    _add_baseline(parser, "compare with this model (default: callback-epoll, else the first)")
    parser.set_defaults(run=_machines)


def _percent(text: str) -> float:
    from plots.commands.gate import percent_of

    try:
        return percent_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no percentage; give, say, --fail-on-slower=5%%"
        ) from error


def _add_baseline(parser: argparse.ArgumentParser, explanation: str) -> None:
    parser.add_argument("--baseline", metavar="MODEL", help=explanation)


# The commands are imported late: the libraries that they need take a second to load, which no
# usage error should wait for.


def _report(wanted: argparse.Namespace) -> int:
    from plots.data.errors import ResultsError

    if wanted.format == "html":
        from plots.report import write_report

        out = wanted.out or Path("report")
        streams.write_path(write_report(wanted.files, out, wanted.baseline))
        return 0
    if wanted.out is not None:
        raise ResultsError(f"--format {wanted.format} goes to standard output; leave out --out")
    from plots.analysis.study import Study
    from plots.commands.formats import FORMATS
    from plots.data.load import load

    streams.write(FORMATS[wanted.format](Study(load(wanted.files), wanted.baseline)))
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
        return wanted.run(wanted)
    except ResultsError as error:
        streams.complain_line(f"waitbench {wanted.command}: {error}")
        return USAGE


if __name__ == "__main__":
    sys.exit(main())

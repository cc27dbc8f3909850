"""The command line: python3 -m plots report FILE..., compare OLD NEW, export FILE.

report prints the path of the page, compare its tables, export a JSON document. The exit codes are
those of the harness (harness/README.md): a mistake of the user's is one line on stderr and 2, a
fault of this package is 70 and never the code of a verdict.
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
SLOWER_OR_FAILED, USAGE, INTERNAL_ERROR, INTERRUPTED = 1, 2, 70, 130


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
            "export", help="one run in Google Benchmark's JSON shape, for its compare.py"
        )
    )
    return parser.parse_args(arguments)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a results file (JSON)")
    parser.set_defaults(run=_export)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="results files (JSON)")
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="where the report goes (default: report/)",
    )
    _add_baseline(parser, "compare with this model (default: callback-epoll, else the first)")
    parser.set_defaults(run=_report)


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
        action="store_true",
        help="exit with 1 if any verdict is slower, or if NEW has no result of what OLD ranks",
    )
    parser.add_argument("--json", action="store_true", help="the tables in JSON")
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


def _add_baseline(parser: argparse.ArgumentParser, explanation: str) -> None:
    parser.add_argument("--baseline", metavar="MODEL", help=explanation)


# The commands are imported late: the libraries that they need take a second to load, which no
# usage error should wait for.


def _report(wanted: argparse.Namespace) -> int:
    from plots.report import write_report

    streams.write_path(write_report(wanted.files, wanted.out, wanted.baseline))
    return 0


def _compare(wanted: argparse.Namespace) -> int:
    from plots.commands import compare

    found = compare.compare(wanted.files, wanted.baseline)
    streams.write(compare.as_json(found) if wanted.json else compare.as_text(found))
    why = compare.why_it_fails(found) if wanted.fail_on_slower else ""
    if why:
        streams.complain_line(f"waitbench compare: {why}, so this fails")
    return SLOWER_OR_FAILED if why else 0


def _export(wanted: argparse.Namespace) -> int:
    from plots.commands.export import google_benchmark
    from plots.data.load import load

    streams.write(google_benchmark(load([wanted.file])))
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
    command = "waitbench"
    try:
        wanted = parse(arguments)
        command = f"waitbench {wanted.command}"
        return _run(wanted)
    except SystemExit as end:  # of the parser
        return int(end.code or 0)
    except streams.OutputError as error:
        streams.complain_line(f"{command}: {error}")
        return SLOWER_OR_FAILED
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

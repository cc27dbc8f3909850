"""The command line: python3 -m plots report FILE..., compare OLD NEW, export FILE.

report prints the path of the page, compare its tables, export a JSON document. A mistake of the
user's is one line on stderr and exit code 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from plots.data.load import ResultsError, load


class _OneLineParser(argparse.ArgumentParser):
    """argparse without the usage text in front of an error."""

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {message} (--help shows how)\n")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, checked; exits with 2 on a mistake."""
    parser = _OneLineParser(prog="waitbench", description="Charts and tables from results files.")
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
        "--fail-on-slower", action="store_true", help="exit with 1 if any verdict is slower"
    )
    parser.add_argument("--json", action="store_true", help="the tables in JSON")
    parser.set_defaults(run=_compare)


def _add_baseline(parser: argparse.ArgumentParser, explanation: str) -> None:
    parser.add_argument("--baseline", metavar="MODEL", help=explanation)


def _report(wanted: argparse.Namespace) -> int:
    # Imported late: the drawing libraries take a second, which no usage error should wait for.
    from plots.report import write_report

    print(write_report(wanted.files, wanted.out, wanted.baseline))
    return 0


def _compare(wanted: argparse.Namespace) -> int:
    from plots.commands import compare as comparison
    from plots.analysis.study import Study

    if len(wanted.files) > 2 or (len(wanted.files) == 1 and wanted.baseline is None):
        raise ResultsError("give two files, OLD NEW, or one FILE and --baseline MODEL")
    studies = [Study(load([path]), wanted.baseline) for path in wanted.files]
    if len(studies) == 1:
        found = comparison.with_baseline(studies[0])
    else:
        found = comparison.of_runs(*studies)
    print(comparison.as_json(found) if wanted.json else comparison.as_text(found), end="")
    slower = comparison.count_slower(found) if wanted.fail_on_slower else 0
    if slower:
        print(f"waitbench compare: {slower} slower, so this fails", file=sys.stderr)
    return 1 if slower else 0


def _export(wanted: argparse.Namespace) -> int:
    from plots.commands.export import google_benchmark

    print(google_benchmark(load([wanted.file])), end="")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; gives its exit code."""
    wanted = parse(arguments)
    try:
        return wanted.run(wanted)
    except ResultsError as error:
        print(f"waitbench {wanted.command}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

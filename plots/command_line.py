"""The command line's options, and what is wrong with them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

from plots.commands import streams

USAGE = 2  # the exit code of a mistake
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
    parser.add_argument(
        "--summary", action="store_true", help="print the answer in a few lines above the path"
    )
    _add_baseline(parser, "compare with this model (default: callback-epoll, else the first)")


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
    parser.add_argument(
        "--chart",
        type=Path,
        metavar="DIR",
        help="draw OLD and NEW over each other: old-and-new.svg, .pdf, .png and .csv in DIR",
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

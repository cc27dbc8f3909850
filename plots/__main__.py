"""The command line: python3 -m plots report FILE... [-o DIR] [--baseline MODEL].

Prints the path of the page. A mistake of the user's is one line on stderr and exit code 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from plots.load import ResultsError


class _OneLineParser(argparse.ArgumentParser):
    """argparse without the usage text in front of an error."""

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {message} (--help shows how)\n")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, checked; exits with 2 on a mistake."""
    parser = _OneLineParser(prog="waitbench", description="Charts and a report from results files.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    report = commands.add_parser("report", help="charts and one self-contained HTML page")
    report.add_argument("files", nargs="+", type=Path, metavar="FILE", help="results files (JSON)")
    report.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="where the report goes (default: report/)",
    )
    report.add_argument(
        "--baseline",
        metavar="MODEL",
        help="compare with this model (default: callback-epoll, else the first)",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; gives its exit code."""
    wanted = parse(arguments)
    try:
        # Imported late: the drawing libraries take a second, which no usage error should wait for.
        from plots.report import write_report

        print(write_report(wanted.files, wanted.out, wanted.baseline))
    except ResultsError as error:
        print(f"waitbench report: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

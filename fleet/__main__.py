"""The command line of `waitbench fleet`: one suite on many machines."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import traceback
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

from fleet import record
from fleet.carriers import check as check_carrier
from fleet.conduct import conduct
from fleet.plan import VIAS, Plan, UsageError, check_names
from plots.commands import streams
from plots.requirements import missing_modules

_PROGRAM = "WAITBENCH_PROGRAM"  # set by the program that starts this
OK, FAILED, USAGE, INTERNAL_ERROR, INTERRUPTED = 0, 1, 2, 70, 130
_OWN_OPTIONS = ("--out", "--resume", "--dry-run", "--verify-only", "--loads-of")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "": 1}


class _Parser(argparse.ArgumentParser):
    """argparse with one line for an error, on streams that may fail."""

    def error(self, message: str) -> NoReturn:
        streams.complain_line(f"waitbench fleet: {message} (--help shows how)")
        self.exit(USAGE)

    def _print_message(self, message: str, file: IO[str] | None = None) -> None:
        streams.write(message)


def _names(text: str) -> list[str]:
    return text.split(",")


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|m|min|h|)", text)
    if not found or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no time: give it as 90s, 30m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def _parser() -> _Parser:
    parser = _Parser(
        prog="waitbench fleet",
        usage="waitbench fleet --via local|ssh|slurm --hosts A,B --out DIR [-- OPTIONS OF RUN]\n"
        "       waitbench fleet --resume DIR",
        description="Runs the same suite on many machines, gathers a results file from each, and "
        "makes a page and a table over the machines. What follows -- is for `waitbench run`.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--via", choices=VIAS, help="what starts the runs; local: one after another, here")
    add("--hosts", type=_names, metavar="A,B", help="the machines: hosts of ssh, nodes of Slurm")
    add("--nodes", type=int, metavar="N", help="Slurm: any N nodes, which it chooses")
    add("--profiles", type=_names, default=[], metavar="P,Q",
        help="a run of each profile, on each machine")  # fmt: skip
    add("--out", type=Path, metavar="DIR", help="where all goes; for Slurm a folder that is shared")
    add("--resume", type=Path, metavar="DIR", help="go on with that fleet: only what is missing")
    add("--program", metavar="PATH", help="waitbench on the machines; default: where it is here")
    add("--allow-unfit", action="store_true", help="measure also where the doctor says unfit")
    add("--deadline", type=_seconds, default=86400.0, metavar="TIME",
        help="a run that has not ended by then is late: 30m, 2h; default: 24h")  # fmt: skip
    add("--ssh", type=shlex.split, default=["ssh"], metavar="COMMAND", help="default: ssh")
    add("--constraint", metavar="LIST", help="Slurm: features that the nodes must have")
    add("--sbatch", action="append", default=[], metavar="OPTION",
        help="Slurm: a further option, such as --sbatch=--partition=debug")  # fmt: skip
    add("--backend-node", nargs="?", const="", metavar="NODE",
        help="Slurm: the backend on a node of its own, as a heterogeneous job")  # fmt: skip
    return parser


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and those of the run; exits with 2 on a mistake."""
    words = list(arguments)
    place = words.index("--") if "--" in words else len(words)
    return _parser().parse_args(words[:place]), words[place + 1 :]


def _program() -> str:
    program = os.environ.get(_PROGRAM)
    if not program:
        raise UsageError("start this as: waitbench fleet")
    return program


def _version(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _check_options(program: str, options: list[str]) -> None:
    """Refuses what `waitbench run` would refuse, and what the fleet says itself."""
    for word in options:
        if word.split("=")[0] in _OWN_OPTIONS:
            raise UsageError(f"{word.split('=')[0]}: not for a fleet; leave it out behind --")
    words = [program, "run", *options, "--dry-run", "--out", "-"]
    words = [word for word in words if word != "--strict"]
    done = subprocess.run(words, capture_output=True, text=True, errors="backslashreplace")
    if done.returncode != OK:
        raise UsageError(done.stderr.strip().removeprefix("waitbench: ") or "run fails here, too")


def _new_plan(wanted: argparse.Namespace, options: list[str]) -> Plan:
    for flag in ("via", "out"):
        if getattr(wanted, flag) is None:
            raise UsageError(f"--{flag} is missing (--help shows how)")
    if (wanted.hosts is None) == (wanted.nodes is None):
        raise UsageError("give --hosts A,B, or for Slurm --nodes N")
    slurm_only = [wanted.nodes, wanted.constraint, wanted.sbatch or None, wanted.backend_node]
    if wanted.via != "slurm" and any(value is not None for value in slurm_only):
        raise UsageError("--nodes, --constraint, --sbatch and --backend-node go with --via slurm")
    if wanted.profiles and any(word.split("=")[0] == "--profile" for word in options):
        raise UsageError("give --profiles or, behind --, --profile; not both")
    if wanted.profiles and wanted.backend_node is not None:
        raise UsageError("Slurm has no arrays of jobs with two kinds of nodes: with --backend-node "
                         "start a fleet for each profile")  # fmt: skip
    check_carrier(wanted.via, wanted.ssh)
    program = _program()
    for profile in wanted.profiles or [""]:
        _check_options(program, [*(["--profile", profile] if profile else []), *options])
    sbatch = [*([f"--constraint={wanted.constraint}"] if wanted.constraint else []), *wanted.sbatch]
    hosts = wanted.hosts
    if hosts is None:
        from fleet.slurm import choose_nodes

        hosts = choose_nodes(wanted.nodes, sbatch)
    check_names(hosts, wanted.profiles)
    folder = wanted.out
    if (folder / record.NAME).exists():
        raise UsageError(f"--out {folder}: there is a fleet; go on with it: --resume {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror}; give a folder") from error
    strict = [] if wanted.allow_unfit or "--strict" in options else ["--strict"]
    return Plan(
        identity=uuid.uuid4().hex[:12],
        via=wanted.via,
        hosts=hosts,
        profiles=wanted.profiles,
        options=[*options, *strict],
        folder=folder.resolve(),
        program=wanted.program or program,
        version=_version(program),
        deadline_s=wanted.deadline,
        ssh=wanted.ssh,
        sbatch=sbatch,
        backend_node=wanted.backend_node,
    )


def _plan(wanted: argparse.Namespace, options: list[str], words: Sequence[str]) -> Plan:
    if wanted.resume is None:
        return _new_plan(wanted, options)
    if len(words) > 2:
        raise UsageError("--resume DIR stands alone: all else is as the fleet was started")
    return record.read(wanted.resume)


def _carry_out(words: Sequence[str]) -> int:
    wanted, options = parse(words)
    missing = missing_modules()
    if missing:
        raise UsageError(f"{sys.executable} has no module {', '.join(missing)}, for the page")
    plan = _plan(wanted, options, words)
    rows, interrupted = conduct(plan, lambda line: streams.complain_line(f"fleet: {line}"))
    from fleet.gather import gather

    rows = gather(plan, rows)
    record.write(plan, rows)
    if interrupted:
        return INTERRUPTED
    return FAILED if any(row.reason for row in rows) else OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Carries it out; gives the exit code."""
    streams.prepare()
    try:
        return _carry_out(sys.argv[1:] if arguments is None else arguments)
    except SystemExit as end:  # of the parser
        return int(end.code or 0)
    except UsageError as error:
        streams.complain_line(f"waitbench fleet: {error}")
        return USAGE
    except (streams.OutputError, OSError) as error:
        streams.complain_line(f"waitbench fleet: {error}")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:
        streams.complain(f"waitbench fleet: internal error\n{traceback.format_exc()}")
        return INTERNAL_ERROR
    finally:
        streams.finish()


if __name__ == "__main__":
    sys.exit(main())

"""What starts the runs of a fleet on its machines, whatever that is: local, ssh or Slurm."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from fleet.plan import Plan, Task, UsageError

JOB = Path(__file__).with_name("job.sh")


class Ended(NamedTuple):
    """A run has ended: its exit code if that is known, and what stopped it, unless it did so by
    itself."""

    task: Task
    code: int | None = None
    why: str = ""


class Carrier(Protocol):
    """Starts runs, and says which have ended. Nothing of it is left when all have."""

    def poll(self) -> list[Ended]:
        """Starts what can be started, and gives what has ended since the last call."""

    def cancel(self, why: str) -> None:
        """Tells all to end that have not; poll() gives them when they have."""

    def kill(self) -> None:
        """Ends at once what did not end when it was told to."""


def check(via: str, ssh: list[str]) -> None:
    """Raises UsageError where what starts the runs does not work here."""
    probes = {"ssh": [*ssh, "-V"], "slurm": ["sinfo", "--noheader"]}
    if via not in probes:
        return
    command = shlex.join(probes[via][:1])
    try:
        done = subprocess.run(probes[via], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"--via {via}: {command} does not work here: {error}") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise UsageError(f"--via {via}: {command} does not work here: {said}")


def carrier_of(plan: Plan, tasks: list[Task]) -> Carrier:
    """What carries out these runs of a plan. Raises UsageError if that does not work."""
    from fleet.attended import Local, Ssh
    from fleet.slurm import Slurm

    kinds: dict[str, Callable[[Plan, list[Task]], Carrier]]
    kinds = {"local": Local, "ssh": Ssh, "slurm": Slurm}
    if plan.via not in kinds:
        raise UsageError(f"--via {plan.via}: there are {', '.join(kinds)}")
    return kinds[plan.via](plan, tasks)

"""What a fleet is to do: which runs on which machines, and where their files go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

VIAS = ("local", "ssh", "slurm")
# A name becomes a file's name and a word for ssh and Slurm, of which none begins with "-".
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")
_PROFILE = re.compile(r"[a-z]+")


class UsageError(Exception):
    """It cannot be carried out as given: what is wrong and what would be right, in one line."""


@dataclass(frozen=True)
class Task:
    """One run on one machine; `profile` where that is not among the options of the run."""

    host: str
    profile: str | None = None

    @property
    def name(self) -> str:
        """The name of its files, without what follows the last point."""
        return self.host if self.profile is None else f"{self.host}.{self.profile}"

    @property
    def phrase(self) -> str:
        """How a person calls it: n1, n1 (profile quick)."""
        return self.host if self.profile is None else f"{self.host} (profile {self.profile})"


def tasks_of(hosts: list[str], profiles: list[str]) -> list[Task]:
    """The runs of all profiles on all machines, machine by machine."""
    wanted: list[str | None] = [*profiles] or [None]
    return [Task(host, profile) for host in hosts for profile in wanted]


@dataclass(frozen=True)
class Plan:
    """A fleet as it was asked for. `folder` is absolute; `version` is the program's own line, which
    every machine's has to equal; `ssh` and `sbatch` are options of theirs."""

    identity: str
    via: str
    hosts: list[str]
    profiles: list[str]
    options: list[str]
    folder: Path
    program: str
    version: str
    deadline_s: float
    ssh: list[str] = field(default_factory=lambda: ["ssh"])
    sbatch: list[str] = field(default_factory=list)
    backend_node: list[str] | None = None

    @property
    def tasks(self) -> list[Task]:
        """All runs, machine by machine."""
        return tasks_of(self.hosts, self.profiles)

    def results(self, task: Task) -> Path:
        """Where the results of a run go."""
        return self.folder / f"{task.name}.json"

    def log(self, task: Task) -> Path:
        """Where what a run says goes."""
        return self.folder / f"{task.name}.log"


def check_names(hosts: list[str], profiles: list[str]) -> None:
    """Raises UsageError unless all can be names of files, each once."""
    for words, shape, what in ((hosts, _HOST, "--hosts"), (profiles, _PROFILE, "--profiles")):
        for word in words:
            if not shape.fullmatch(word):
                raise UsageError(f"{what}: '{word}' is no name; give them as a,b,c")
            if words.count(word) > 1:
                raise UsageError(f"{what}: '{word}' stands there twice; give each once")
    names = [task.name for task in tasks_of(hosts, profiles)]
    if "fleet" in names or len({*names}) < len(names):
        raise UsageError("--hosts: these names do not give every run a file of its own")

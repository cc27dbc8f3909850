"""Runs as jobs of Slurm: an exclusive one for each machine, an array of them where there are
profiles, a heterogeneous one where the backend has a node of its own.

Jobs carry the fleet's name, so a fleet that is taken up finds those that are still there, and waits
for them. They are never requeued: what is missing is asked for by --resume.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Sequence
from typing import NamedTuple

from fleet.carriers import JOB, Ended
from fleet.plan import Plan, Task, UsageError

_ANSWER_S = 60.0  # for each command of Slurm's
_SHARED_S = 30.0  # until what a node wrote is seen here
_OUT_OF_SERVICE = ("drain", "down", "fail", "maint", "not_respond", "power")
_ENDED = ("COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL",
          "DEADLINE", "OUT_OF_MEMORY", "REVOKED")  # fmt: skip


class Job(NamedTuple):
    """A job as Slurm sees it: its id (of an array: with the number of the task), the name that we
    gave it, its place in the array, its state, and why it is in that."""

    identity: str
    name: str
    place: int
    state: str
    reason: str

    @property
    def number(self) -> int:
        """The number of the job, which all tasks of an array and both parts of a job share."""
        return int(re.split(r"\D", self.identity)[0] or 0)


def ask(*words: str) -> str:
    """What a command of Slurm's prints. Raises UsageError with what it complains of."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_ANSWER_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"--via slurm: {words[0]} does not work here: {error}") from error
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())
        raise UsageError(f"--via slurm: {words[0]}: {said}")
    return done.stdout


def choose_nodes(count: int, sbatch: Sequence[str]) -> list[str]:
    """So many nodes as Slurm would give them to a job with these options."""
    words = ["sbatch", "--test-only", f"--nodes={count}", "--exclusive", *sbatch, "--wrap=true"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_ANSWER_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"--via slurm: sbatch does not work here: {error}") from error
    said = " ".join((done.stdout + done.stderr).split())
    found = re.search(r" on nodes (\S+)", said)
    if not found:
        raise UsageError(f"--nodes {count}: {said}")
    return ask("scontrol", "show", "hostnames", found[1]).split()


def _port(plan: Plan) -> int:
    """Where a backend listens: the same when the fleet is taken up, since a run goes on with the
    backend that it had. Below the ports that systems give out by themselves."""
    return 20_000 + int(plan.identity, 16) % 10_000


class Slurm:
    """Jobs in Slurm's queue, which it asks every time."""

    def __init__(self, plan: Plan, tasks: list[Task]) -> None:
        self._plan = plan
        self._open = list(tasks)
        self._why = ""
        self._doubts: dict[Task, str] = {}  # out of service when last looked at
        self._unseen: dict[Task, float] = {}  # since when it has ended, of results not seen yet
        self._refused: list[Ended] = []
        self._given: dict[str, int] = {}  # the number of the job of that name
        adopted = {job.name for job in self._jobs() if job.state not in _ENDED}
        for host in dict.fromkeys(task.host for task in tasks):
            if self._name(host) not in adopted:
                self._submit(host, [task for task in tasks if task.host == host])

    def poll(self) -> list[Ended]:
        """See Carrier. Where Slurm does not answer, nothing has ended as far as we know."""
        ended, self._refused = self._refused, []
        with contextlib.suppress(UsageError):
            # An earlier job may have the same name: the one that was given last counts.
            ours = [job for job in self._jobs() if job.number >= self._given.get(job.name, 0)]
            ours.sort(key=lambda job: job.number)
            jobs = {(job.name, job.place): job for job in ours}
            for task in list(self._open):
                found = self._look_at(task, jobs.get((self._name(task.host), self._place(task))))
                if found:
                    self._open.remove(task)
                    ended.append(found)
        return ended

    def cancel(self, why: str) -> None:
        """See Carrier."""
        self._why = why
        self._scancel()

    def kill(self) -> None:
        """See Carrier."""
        self._scancel("--signal=KILL", "--full")

    def _scancel(self, *options: str) -> None:
        for host in dict.fromkeys(task.host for task in self._open):
            with contextlib.suppress(UsageError):  # it is asked again, and then given up
                ask("scancel", "--quiet", *options, f"--name={self._name(host)}")

    def _name(self, host: str) -> str:
        return f"waitbench-{self._plan.identity}-{host}"

    def _place(self, task: Task) -> int:
        """The number of a task in its array; 0 where there is none."""
        profiles = self._plan.profiles
        return profiles.index(task.profile) if task.profile is not None else 0

    def _submit(self, host: str, tasks: list[Task]) -> None:
        plan = self._plan
        one = ["--nodes=1", "--exclusive", "--mem=0"]
        words = ["sbatch", "--parsable", f"--job-name={self._name(host)}", "--no-requeue",
                 "--output=/dev/null", "--error=/dev/null", "--chdir=/"]  # fmt: skip
        if plan.profiles:
            places = ",".join(str(self._place(task)) for task in tasks)
            words.append(f"--array={places}%1")  # one machine: one after another
        words += [*one, f"--nodelist={host}", *plan.sbatch]
        if plan.backend_node is not None:
            at = [f"--nodelist={plan.backend_node}"] if plan.backend_node else []
            words += [":", *one, *at, *plan.sbatch]
        all_tasks = [task for task in plan.tasks if task.host == host]
        names = [t.name if t.profile is None else f"{t.name}:{t.profile}" for t in all_tasks]
        port = str(_port(plan)) if plan.backend_node is not None else ""
        job = ["slurm", str(plan.folder), " ".join(names), plan.program, plan.version, port]
        try:
            said = ask(*words, str(JOB), *job, *plan.options)
            self._given[self._name(host)] = int(re.split(r"\D", said)[0] or 0)
        except UsageError as error:
            for task in tasks:
                self._open.remove(task)
                self._refused.append(Ended(task, None, str(error).removeprefix("--via slurm: ")))

    def _jobs(self) -> list[Job]:
        """All jobs of this fleet that Slurm still knows of."""
        names = ",".join(self._name(host) for host in self._plan.hosts)
        text = ask("squeue", "--noheader", "--array", "--states=all", f"--name={names}",
                   "--format=%i|%j|%K|%T|%r")  # fmt: skip
        jobs = []
        for line in text.splitlines():
            identity, name, place, state, reason = line.strip().split("|", 4)
            if "+" not in identity or identity.endswith("+0"):  # the first part of a het job
                at = int(place) if place.isdigit() else 0
                jobs.append(Job(identity, name, at, state, reason))
        return jobs

    def _look_at(self, task: Task, job: Job | None) -> Ended | None:
        """Whether a task has ended, or never will begin."""
        if job is None:
            return Ended(task, None, self._why or "Slurm knows nothing of its job any more")
        if job.state in _ENDED:
            return self._end(task, job)
        if job.state == "PENDING" and not self._why:
            return self._give_up_if_out_of_service(task, job)
        return None

    def _end(self, task: Task, job: Job) -> Ended | None:
        code = self._exit_code(job)
        if code == 0 and not self._plan.results(task).exists():
            # A shared folder may show here what was written there some seconds later.
            since = self._unseen.setdefault(task, time.monotonic())
            if time.monotonic() < since + _SHARED_S:
                return None
        if job.state in ("COMPLETED", "FAILED"):
            return Ended(task, code, self._why if code else "")
        words = f"Slurm: {job.state.lower()}" + (f" ({job.reason})" if job.reason != "None" else "")
        return Ended(task, code, self._why or words)

    @staticmethod
    def _exit_code(job: Job) -> int | None:
        try:
            text = ask("scontrol", "--oneliner", "show", "job", job.identity)
        except UsageError:
            return None
        found = re.search(r" ExitCode=(\d+):(\d+)", text)
        if not found:
            return None
        return int(found[1]) if found[2] == "0" else -int(found[2])

    def _give_up_if_out_of_service(self, task: Task, job: Job) -> Ended | None:
        """A job that waits for a node which is drained or down would wait until somebody mends it.
        Twice seen so, it is cancelled."""
        text = ask("sinfo", "--noheader", f"--nodes={task.host}", "--format=%T|%E").strip()
        state, _, why = text.splitlines()[0].partition("|") if text else ("unknown", "", "")
        if not any(word in state.lower() for word in _OUT_OF_SERVICE):
            self._doubts.pop(task, None)
            return None
        reason = f"Slurm: the node is {state.rstrip('*')}" + (f" ({why})" if why else "")
        if self._doubts.get(task) != reason:
            self._doubts[task] = reason
            return None
        ask("scancel", "--quiet", job.identity)
        return Ended(task, None, reason)

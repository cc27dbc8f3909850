"""Runs that are attended: a process here stands for each, and the run ends when that does."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
from pathlib import Path
from typing import IO

from fleet.carriers import JOB, Ended
from fleet.plan import Plan, Task

_SSH_FAILED = 255  # what ssh ends with when it is ssh that failed


class Attended:
    """Jobs as children of this process, one at a time in each lane. The end of a job's stdin, which
    a kill of this process brings about too, tells it to end."""

    def __init__(self, plan: Plan, tasks: list[Task]) -> None:
        self._plan = plan
        self._waiting = list(tasks)
        self._running: dict[Task, subprocess.Popen[bytes]] = {}
        self._why = ""

    def poll(self) -> list[Ended]:
        """See Carrier."""
        ended = []
        for task, process in list(self._running.items()):
            code = process.poll()
            if code is not None:
                del self._running[task]
                ended.append(self._end(task, code))
        if self._why:
            ended += [Ended(task, None, self._why) for task in self._waiting]
            self._waiting = []
        busy = {self.lane(task) for task in self._running}
        for task in list(self._waiting):
            if self.lane(task) not in busy:
                busy.add(self.lane(task))
                self._waiting.remove(task)
                ended += self._start(task)
        return ended

    def cancel(self, why: str) -> None:
        """See Carrier."""
        self._why = why
        for process in self._running.values():
            if process.stdin is not None:
                process.stdin.close()

    def kill(self) -> None:
        """See Carrier."""
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def lane(self, task: Task) -> str:
        """Tasks of one lane are carried out one after another."""
        raise NotImplementedError

    def command(self, task: Task) -> list[str]:
        """What starts the job of a task."""
        raise NotImplementedError

    def _job(self, task: Task, folder: str) -> list[str]:
        name = task.name if task.profile is None else f"{task.name}:{task.profile}"
        plan = self._plan
        return [plan.via, folder, name, plan.program, plan.version, "", *plan.options]

    def _start(self, task: Task) -> list[Ended]:
        log = self._plan.log(task)
        try:
            with log.open("wb") as words, self._output(task) as output:
                self._running[task] = subprocess.Popen(
                    self.command(task),
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=words,
                    start_new_session=True,  # a Ctrl-C is for us, and we tell them
                )
        except OSError as error:
            return [Ended(task, None, f"{error.filename}: {error.strerror}")]
        return []

    def _output(self, task: Task) -> IO[bytes]:
        return open(os.devnull, "wb")

    def _end(self, task: Task, code: int) -> Ended:
        return Ended(task, code, self._why if code else "")


class Local(Attended):
    """On this machine, one run after another."""

    def lane(self, task: Task) -> str:
        return ""

    def command(self, task: Task) -> list[str]:
        return ["sh", str(JOB), *self._job(task, str(self._plan.folder))]


class Ssh(Attended):
    """By OpenSSH, on all machines at once. Results are kept in a cache there until they are here.
    """

    def lane(self, task: Task) -> str:
        return task.host

    def command(self, task: Task) -> list[str]:
        script = JOB.read_text(encoding="utf-8")
        job = ["sh", "-c", script, "job.sh", *self._job(task, self._plan.identity)]
        options = ["-o", "BatchMode=yes", "-o", "ServerAliveInterval=15"]
        return [*self._plan.ssh, *options, "-T", "--", task.host, shlex.join(job)]

    def _output(self, task: Task) -> IO[bytes]:
        return self._draft(task).open("wb")

    def _draft(self, task: Task) -> Path:
        return self._plan.folder / f"{task.name}.json.partial"

    def _end(self, task: Task, code: int) -> Ended:
        draft = self._draft(task)
        if draft.exists() and draft.stat().st_size:
            os.replace(draft, self._plan.results(task))
        else:
            draft.unlink(missing_ok=True)
        if code == _SSH_FAILED and not self._why:
            return Ended(task, code, self._ssh_words(task))
        return super()._end(task, code)

    def _ssh_words(self, task: Task) -> str:
        lines = self._plan.log(task).read_text(errors="backslashreplace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
        return f"ssh failed: {last}"

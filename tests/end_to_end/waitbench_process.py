"""A running waitbench and its processes, as the end-to-end tests see them: through /proc only.

Every wait is bounded, and only processes that carry a test's own mark are ever killed.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
BOUND_S = 240.0  # for anything that is to happen at all, however busy the machine is

# Deadlines that hold where a machine is so busy that a process waits a second for a CPU.
PATIENT = ("--deadline-ms", 200_000)
# A small cell, whose turns are over in a moment.
CELL = ("--delay-us", 200, "--in-flight", 4, "--turn-queries", 20)
QUICK = (*CELL, "--rounds", 2, *PATIENT)
# Rounds without end, as far as a test is concerned.
ENDLESS = (*CELL, "--rounds", 100_000, *PATIENT)

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")


def built_program() -> Path:
    """The waitbench to be tested; ends the tests where there is none."""
    named = os.environ.get("WAITBENCH")
    presets = ("dev", "test", "release")
    builds = [Path(named)] if named else [ROOT / "build" / p / "waitbench" for p in presets]
    for build in builds:
        if build.is_file():
            return build.resolve()
    pytest.exit(f"no waitbench to test: build one, or name it in WAITBENCH; not found: {builds}", 2)


def eventually(what: Callable[[], T], bound_s: float = BOUND_S) -> T:
    """Asks until the answer is true, and gives it; fails after `bound_s` seconds."""
    end = time.monotonic() + bound_s
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < end, f"it did not happen within {bound_s} s"
        time.sleep(0.005)


@dataclass(frozen=True)
class ProcessSeen:
    """A process as it was seen: its id and the words of its command line."""

    pid: int
    words: tuple[str, ...]

    def kill(self) -> None:
        """Kills it, unless it is gone."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def processes_with(mark: str) -> list[ProcessSeen]:
    """The living processes that have `mark` in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has ended
            continue
        if mark.encode() in environment:
            found.append(ProcessSeen(int(entry.name), tuple(words[:-1])))
    return found


def children_of(pid: int) -> list[ProcessSeen]:
    """The processes that it has started and that are alive."""
    try:
        pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        words = [Path(f"/proc/{child}/cmdline").read_text().split("\0") for child in pids]
    except OSError:
        return []
    return [ProcessSeen(int(child), tuple(of)) for child, of in zip(pids, words, strict=True)]


def abstract_sockets_of(pid: int) -> list[str]:
    """The abstract Unix sockets that a harness of that id has named."""
    lines = Path("/proc/net/unix").read_text().splitlines()
    return [line for line in lines if f"@waitbench-{pid}-" in line]


def _default_interrupts() -> None:
    """Signals as a shell in a terminal leaves them, also where these tests run under nohup, or in
    the background of a script."""
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_DFL)


def _last_output(late: subprocess.TimeoutExpired) -> str:
    """What it had written by then, of each stream the last lines."""
    streams = {"stdout": late.stdout, "stderr": late.stderr}
    tails = {name: (text or b"").decode(errors="replace")[-500:] for name, text in streams.items()}
    return "; ".join(f"{name}: {tail!r}" for name, tail in tails.items())


class WaitbenchRun:
    """One waitbench, started with its output in pipes."""

    def __init__(
        self,
        words: list[str],
        mark: str,
        prefix: list[str] | None = None,
        cwd: Path | None = None,
        stderr: int = subprocess.PIPE,
    ) -> None:
        """`prefix`: words of a command that is to start it, such as unshare. `stderr`: a
        descriptor, in place of a pipe whose content is in `stderr` after `wait`."""
        self.mark = mark
        self._process = subprocess.Popen(
            [*(prefix or []), *words],
            env=os.environ | {"WAITBENCH_TEST_MARK": mark},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            errors="surrogateescape",
            preexec_fn=_default_interrupts,
        )
        self.pid = self._process.pid
        self.stdout = ""
        self.stderr = ""

    def wait(self, bound_s: float = BOUND_S) -> int:
        """Waits for its end and gives the exit code (negative: minus the signal)."""
        try:
            self.stdout, stderr = self._process.communicate(timeout=bound_s)
        except subprocess.TimeoutExpired as late:
            pytest.fail(f"{late.cmd} did not end within {bound_s} s; {_last_output(late)}")
        self.stderr = stderr or ""
        return self._process.returncode

    def first_line(self) -> str:
        """The first line on its stdout, which must come; the rest is left to `wait`."""
        assert select.select([self._process.stdout], [], [], BOUND_S)[0], "it says nothing"
        return self._process.stdout.readline()

    def is_over(self) -> bool:
        """Whether it has ended; it must not say more than a pipe holds before it is waited for."""
        return self._process.poll() is not None

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kills it, if it runs, and collects its output."""
        if self._process.poll() is None:
            self._process.kill()
        if not self._process.stdout.closed:
            self._process.communicate(timeout=BOUND_S)

    def children(self, command: str, word: str = "") -> list[ProcessSeen]:
        """Its living child processes that run the sub-command `command` and whose command line
        has `word` in it."""
        return [
            process
            for process in processes_with(self.mark)
            if process.words[1:2] == (command,) and word in " ".join(process.words)
        ]

    def await_child(self, command: str, word: str = "") -> ProcessSeen:
        """The first such child, once there is one."""
        return eventually(lambda: self.children(command, word))[0]

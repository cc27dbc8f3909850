"""How a model waits, by its system calls: what strace saw of its trials, and what must be there.

Told apart are the engines, and the threads and processes that the kernel-scheduled styles start.
System calls do not show in which of the user-level styles a program is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SELECT = frozenset({"select", "pselect6"})
POLL = frozenset({"poll", "ppoll"})
EPOLL = frozenset({"epoll_wait", "epoll_pwait", "epoll_pwait2"})
RING = frozenset({"io_uring_enter"})
# What a socket is read and written with, where no ring does it.
TRANSFERS = frozenset({"sendto", "recvfrom", "sendmsg", "recvmsg"})
# What descriptors are passed on with, from process to process.
PASSING_ON = frozenset({"sendmsg", "recvmsg"})
# A libuv loop has an event descriptor, by which other threads could wake it. It is what tells
# libuv's epoll from ours, which has none.
LOOP_ALARM = frozenset({"eventfd2"})
_BEGINNINGS = frozenset({"clone", "clone3", "fork", "vfork"})
_OBSERVED = SELECT | POLL | EPOLL | RING | TRANSFERS | LOOP_ALARM | _BEGINNINGS
_OBSERVED |= {"execve", "pipe2"}

_USER_LEVEL_STYLES = ("callback", "generator", "coroutine", "fiber")


def strace_command(log: object) -> list[str]:
    """The words that start a program under strace, with what `trials_in` needs in the file
    `log`. A call that the machine's architecture does not have is left out ("?")."""
    calls = ",".join(f"?{name}" for name in sorted(_OBSERVED))
    return ["strace", "-f", "--seccomp-bpf", "-s", "4096", "-o", str(log), "-e", f"trace={calls}"]


@dataclass
class Mechanism:
    """What one trial did: which of the observed calls it and all it started made, and how many
    threads and processes it started."""

    calls: set[str] = field(default_factory=set)
    threads: int = 0
    processes: int = 0


def trials_in(log: str) -> list[Mechanism]:
    """The trials in the text of a log, in the order in which they were started."""
    trial_of: dict[int, Mechanism] = {}  # by thread
    trials = []
    parents: dict[int, tuple[int, bool]] = {}  # by thread: who started it, and whether as a thread
    calls = list(_calls_in(log))
    for thread, name, text in calls:
        begun = re.search(r"\) = (\d+)$", text)
        if name in _BEGINNINGS and begun and int(begun[1]) > 0:
            parents[int(begun[1])] = (thread, "CLONE_THREAD" in text)
        if name == "execve" and '["waitbench", "trial"' in text:
            trials.append(trial_of.setdefault(thread, Mechanism()))
    for thread, (parent, is_thread) in parents.items():
        trial = _trial_above(parent, trial_of, parents)
        if trial is not None:
            trial.threads += is_thread
            trial.processes += not is_thread
    for thread, name, _ in calls:
        trial = _trial_above(thread, trial_of, parents)
        if trial is not None:
            trial.calls.add(name)
    return trials


def _trial_above(
    thread: int, trial_of: dict[int, Mechanism], parents: dict[int, tuple[int, bool]]
) -> Mechanism | None:
    while thread not in trial_of:
        if thread not in parents:
            return None
        thread = parents[thread][0]
    return trial_of[thread]


def _calls_in(log: str) -> Iterator[tuple[int, str, str]]:
    """Each call: who made it, its name, and the whole of its text, also where the log has a part of
    it before and a part after calls of other threads. One that never returned is the last."""
    begun: dict[int, tuple[str, str]] = {}
    for line in log.splitlines():
        match = re.match(r"(\d+) +(<\.\.\. )?(\w+)(?: resumed>|(?=\())(.*)$", line)
        if match is None:
            continue  # a signal, or an end
        thread, resumed, name, text = int(match[1]), match[2], match[3], match[4]
        if resumed:
            text = begun.pop(thread, ("", ""))[1] + text
        if text.endswith("<unfinished ...>"):
            begun[thread] = (name, text.removesuffix("<unfinished ...>"))
        else:
            yield thread, name, text
    for thread, (name, text) in begun.items():
        yield thread, name, text


@dataclass(frozen=True)
class Expectation:
    """What a trial must do: make one of the calls `waits_by`, all of `always` and none of
    `never`, and start so many threads and processes."""

    waits_by: frozenset[str]
    never: frozenset[str]
    always: frozenset[str] = frozenset()
    threads: int = 0
    processes: int = 0

    def complaints(self, seen: Mechanism) -> list[str]:
        """What is wrong with a trial; empty if nothing is."""
        found = []
        if not self.waits_by & seen.calls:
            found.append(f"it never waited by {_listed(self.waits_by)}")
        if self.always - seen.calls:
            found.append(f"it never called {_listed(self.always - seen.calls)}")
        if self.never & seen.calls:
            found.append(f"it called {_listed(self.never & seen.calls)}")
        for what in ("threads", "processes"):
            expected, number = getattr(self, what), getattr(seen, what)
            if number != expected:
                found.append(f"it started {number} {what}, not {expected}")
        return found


def expectation_of(
    style: str, engine: str | None, max_in_flight: int, model: str = ""
) -> Expectation:
    """What a model of that style and engine must do where it can have so many queries in flight; or
    the model of that name, which differs from others of its style. Raises LookupError for a style
    or an engine that nothing was laid down for."""
    if model in _BROKERS:
        return _BROKERS[model](max_in_flight)
    if engine is None:
        return _kernel_scheduled(style, max_in_flight)
    if style not in _USER_LEVEL_STYLES:
        raise LookupError(f"say in {__name__}.py what the style {style!r} must do")
    if engine not in _ENGINES:
        raise LookupError(f"say in {__name__}.py what the engine {engine!r} must do")
    return _ENGINES[engine]


_ENGINES = {
    "select": Expectation(SELECT, never=POLL | EPOLL | RING | LOOP_ALARM),
    "poll": Expectation(POLL, never=SELECT | EPOLL | RING | LOOP_ALARM),
    "epoll": Expectation(EPOLL, never=SELECT | POLL | RING | LOOP_ALARM),
    # From 1.45 on libuv may use a ring for some of its own ends.
    "libuv": Expectation(EPOLL, never=SELECT | POLL, always=LOOP_ALARM),
    "io_uring": Expectation(RING, never=SELECT | POLL | EPOLL | TRANSFERS | LOOP_ALARM),
}


# A process for each query asks, by a pipe that it passes on, and one more answers.
_BROKERS = {
    "process-broker-threads": lambda max_in_flight: Expectation(
        frozenset({"recvfrom"}),
        never=SELECT | POLL | EPOLL | RING | LOOP_ALARM,
        always=PASSING_ON | {"pipe2"},
        threads=max_in_flight,
        processes=max_in_flight + 1,
    ),
    "process-broker-coroutines": lambda max_in_flight: Expectation(
        EPOLL,
        never=SELECT | POLL | RING | LOOP_ALARM,
        always=PASSING_ON | {"pipe2"},
        processes=max_in_flight + 1,
    ),
}


def _kernel_scheduled(style: str, max_in_flight: int) -> Expectation:
    """A blocking call for whatever is waited for, in as many threads or processes as there can be
    queries in flight. The parent of a pool of processes polls the links to its workers."""
    blocks = frozenset({"recvfrom"})
    never = SELECT | EPOLL | RING | LOOP_ALARM
    expectations = {
        "blocking": Expectation(blocks, never | POLL),
        "thread": Expectation(blocks, never | POLL, threads=max_in_flight),
        "process": Expectation(blocks, never, processes=max_in_flight),
    }
    if style not in expectations:
        raise LookupError(f"say in {__name__}.py what the style {style!r} must do")
    return expectations[style]


def _listed(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names))

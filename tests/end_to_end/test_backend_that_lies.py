"""A backend elsewhere that is slow to take orders, or reports what cannot be true: no honest model
is blamed for it. Between it and the harness stands a proxy that tampers with what passes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import pytest
from tampering_proxy import (
    DONE,
    HELD,
    OPEN,
    REPORT_BYTES,
    WATCH,
    Fields,
    TamperingProxy,
    changed_reply,
    changed_report,
    kind_of,
)

from plots.data.load import load
from waitbench_process import CELL, PATIENT

USAGE = 2
FAILED = 1
MODELS = "^(blocking|callback-epoll)$"


@pytest.fixture
def proxy(waitbench) -> Iterator[Callable[..., TamperingProxy]]:
    """Makes a proxy in front of a running `waitbench serve`, with the given hooks."""
    backend = waitbench("serve").first_line().split()[2]
    proxies: list[TamperingProxy] = []

    def make(**hooks: Callable) -> TamperingProxy:
        proxies.append(TamperingProxy(backend, **hooks))
        return proxies[-1]

    yield make
    for one in proxies:
        one.close()


def run_against(waitbench, endpoint: str, out, *words: object):
    """A finished run of two models against that backend."""
    run = waitbench("run", "--models", MODELS, *CELL, "--rounds", 2, "--invocations", 1,
                    "--backend", endpoint, "--out", out, *(words or PATIENT))  # fmt: skip
    run.code = run.wait()
    return run


@pytest.mark.parametrize("kind", [WATCH, OPEN])
def test_orders_that_are_late_blame_nobody(waitbench, proxy, out, kind):
    def delay(frame: bytes) -> list[bytes]:
        if kind_of(frame) == kind:
            time.sleep(0.05)
        return [frame]

    run = run_against(waitbench, proxy(on_order=delay).endpoint, out)
    assert run.code == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}


def fails_and_names_the_backend(run, out) -> str:
    """The reason, which is that of all rows."""
    assert run.code == FAILED, run.stderr
    entries = load([out]).entries
    assert set(entries.status) == {"failed"}
    (reason,) = set(entries.reason)
    return reason


def set_field(name: str, value: int | bytes) -> Callable[[Fields], None]:
    """A change of one field."""
    return lambda fields: fields.update({name: value})


def swap(one: str, other: str) -> Callable[[Fields], None]:
    """A change that exchanges two fields."""
    return lambda fields: fields.update({one: fields[other], other: fields[one]})


HUGE = 2**64 - 1
LIES = {
    "negative CPU time": set_field("cpu_opened_ns", -1),
    "CPU time that decreases": swap("cpu_opened_ns", "cpu_held_ns"),
    "one query more": lambda fields: fields.update(answered=fields["answered"] + 1),
    "2^64 - 1 queries": set_field("answered", HUGE),
    "2^64 - 1 in flight": set_field("in_flight", HUGE),
    "a peak below what is in flight": set_field("peak", 0),
    "a peak above the possible": set_field("peak", 1000),
    "held before it was opened": swap("opened_ns", "held_ns"),
    "the last query before the first": set_field("exhausted_ns", 1),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_report_that_cannot_be_true_names_the_backend(waitbench, proxy, out, lie):
    def tamper(frame: bytes) -> list[bytes]:
        is_of_a_turn = kind_of(frame) == HELD and frame[56:64] != bytes(8)
        return [changed_report(frame, LIES[lie]) if is_of_a_turn else frame]

    run = run_against(waitbench, proxy(on_report=tamper).endpoint, out)
    assert fails_and_names_the_backend(run, out).startswith("the backend reported ")


@pytest.mark.parametrize("kind", [HELD, DONE])
def test_a_report_that_comes_twice_names_the_backend(waitbench, proxy, out, kind):
    twice = proxy(on_report=lambda frame: [frame] * (2 if kind_of(frame) == kind else 1))
    run = run_against(waitbench, twice.endpoint, out)
    reason = fails_and_names_the_backend(run, out)
    assert reason.startswith(("the backend reported ", "the backend acknowledged ")), reason


STAMPS = {
    "received at -1": set_field("received_ns", -1),
    "sent at 2^62": set_field("sent_ns", 2**62),
    "due at 2^62": set_field("due_ns", 2**62),
    "sent before it was due": lambda fields: fields.update(sent_ns=fields["due_ns"] - 1),
    "received after it was sent": lambda fields: fields.update(received_ns=fields["sent_ns"] + 1),
}


@pytest.mark.parametrize("lie", STAMPS)
def test_stamps_that_cannot_be_true_name_the_backend(waitbench, proxy, out, lie):
    lying = proxy(on_reply=lambda header: changed_reply(header, STAMPS[lie]))
    run = run_against(waitbench, lying.endpoint, out)
    assert fails_and_names_the_backend(run, out).startswith("the backend stamped a reply as ")


def test_an_order_that_is_not_acknowledged_names_the_backend_and_the_order(waitbench, proxy, out):
    deaf = proxy(on_order=lambda frame: [] if kind_of(frame) == OPEN else [frame])
    run = run_against(waitbench, deaf.endpoint, out, "--deadline-ms", 500)
    reason = fails_and_names_the_backend(run, out)
    assert reason == "the backend did not acknowledge the order 'open' within 0.5 s"


@pytest.mark.parametrize("words", [("run",), ("run", "--verify-only"), ("verify",)], ids=" ".join)
def test_a_backend_of_another_workload_is_refused_in_one_line(waitbench, proxy, words):
    def another_workload(frame: bytes) -> list[bytes]:
        return [changed_report(frame, set_field("workload", b"echo"))]

    endpoint = proxy(on_report=another_workload).endpoint
    run = waitbench(*words, "--backend", endpoint)
    assert run.wait() == USAGE
    assert run.stdout == ""
    assert run.stderr == (
        f"waitbench: --backend {endpoint}: it answers the queries of 'echo', not those of 'delay'; "
        "start one with: waitbench serve --workload delay\n"
    )


def test_a_backend_that_has_another_workload_later_is_the_reason_of_the_rows(
    waitbench, proxy, out
):
    """As when it is replaced after the run has begun."""
    reports = itertools.count()

    def another_workload(frame: bytes) -> list[bytes]:
        if next(reports) == 0:
            return [frame]
        return [changed_report(frame, set_field("workload", b"echo"))]

    run = run_against(waitbench, proxy(on_report=another_workload).endpoint, out)
    reason = fails_and_names_the_backend(run, out)
    assert reason == "the backend answers the queries of 'echo', not those of 'delay'"


def test_a_backend_of_another_version_is_refused_in_one_line(waitbench, proxy):
    def another_version(frame: bytes) -> list[bytes]:
        assert len(frame) == REPORT_BYTES
        return [changed_report(frame, set_field("version", 99))]

    run = waitbench("run", "--backend", proxy(on_report=another_version).endpoint)
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert "version 99 of the control protocol" in run.stderr
    assert "and this harness version 5" in run.stderr

"""Pools of connections to a real PostgreSQL server: as many sessions as the pool has, whoever waits
for them, and what becomes of those who wait when one of them is lost."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest

from plots.data.load import load
from postgres_server import await_queries, lingering_session, needs_postgres, psql, server_of
from waitbench_process import PATIENT, eventually

FAILED, USAGE = 1, 2
pytestmark = [needs_postgres, pytest.mark.usefixtures("temporary_folder")]

SIZE, CLIENTS = 2, 5
POOL = ("--connections", f"pool:{SIZE}", "--in-flight", CLIENTS)
CELL = (*POOL, "--delay-us", 500, "--turn-queries", 50, "--invocations", 1)
EPOLL = ("--models", "^callback-epoll$")
LOST = "terminating connection|closed the connection|Connection reset|Broken pipe"


def test_clients_share_a_pool_by_each_rule(waitbench, out):
    models = "^(thread-pool|callback-epoll|coroutine-io_uring)$"
    run = waitbench("run", "--models", models, "--backend", "postgres", *CELL, "--rounds", 2,
                    "--dispatch", "least-loaded,first-free,random", "--client", "libpq,wire",
                    *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    entries = json.loads(out.read_bytes())["benchmarks"]
    assert {entry["dispatch"] for entry in entries} == {"least-loaded", "first-free", "random"}
    assert {entry["client"] for entry in entries} == {"libpq", "wire"}
    for entry in entries:
        assert entry["status"] == "ok", entry["reason"]
        assert entry["connections"] == f"pool:{SIZE}"
        assert entry["queries"] == 2 * entry["turn_queries"]
        assert entry["in_flight_peak_backend"] == SIZE


def test_who_cannot_share_a_connection_says_so(waitbench, out):
    run = waitbench("run", "--models", "^(callback-epoll|process-pool)$", "--backend", "postgres",
                    *CELL, "--rounds", 1, *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries
    of_processes = entries[entries.model == "process-pool"]
    assert set(of_processes.status) == {"skipped"}
    assert all("processes cannot share one" in reason for reason in of_processes.reason)
    assert set(entries[entries.model == "callback-epoll"].status) == {"ok"}


def test_a_trial_has_as_many_sessions_as_its_pool_and_all_of_them_rest(waitbench, endpoint, out):
    run = waitbench("run", *EPOLL, *CELL, "--rounds", 100_000, *PATIENT, "--backend", endpoint,
                    "--out", out)  # fmt: skip
    of_trials = "FROM pg_stat_activity WHERE application_name LIKE 'waitbench trial%'"
    sessions = f"SELECT count(*) {of_trials} GROUP BY application_name"
    resting = (
        f"SELECT application_name {of_trials} AND wait_event = 'advisory' "
        f"GROUP BY application_name HAVING count(*) = {SIZE}"
    )
    eventually(lambda: psql(endpoint, resting))
    for _ in range(10):
        assert max(map(int, psql(endpoint, sessions).split())) == SIZE
    run.signal(signal.SIGINT)
    run.wait()


@pytest.mark.parametrize(
    ("client", "dispatch"), [("libpq", "first-free"), ("wire", "least-loaded")]
)
def test_a_connection_lost_while_others_wait_for_it_fails_its_trial_alone(
    waitbench, out, client, dispatch
):
    run = waitbench("run", "--models", "^(thread-per-connection|callback-epoll)$", "--backend",
                    "postgres", *CELL, "--rounds", 40, "--dispatch", dispatch,
                    "--client", client, *PATIENT, "--out", out)  # fmt: skip
    victim = await_queries(server_of(run), 5 * SIZE)[-1]
    os.kill(victim.pid, signal.SIGTERM)
    assert run.wait() == FAILED
    entries = load([out]).entries
    failed = entries[entries.status == "failed"]
    assert len(failed) == 1, set(entries.reason)
    assert all(re.search(LOST, reason) for reason in failed.reason), set(failed.reason)
    assert set(entries[entries.status != "failed"].status) == {"ok"}


@pytest.mark.parametrize("client", ["libpq", "wire"])
def test_a_backend_that_is_killed_ends_the_whole_server_and_every_row_says_so(
    waitbench, out, client
):
    """As PostgreSQL has it: its other backends may have seen shared memory in a bad state."""
    run = waitbench("run", "--models", "^(thread-per-connection|callback-epoll)$", "--backend",
                    "postgres", *CELL, "--rounds", 100, "--client", client, *PATIENT,
                    "--out", out)  # fmt: skip
    os.kill(await_queries(server_of(run), 5 * SIZE)[-1].pid, signal.SIGKILL)
    assert run.wait() == FAILED
    entries = load([out]).entries
    assert set(entries.status) == {"failed"}
    known = f"{LOST}|the backend"
    assert all(re.search(known, reason) for reason in entries.reason), set(entries.reason)


@pytest.mark.parametrize("client", ["libpq", "wire"])
def test_a_pool_larger_than_the_server_allows_is_the_reason_of_its_row(
    waitbench, endpoint, out, client
):
    psql(endpoint, f"CREATE ROLE narrow LOGIN CONNECTION LIMIT {SIZE}")
    psql(endpoint, "GRANT CREATE ON DATABASE postgres TO narrow")
    narrow = re.sub(r"//[^@]*@", "//narrow@", endpoint)
    run = waitbench("run", *EPOLL, *CELL, "--rounds", 1, "--client", client, "--backend", narrow,
                    "--out", out)  # fmt: skip
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all("too many connections for role" in reason for reason in reasons), reasons


def test_a_pool_that_no_server_of_ours_allows_is_refused_in_one_line(waitbench, out):
    run = waitbench("run", *EPOLL, "--backend", "postgres", "--connections", "pool:1001",
                    "--in-flight", 2000, "--rounds", 1, "--out", out)  # fmt: skip
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert "1000 connections that postgres takes" in run.stderr
    assert not out.exists()


def test_sessions_that_stay_when_their_trial_has_ended_are_the_reason(waitbench, endpoint, out):
    """The server hands in what they have done only when they end."""
    run = waitbench("run", *EPOLL, *CELL, "--rounds", 60, "--deadline-ms", 8000, "--backend",
                    endpoint, "--out", out)  # fmt: skip
    tables = "SELECT relname FROM pg_stat_user_tables WHERE idx_scan > 0 LIMIT 1"
    number = eventually(lambda: psql(endpoint, tables).strip()).removeprefix("trial_")
    with lingering_session(endpoint, f"waitbench trial {number}"):
        assert run.wait() == FAILED
    failed = load([out]).entries.dropna(subset=["reason"])
    assert len(failed) == 1
    assert "still has 1 of its sessions, 8 s after it has ended" in set(failed.reason).pop()

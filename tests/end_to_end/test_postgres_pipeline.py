"""Clients that pipeline their queries to a real PostgreSQL server: so few connections, all of their
queries under way, and what becomes of these when a connection is lost."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest

from plots.data.load import load
from postgres_server import await_queries, needs_postgres, psql, server_of, table_in_use
from waitbench_process import PATIENT, eventually
from withholding_proxy import withholding_proxy

FAILED, USAGE = 1, 2
pytestmark = [needs_postgres, pytest.mark.usefixtures("temporary_folder")]

CONNECTIONS, DEPTH = 2, 3
CLIENTS = CONNECTIONS * DEPTH
PIPELINE = ("--backend", "postgres", "--pipeline", DEPTH, "--in-flight", CLIENTS)
CELL = (*PIPELINE, "--turn-queries", 60, "--invocations", 1)
EPOLL = ("--models", "^callback-epoll$")
SOON = ("--deadline-ms", 8000)  # for what is not to come
LOST = "terminating connection|closed the connection|Connection reset|Broken pipe"


@pytest.mark.parametrize("client", ["libpq", "wire"])
def test_every_query_is_answered_and_counted_by_the_server(waitbench, out, client):
    models = "^(blocking|thread-pool|process-per-connection|callback-epoll|coroutine-io_uring)$"
    run = waitbench("run", "--models", models, *CELL, "--workers", 1, "--delay-us", "0,500",
                    "--rounds", 2, "--client", client, "--transport", "unix,tcp", *PATIENT,
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    for entry in json.loads(out.read_bytes())["benchmarks"]:
        assert entry["status"] == "ok", entry["reason"]
        one_by_one = entry["model"] in ("blocking", "thread-pool")
        at_once = 1 if one_by_one else CONNECTIONS
        assert entry["pipeline"] == DEPTH
        assert entry["max_in_flight"] == at_once * DEPTH
        assert entry["in_flight_peak_backend"] == at_once
        assert entry["queries"] == 2 * entry["turn_queries"]
        assert entry["latency_us"]["p50"] > 0


def test_a_trial_has_as_many_sessions_as_it_has_pipelines_and_each_rests_once(
    waitbench, endpoint, out
):
    run = waitbench("run", *EPOLL, *CELL[2:], "--rounds", 100_000, *PATIENT, "--backend", endpoint,
                    "--out", out)  # fmt: skip
    of_trials = "FROM pg_stat_activity WHERE application_name LIKE 'waitbench trial%'"
    sessions = f"SELECT count(*) {of_trials} GROUP BY application_name"
    resting = (
        f"SELECT application_name {of_trials} AND wait_event = 'advisory' "
        f"GROUP BY application_name HAVING count(*) = {CONNECTIONS}"
    )
    eventually(lambda: psql(endpoint, resting))
    for _ in range(10):
        assert max(map(int, psql(endpoint, sessions).split())) == CONNECTIONS
    run.signal(signal.SIGINT)
    run.wait()


def through(endpoint: str, port: int) -> str:
    """The endpoint of the same server, behind a proxy."""
    return re.sub(r":\d+/", f":{port}/", endpoint)


def port_of(endpoint: str) -> int:
    return int(re.findall(r":(\d+)/", endpoint)[0])


@pytest.mark.parametrize("client", ["libpq", "wire"])
def test_as_many_queries_are_sent_before_the_first_is_answered(waitbench, endpoint, out, client):
    with withholding_proxy(port_of(endpoint), DEPTH) as proxy:
        run = waitbench("run", *EPOLL, *CELL[2:], "--delay-us", 0, "--rounds", 2, "--client",
                        client, *PATIENT, "--backend", through(endpoint, proxy.port),
                        "--out", out)  # fmt: skip
        assert run.wait() == 0, run.stderr
        assert proxy.most_under_way == DEPTH
    assert set(load([out]).entries.status) == {"ok"}


def test_who_awaits_each_answer_gets_none_of_a_server_that_waits_for_a_pipeline(
    waitbench, endpoint, out
):
    """The same, of clients that do not pipeline: so the test above can fail."""
    with withholding_proxy(port_of(endpoint), DEPTH) as proxy:
        run = waitbench("run", *EPOLL, "--in-flight", 2, "--turn-queries", 20, "--rounds", 1,
                        "--invocations", 1, "--delay-us", 0, *SOON, "--backend",
                        through(endpoint, proxy.port), "--out", out)  # fmt: skip
        assert run.wait() == FAILED
        assert proxy.most_under_way == 1
    assert all("at the deadline" in reason for reason in load([out]).entries.reason)


@pytest.mark.parametrize("client", ["libpq", "wire"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_backend_that_ends_with_queries_under_way_fails_its_trial(waitbench, out, client, how):
    """Terminated, it says so, and only its trial has lost it; killed, it takes the whole server
    with it, as PostgreSQL does."""
    run = waitbench("run", "--models", "^(thread-per-connection|callback-epoll)$", *CELL,
                    "--delay-us", 500, "--rounds", 100, "--client", client, *PATIENT,
                    "--out", out)  # fmt: skip
    os.kill(await_queries(server_of(run), 5 * CONNECTIONS)[-1].pid, how)
    assert run.wait() == FAILED
    failed = load([out]).entries.query("status == 'failed'")
    if how == signal.SIGTERM:
        assert len(failed) == 1, set(failed.reason)
        assert all(re.search(LOST, reason) for reason in failed.reason), set(failed.reason)
    else:
        known = f"{LOST}|backend|another server process exited|server process crashed"
        assert len(failed) >= 1
        assert all(re.search(known, reason) for reason in failed.reason), set(failed.reason)


@pytest.mark.parametrize("client", ["libpq", "wire"])
def test_a_row_that_is_wrong_is_found_out(waitbench, endpoint, out, client):
    run = waitbench("run", *EPOLL, *CELL[2:], "--delay-us", 500, "--rounds", 100, "--client",
                    client, *PATIENT, "--backend", endpoint, "--out", out)  # fmt: skip
    psql(endpoint, f"UPDATE {table_in_use(endpoint)} SET note = 'another'")
    assert run.wait() == FAILED
    reasons = " ".join(load([out]).entries.reason.dropna())
    assert "another note than that of row" in reasons


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--in-flight", 8), "give a multiple of 3"),
        (("--connections", "fresh"), "leave --connections out"),
        (("--connections", "pool:2"), "leave --connections out"),
        (("--rate", 100), "leave --memory and --rate out"),
        (("--backend", "nginx"), "the workload nginx has no such axis"),
        (("--pipeline", 101), "101"),
    ],
)
def test_pipelines_that_cannot_be_are_refused_in_one_line(waitbench, out, more, reason):
    words = dict(zip(PIPELINE[::2], PIPELINE[1::2])) | dict([more])
    flat = [word for pair in words.items() for word in pair]
    run = waitbench("run", *EPOLL, *flat, "--rounds", 1, "--out", out)
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert reason in run.stderr
    assert not out.exists()

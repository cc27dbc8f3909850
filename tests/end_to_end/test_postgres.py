"""A real PostgreSQL server as the backend: it is started, asked, and gone at the end; and whatever
goes wrong with it is a row with its reason."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time

import pytest

from plots.data.load import load
from postgres_server import await_queries, needs_postgres, psql, server_of, table_in_use
from waitbench_process import BOUND_S, PATIENT, eventually, processes_with

FAILED, USAGE = 1, 2
pytestmark = [needs_postgres, pytest.mark.usefixtures("temporary_folder")]

MODELS = ("--models", "^(blocking|callback-epoll|coroutine-io_uring)$")
CELL = ("--backend", "postgres", "--in-flight", 3, "--turn-queries", 40, "--invocations", 1)
SHORT = (*CELL, "--delay-us", 500, "--rounds", 2, *PATIENT)
ENDLESS = (*CELL, "--delay-us", 500, "--rounds", 100_000)
BATCHES, AT_ONCE = 4, 5
SOON = ("--deadline-ms", 12_000)  # for what is not to come; a busy machine has to start by then


@pytest.mark.parametrize("client", ["libpq", "wire"])
@pytest.mark.parametrize("connections", ["kept", "fresh"])
def test_every_query_is_answered_and_counted_by_the_server(waitbench, out, client, connections):
    run = waitbench("run", *MODELS, *SHORT, "--client", client, "--connections", connections,
                    "--transport", "unix,tcp", "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert len(load([out]).entries) == 2 * 6
    for entry in json.loads(out.read_bytes())["benchmarks"]:
        assert entry["status"] == "ok"
        assert (entry["backend"], entry["client"]) == ("postgres", client)
        assert entry["queries"] == 2 * entry["turn_queries"]
        for figure in ("client_cpu_us_per_query", "backend_cpu_us_per_query", "queries_per_second"):
            assert entry[figure] > 0, figure


IDLE = "FROM pg_stat_activity WHERE application_name LIKE 'waitbench idle %' AND state = 'idle'"


@pytest.mark.parametrize("client", ["libpq", "wire"])
def test_idle_connections_are_open_beside_those_that_ask(waitbench, out, endpoint, client):
    run = waitbench("run", "--models", "^callback-(epoll|select)$", *CELL[2:], "--delay-us", 500,
                    "--rounds", 20, *PATIENT, "--idle", 6, "--client", client,
                    "--backend", endpoint, "--out", out)  # fmt: skip
    eventually(lambda: psql(endpoint, f"SELECT count(*) {IDLE}") == f"{5 * 6}\n")
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}
    assert psql(endpoint, f"SELECT count(*) {IDLE}") == "0\n"


@pytest.mark.parametrize("client", ["libpq", "wire"])
def test_an_idle_connection_that_the_server_ends_is_the_reason(waitbench, out, endpoint, client):
    run = waitbench("run", "--models", "^callback-epoll$", *ENDLESS[2:], *PATIENT, "--idle", 6,
                    "--client", client, "--backend", endpoint, "--out", out)  # fmt: skip
    table_in_use(endpoint)
    psql(endpoint, f"SELECT pg_terminate_backend(pid) {IDLE}")
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    lost = "an idle connection was lost: .*(terminating|closed|reset)"
    assert all(re.match(lost, reason) for reason in reasons), reasons


def test_more_idle_connections_than_the_server_takes_are_refused(waitbench, out):
    run = waitbench("run", "--models", "^callback-epoll$", *CELL, "--idle", 2000, "--out", out)
    assert run.wait() == USAGE
    assert "1000 connections that postgres takes" in run.stderr, run.stderr


def test_an_open_loop_is_followed(waitbench, out):
    run = waitbench("run", "--models", "^callback-epoll$", "--backend", "postgres", "--in-flight",
                    8, "--delay-us", 0, "--rate", 200, "--seconds", "0.3", "--rounds", 2,
                    "--invocations", 1, *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}


def test_a_server_that_is_killed_is_the_reason_and_the_next_invocation_has_another(waitbench, out):
    run = waitbench("run", *MODELS, *CELL[:-1], 2, "--delay-us", 500, "--rounds", 60,
                    *PATIENT, "--out", out)  # fmt: skip
    server = server_of(run)
    await_queries(server, 14)
    server.kill()
    assert run.wait() == FAILED
    entries = load([out]).entries
    first = entries[entries.invocation == 0]
    assert set(first.status) == {"failed"}
    assert all("backend" in reason for reason in first.reason), set(first.reason)
    assert set(entries[entries.invocation == 1].status) == {"ok"}


def test_a_server_that_stops_is_given_up_at_the_deadline(waitbench, out):
    run = waitbench("run", *MODELS, *ENDLESS, *SOON, "--out", out)
    server = server_of(run)
    stopped = [server, *await_queries(server, 14)]
    for process in stopped:
        os.kill(process.pid, signal.SIGSTOP)
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all("the backend did not answer within 12 s" in reason for reason in reasons), reasons


def test_a_connection_that_the_server_ends_fails_its_trial_alone(waitbench, out):
    run = waitbench("run", *MODELS, *CELL, "--delay-us", 500, "--rounds", 40, *PATIENT,
                    "--out", out)  # fmt: skip
    victim = await_queries(server_of(run), 14)[-1]
    os.kill(victim.pid, signal.SIGTERM)
    assert run.wait() == FAILED
    entries = load([out]).entries
    failed = entries[entries.status == "failed"]
    assert len(failed) == 1 or victim.words[0].endswith("idle"), set(entries.reason)
    # Who sends at that moment may find the connection closed before it reads why.
    lost = "terminating connection|closed the connection|Connection reset|Broken pipe"
    assert all(re.search(lost, reason) for reason in failed.reason), set(failed.reason)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_kill_of_the_harness_at_any_moment_leaves_no_server_and_no_folder(
    waitbench, tmp_path, temporary_folder, batch
):
    """Of 20, from the making of the cluster on; several side by side, some with a pool."""
    pool = ("--connections", "pool:2")
    runs = [
        waitbench("run", *MODELS, *ENDLESS, *PATIENT, *(pool if number % 2 else ()),
                  "--out", tmp_path / f"{number}.json")
        for number in range(AT_ONCE)
    ]  # fmt: skip
    eventually(lambda: len(list(temporary_folder.iterdir())) == AT_ONCE)
    began = time.monotonic()
    for number, run in enumerate(runs):
        moment_s = 0.2 * (batch + BATCHES * number)
        time.sleep(max(0.0, began + moment_s - time.monotonic()))
        run.signal(signal.SIGKILL)
        run.wait()
    eventually(lambda: not list(temporary_folder.iterdir()))
    eventually(lambda: not processes_with(runs[0].mark))


def test_a_server_that_runs_already_is_used_and_kept(waitbench, endpoint, out):
    assert psql(endpoint, "CREATE TABLE mine AS SELECT 1 AS one") == "SELECT 1\n"
    run = waitbench("run", "--models", "^callback-epoll$", *SHORT[2:], "--backend", endpoint,
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}
    assert psql(endpoint, "SELECT one FROM mine") == "1\n"
    assert psql(endpoint, "SELECT relname FROM pg_stat_user_tables") == "mine\n"


def test_work_that_the_server_has_not_counted_is_not_credited(waitbench, endpoint, out):
    run = waitbench("run", "--models", "^callback-epoll$", *CELL[2:], "--delay-us", 500,
                    "--rounds", 100, *PATIENT, "--backend", endpoint, "--out", out)  # fmt: skip
    table = table_in_use(endpoint)
    psql(endpoint, f"SELECT pg_stat_reset_single_table_counters('{table}_pkey'::regclass)")
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason.dropna())
    assert any("the server has carried out" in reason for reason in reasons), reasons


def test_a_row_that_is_wrong_is_found_out(waitbench, endpoint, out):
    run = waitbench("run", "--models", "^callback-epoll$", *CELL[2:], "--delay-us", 500,
                    "--rounds", 100, *PATIENT, "--backend", endpoint, "--out", out)  # fmt: skip
    psql(endpoint, f"UPDATE {table_in_use(endpoint)} SET note = 'another'")
    assert run.wait() == FAILED
    reasons = " ".join(load([out]).entries.reason.dropna())
    assert "another note than that of row" in reasons


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("postgres://nobody@127.0.0.1:9/none", "Connection refused"),
        ("postgres://%zz", "invalid percent-encoded token"),
    ],
)
def test_a_server_that_cannot_be_asked_is_refused_in_one_line(waitbench, out, endpoint, why):
    run = waitbench("run", "--models", "^blocking$", *SHORT[2:], "--backend", endpoint,
                    "--out", out)  # fmt: skip
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert why in run.stderr
    assert not out.exists()


def test_a_backend_that_answers_other_queries_than_those_asked_for_is_refused(waitbench, out):
    run = waitbench("run", "--backend", "postgres", "--workload", "http", "--out", out)
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1


def test_more_connections_than_the_server_takes_are_refused_in_one_line(waitbench, out):
    run = waitbench("run", "--models", "^callback-epoll$", *SHORT[:2], "--in-flight", 1001,
                    "--rounds", 1, "--invocations", 1, "--out", out)  # fmt: skip
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert "1000 connections that postgres takes" in run.stderr
    assert not out.exists()


def test_models_that_have_more_connections_together_take_turns_in_groups(waitbench, out):
    run = waitbench("run", "--models", "^(callback-epoll|coroutine-epoll)$", *SHORT[:2],
                    "--in-flight", 300, "--delay-us", 0, "--rounds", 1, "--invocations", 1,
                    *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}


def test_a_cluster_that_has_no_room_on_the_disk_is_the_reason(waitbench, out, temporary_folder):
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    small = temporary_folder / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "none", str(small)]
    mounted = subprocess.run(mount, capture_output=True, text=True, timeout=BOUND_S, check=False)
    if mounted.returncode != 0:
        small.rmdir()
        pytest.skip(f"no small file system here: {mounted.stderr.strip()}")
    try:
        os.environ["TMPDIR"] = str(small)
        run = waitbench("run", "--models", "^blocking$", *SHORT, "--out", out)
        assert run.wait() == FAILED
        reasons = set(load([out]).entries.reason)
        assert all("No space left on device" in reason for reason in reasons), reasons
        assert not list(small.iterdir())
    finally:
        subprocess.run(["umount", str(small)], timeout=BOUND_S, check=True)
        small.rmdir()

"""A PostgreSQL server as tests see it: its processes, and what it says when it is asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from waitbench_process import BOUND_S, ProcessSeen, WaitbenchRun, children_of, eventually

BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
needs_postgres = pytest.mark.skipif(not BIN, reason="PostgreSQL's server is not installed")


def server_of(run: WaitbenchRun) -> ProcessSeen:
    """The first process of the run's PostgreSQL server, once it serves."""
    launcher = run.await_child("serve")

    def servers() -> list[ProcessSeen]:
        return [p for p in children_of(launcher.pid) if p.words[0].endswith("/postgres")]

    return eventually(servers)[0]


def await_queries(server: ProcessSeen, clients: int) -> list[ProcessSeen]:
    """The server's processes that serve a client, once there are so many."""

    def serving() -> list[ProcessSeen]:
        return [p for p in children_of(server.pid) if "waitbench postgres" in p.words[0]]

    return eventually(lambda: len(found := serving()) >= clients and found)


def psql(endpoint: str, statement: str) -> str:
    done = subprocess.run([BIN[-1].parent / "psql", endpoint, "-At", "-c", statement],
                          capture_output=True, text=True, timeout=BOUND_S, check=True)  # fmt: skip
    return done.stdout


def table_in_use(endpoint: str) -> str:
    """That of a trial whose queries the server has begun to count."""
    wanted = "SELECT relid::regclass FROM pg_stat_user_tables WHERE idx_scan > 0 LIMIT 1"
    return eventually(lambda: psql(endpoint, wanted).strip())


@contextmanager
def lingering_session(endpoint: str, name: str) -> Iterator[None]:
    """A session that is called as a trial's are, and that stays open meanwhile."""
    words = [str(BIN[-1].parent / "psql"), endpoint, "-c", "SELECT pg_sleep(1000)"]
    with subprocess.Popen(words, env={**os.environ, "PGAPPNAME": name}) as session:
        try:
            wanted = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'"
            eventually(lambda: psql(endpoint, f"{wanted} AND state = 'active'").strip() != "0")
            yield
        finally:
            session.kill()

"""A real nginx as the backend: it is started, asked, and gone at the end; and whatever goes wrong
with it is a row with its reason."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nginx_server import needs_nginx
from plots.data.load import load
from waitbench_process import (
    BOUND_S,
    PATIENT,
    ProcessSeen,
    WaitbenchRun,
    children_of,
    eventually,
)

FAILED, USAGE = 1, 2
NOTE_BYTES = 256
pytestmark = [needs_nginx, pytest.mark.usefixtures("temporary_folder")]

MODELS = ("--models", "^(blocking|callback-epoll|coroutine-io_uring)$")
CELL = ("--backend", "nginx", "--in-flight", 3, "--turn-queries", 40, "--invocations", 1)
SHORT = (*CELL, "--delay-us", "0,500", "--rounds", 2, *PATIENT)
ENDLESS = (*CELL, "--delay-us", 500, "--rounds", 100_000)
SOON = ("--deadline-ms", 12_000)  # for what is not to come; a busy machine has to start by then


def master_of(launcher: int) -> ProcessSeen:
    """The first process of a launcher's nginx, once it serves."""
    return eventually(
        lambda: [p for p in children_of(launcher) if p.words[0].startswith("nginx: master")]
    )[0]


def workers_of(master: ProcessSeen) -> list[ProcessSeen]:
    """The processes that serve clients."""
    return eventually(
        lambda: [p for p in children_of(master.pid) if p.words[0].startswith("nginx: worker")]
    )


def is_alive(process: ProcessSeen) -> bool:
    """Whether it runs; one that has ended may wait for whoever has adopted it."""
    try:
        return Path(f"/proc/{process.pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def nginx_in_use(run: WaitbenchRun, folder: Path) -> list[ProcessSeen]:
    """The processes of the run's nginx, once trials have begun to ask it."""
    master = master_of(run.await_child("serve").pid)
    eventually(lambda: run.children("trial"))
    eventually(lambda: list(folder.glob("*/socket")))
    time.sleep(0.5)  # in the midst of some turn
    return [master, *workers_of(master)]


@pytest.mark.parametrize("connections", ["kept", "fresh", "pool:2"])
def test_every_query_is_answered_and_counted_by_the_server(waitbench, out, connections):
    run = waitbench("run", *MODELS, *SHORT, "--connections", connections, "--transport",
                    "unix,tcp", "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert len(load([out]).entries) == 4 * 6
    for entry in json.loads(out.read_bytes())["benchmarks"]:
        assert (entry["status"], entry["backend"]) == ("ok", "nginx"), entry["reason"]
        assert entry["reply_bytes"] is None
        assert entry["queries"] == 2 * entry["turn_queries"]
        for figure in ("client_cpu_us_per_query", "backend_cpu_us_per_query", "queries_per_second"):
            assert entry[figure] > 0, figure


def test_an_open_loop_is_followed(waitbench, out):
    run = waitbench("run", "--models", "^callback-epoll$", "--backend", "nginx", "--in-flight",
                    8, "--delay-us", 0, "--rate", 200, "--seconds", "0.3", "--rounds", 2,
                    "--invocations", 1, *PATIENT, "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}


def test_a_server_that_is_killed_is_the_reason_and_the_next_invocation_has_another(
    waitbench, out, temporary_folder
):
    run = waitbench("run", *MODELS, *CELL[:-1], 2, "--delay-us", 500, "--rounds", 40,
                    *PATIENT, "--out", out)  # fmt: skip
    nginx_in_use(run, temporary_folder)[0].kill()
    assert run.wait() == FAILED
    entries = load([out]).entries
    first = entries[entries.invocation == 0]
    assert set(first.status) == {"failed"}
    assert all("backend" in reason for reason in first.reason), set(first.reason)
    assert set(entries[entries.invocation == 1].status) == {"ok"}


def test_a_server_that_stops_is_given_up_at_the_deadline(waitbench, out, temporary_folder):
    run = waitbench("run", *MODELS, *ENDLESS, *SOON, "--out", out)
    for process in nginx_in_use(run, temporary_folder):
        os.kill(process.pid, signal.SIGSTOP)
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all("the backend did not answer within 12 s" in reason for reason in reasons), reasons


def test_a_worker_that_is_killed_takes_its_connections_with_it(waitbench, out, temporary_folder):
    run = waitbench("run", *MODELS, *ENDLESS, *PATIENT, "--out", out)
    for worker in nginx_in_use(run, temporary_folder)[1:]:
        worker.kill()
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all("backend" in reason or "reset" in reason for reason in reasons), reasons


@pytest.mark.parametrize("moment_s", [0.1, 0.4, 1.2])
def test_a_kill_of_the_harness_leaves_no_server_and_no_folder(
    waitbench, out, temporary_folder, moment_s
):
    run = waitbench("run", *MODELS, *ENDLESS, *PATIENT, "--out", out)
    eventually(lambda: list(temporary_folder.iterdir()))
    time.sleep(moment_s)
    launchers = run.children("serve")
    servers = [process for one in launchers for process in children_of(one.pid)]
    run.signal(signal.SIGKILL)
    run.wait()
    eventually(lambda: not list(temporary_folder.iterdir()))
    eventually(lambda: not any(Path(f"/proc/{one.pid}").exists() for one in servers + launchers))


def test_a_kill_of_the_launcher_leaves_no_server(waitbench, out, temporary_folder):
    run = waitbench("run", *MODELS, *ENDLESS, *PATIENT, "--out", out)
    servers = nginx_in_use(run, temporary_folder)
    assert len(servers) >= 2
    run.await_child("serve").kill()
    assert run.wait() == FAILED
    assert all("backend" in reason for reason in load([out]).entries.reason)
    eventually(lambda: not any(is_alive(server) for server in servers))
    for folder in temporary_folder.iterdir():  # which only the launcher could have removed
        shutil.rmtree(folder)


def test_without_a_server_the_package_is_named(waitbench, out):
    hidden = 'mount --bind /dev/null /usr/sbin/nginx && exec "$@"'
    prefix = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else []),
              "sh", "-c", hidden, "sh"]  # fmt: skip
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no mount namespaces here, in which nginx can be hidden")
    run = waitbench("run", *MODELS, *SHORT, "--out", out, prefix=prefix)
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all("no nginx here: install Debian's package nginx" in one for one in reasons), reasons


@pytest.fixture
def server(waitbench: Callable[..., WaitbenchRun]) -> Iterator[tuple[WaitbenchRun, str]]:
    """One that was started by hand, with its endpoint, which is ended after the test."""
    running = waitbench("serve", "--workload", "nginx")
    line = running.first_line()
    assert line.startswith("serving on nginx://127.0.0.1:"), line
    yield running, line.split()[2]
    running.signal(signal.SIGTERM)
    assert running.wait() == 0


def test_a_server_that_runs_already_is_used_and_kept(waitbench, server, out):
    running, endpoint = server
    for number in range(2):
        path = out.with_name(f"{number}.json")
        run = waitbench("run", "--models", "^callback-epoll$", *SHORT[2:], "--backend", endpoint,
                        "--out", path)  # fmt: skip
        assert run.wait() == 0, run.stderr
        assert set(load([path]).entries.status) == {"ok"}
    assert master_of(running.pid)


def start_on(endpoint: str, waitbench: Callable[..., WaitbenchRun], out: Path) -> WaitbenchRun:
    """A run of one model that asks that server for notes, until something goes wrong."""
    return waitbench("run", "--models", "^callback-epoll$", *CELL[2:], "--delay-us", 0, "--rounds",
                     100_000, *PATIENT, "--backend", endpoint, "--out", out)  # fmt: skip


def notes_in(folder: Path) -> list[Path]:
    """The notes of the one server whose folder lies there."""
    return eventually(lambda: list(folder.glob("*/notes/*")))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda note: os.truncate(note, 100), "closed the connection|carries 100 bytes"),
        (lambda note: note.write_bytes(b"x" * NOTE_BYTES), "a wrong payload"),
    ],
    ids=["cut short", "wrong"],
)
def test_a_reply_that_is_not_what_was_asked_for_is_found_out(
    waitbench, server, out, temporary_folder, spoil, why
):
    run = start_on(server[1], waitbench, out)
    eventually(lambda: run.children("trial"))
    for note in notes_in(temporary_folder):
        spoil(note)
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all(re.search(why, reason) for reason in reasons), reasons


def test_work_that_nobody_was_credited_with_is_found_out(waitbench, server, out):
    run = start_on(server[1], waitbench, out)
    address = server[1].removeprefix("nginx://").split("?")[0]
    eventually(lambda: run.children("trial"))
    while not run.is_over():
        with urllib.request.urlopen(f"http://{address}/notes/1", timeout=BOUND_S) as reply:
            assert len(reply.read()) == NOTE_BYTES
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all("queries, and the ledger has" in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("nginx://127.0.0.1:9?gate=127.0.0.1:9", "Connection refused"),
        ("nginx://127.0.0.1:80", "this is no endpoint of an nginx with a gate"),
        ("nginx:///tmp/%zz?gate=127.0.0.1:9", "two hexadecimal digits"),
    ],
)
def test_a_server_that_cannot_be_asked_is_refused_in_one_line(waitbench, out, endpoint, why):
    run = waitbench("run", "--models", "^blocking$", *SHORT[2:], "--backend", endpoint,
                    "--out", out)  # fmt: skip
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert why in run.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--fan-out", 3),
        ("--reply-bytes", 100),
        ("--framing", "chunked"),
        ("--idle", 5),
        ("--connections", "pool:2", "--dispatch", "random"),
        ("--in-flight", 10_001),
    ],
)
def test_what_it_cannot_be_asked_is_refused_in_one_line(waitbench, out, words):
    run = waitbench("run", "--models", "^callback-epoll$", "--backend", "nginx", *words,
                    "--rounds", 1, "--out", out)  # fmt: skip
    code = run.wait()
    if code == USAGE:
        assert run.stderr.count("\n") == 1, run.stderr
        assert not out.exists()
    else:
        assert set(load([out]).entries.status) == {"skipped"}


def test_a_folder_of_any_name_serves(waitbench, out, temporary_folder, monkeypatch):
    odd = temporary_folder / 'a "b\\ c; {%20'
    odd.mkdir(mode=0o755)
    monkeypatch.setenv("TMPDIR", str(odd))
    run = waitbench("run", "--models", "^callback-epoll$", *SHORT, "--transport", "unix,tcp",
                    "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}
    odd.rmdir()


@pytest.mark.parametrize("name", ["x" * 100, "a$b"])
def test_a_folder_in_which_nginx_cannot_serve_is_the_reason(
    waitbench, out, temporary_folder, monkeypatch, name
):
    bad = temporary_folder / name
    bad.mkdir(mode=0o755)
    monkeypatch.setenv("TMPDIR", str(bad))
    run = waitbench("run", "--models", "^callback-epoll$", *CELL, "--delay-us", 0, "--rounds", 1,
                    "--out", out)  # fmt: skip
    assert run.wait() == FAILED
    reasons = set(load([out]).entries.reason)
    assert all("set TMPDIR to a folder" in reason for reason in reasons), reasons
    bad.rmdir()

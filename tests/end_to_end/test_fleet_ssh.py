"""`waitbench fleet --via ssh`, with OpenSSH: a server of the tests' own, and throw-away keys."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleets import ENDLESS, SMALL, UNFIT, reason, status_of_file, statuses
from ssh_server import SshServer, missing_programs
from waitbench_process import eventually, processes_with

FAILED, INTERRUPTED = 1, 130
pytestmark = pytest.mark.skipif(
    bool(missing_programs()), reason=f"not installed: {', '.join(missing_programs())}"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the hosts keep results until they are fetched."""
    return tmp_path / "home"


@pytest.fixture
def server(tmp_path, home) -> Iterator[SshServer]:
    mark = f"ssh-test-{os.getpid()}-{tmp_path.name}"
    made = SshServer(tmp_path / "sshd", ["a", "b"], mark, home)
    yield made
    made.stop()
    eventually(lambda: processes_with(mark) == [])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "fleet"


@pytest.fixture
def fleet(waitbench, server, folder):
    def start(hosts: str, *words: object, options: tuple = SMALL):
        return waitbench("fleet", "--via", "ssh", "--ssh", f"ssh -F {server.config}", "--hosts",
                         hosts, "--out", folder, UNFIT, *words, "--", *options)  # fmt: skip

    return start


def kept(home: Path) -> list[Path]:
    """The results that hosts still keep."""
    return list(home.rglob("*.json"))


def test_hosts_run_at_once_and_their_results_are_fetched(fleet, folder, home):
    run = fleet("a,b")
    assert run.wait() == 0, run.stderr
    assert statuses(folder) == {"a": "ok", "b": "ok"}
    assert [status_of_file(folder, name) for name in ("a", "b")] == ["complete"] * 2
    assert kept(home) == [], "nothing is left on the hosts"
    assert sorted(path.suffix for path in folder.iterdir()) == sorted(
        [".json", ".json", ".json", ".log", ".log", ".html", ".csv", ".svg", ".pdf", ".png"]
    )


def test_a_host_that_does_not_answer_is_a_row_and_the_others_go_on(fleet, folder):
    run = fleet("a,closed")
    assert run.wait() == FAILED
    assert statuses(folder) == {"a": "ok", "closed": "failed"}
    assert reason(folder, "closed").startswith("ssh failed: ")
    assert "Connection refused" in reason(folder, "closed")


def test_words_reach_the_host_as_they_are(fleet, folder):
    run = fleet("a", options=(*SMALL[2:], "--models", "^callback-(epoll|poll)$"))
    assert run.wait() == 0, run.stderr
    assert "callback-poll" in (folder / "machines.csv").read_text()


def test_an_interrupt_ends_the_runs_on_the_hosts_and_brings_what_they_have(
    fleet, folder, home, waitbench
):
    run = fleet("a", options=ENDLESS)
    eventually(lambda: kept(home))
    run.signal(signal.SIGINT)
    assert run.wait() == INTERRUPTED, run.stderr
    assert reason(folder, "a") == "it was interrupted; what it had measured is kept"
    assert status_of_file(folder, "a") == "interrupted"
    assert len(kept(home)) == 1, "kept for --resume"


def test_a_connection_that_is_lost_ends_the_run_and_resume_goes_on_with_it(
    fleet, folder, home, waitbench
):
    run = fleet("a", options=(*SMALL[:-6], "--rounds", 200, "--invocations", 4))
    eventually(lambda: kept(home))
    run.signal(signal.SIGKILL)
    run.wait()
    mark = f"ssh-test-{os.getpid()}-{folder.parent.name}"
    is_over = lambda: not [p for p in processes_with(mark) if "run" in p.words]  # noqa: E731
    eventually(is_over)
    assert len(kept(home)) == 1
    again = waitbench("fleet", "--resume", folder)
    assert again.wait() == 0, again.stderr
    assert status_of_file(folder, "a") == "complete"
    assert kept(home) == []

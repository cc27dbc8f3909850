"""Fixtures of the end-to-end tests: the built program, runs of it that always end, and results.

The program is the one that the environment variable WAITBENCH names, else the build of the first of
the presets `dev`, `test` and `release` that has one.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE)]

from waitbench_process import WaitbenchRun, built_program, eventually, processes_with  # noqa: E402


@pytest.fixture(scope="session")
def program() -> Path:
    """The waitbench to be tested."""
    return built_program()


@pytest.fixture
def waitbench(program: Path) -> Iterator[Callable[..., WaitbenchRun]]:
    """Starts waitbench, or the `script` given in its place, with the given words. All that a test
    starts carries a mark of its own in the environment, by which it is found and ended, whatever
    becomes of the test. No run keeps the CPUs awake: nothing is measured here, and the threads that
    do it would have a part of the CPUs that other tests need."""
    mark = f"waitbench-test-{uuid.uuid4()}"
    runs: list[WaitbenchRun] = []

    def start(*words: object, script: Path | None = None, **options: object) -> WaitbenchRun:
        command = ["bash", str(script)] if script else [str(program)]
        command += map(str, words)
        if script is None and words[:1] == ("run",) and "--resume" not in words:
            command.append("--let-cpus-sleep")
        runs.append(WaitbenchRun(command, mark, **options))
        return runs[-1]

    yield start
    if not all(run.is_over() for run in runs):  # a command that started one may not end with it
        for process in processes_with(mark):
            process.kill()
    for run in runs:
        run.kill()
    left = processes_with(mark)
    for process in left:
        process.kill()
    assert not left, f"the test left processes behind: {left}"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where a run's results go."""
    return tmp_path / "results.json"


@pytest.fixture
def temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where real servers have their folders, of which none may be left. Another user than root has
    to get there."""
    with tempfile.TemporaryDirectory(prefix="waitbench-test-") as folder:
        os.chmod(folder, 0o755)
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)
        eventually(lambda: not list(Path(folder).iterdir()))


@pytest.fixture
def endpoint(temporary_folder: Path, waitbench: Callable[..., WaitbenchRun]) -> Iterator[str]:
    """That of a server that was started by hand, which is ended after the test."""
    server = waitbench("serve", "--workload", "postgres")
    line = server.first_line()
    assert line.startswith("serving on postgresql://"), line
    yield line.split()[2]
    server.signal(signal.SIGTERM)
    assert server.wait() == 0

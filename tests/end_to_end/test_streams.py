"""Output that cannot be written fails its command. Progress and diagnostics may be lost, and
nothing else is."""

from __future__ import annotations

import os
import pty
import signal
import subprocess

import pytest

from plots.data.load import load
from waitbench_process import PATIENT, QUICK, eventually

FAILED = 1
USAGE = 2
LOST_STDERR = {"full": "2>/dev/full", "closed": "2>&-"}
PRINTING = {
    "list": ("list",),
    "list --json": ("list", "--json"),
    "list --all": ("list", "--all"),
    "switch --list": ("switch", "--list"),
    "switch --benchmark_list_tests": ("switch", "--benchmark_list_tests"),
    "switch": ("switch", "--benchmark_filter", "delegate/fiber/depth:1$", "--rounds", 1,
               "--benchmark_min_time", 0.0001),
    "doctor": ("doctor",),
    "doctor --json": ("doctor", "--json"),
    "run --dry-run": ("run", "--dry-run"),
    "verify": ("verify", "--models", "^callback-epoll$", "--in-flight", 1, *PATIENT),
    "serve": ("serve",),
    "--help": ("--help",),
    "run --help": ("run", "--help"),
}  # fmt: skip


def redirected(how: str) -> list[str]:
    return ["sh", "-c", f'exec "$@" {how}', "sh"]


@pytest.mark.parametrize("how", LOST_STDERR.values(), ids=LOST_STDERR.keys())
def test_a_run_whose_stderr_is_lost_is_whole(waitbench, out, how):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 2, "--out", out,
                    prefix=redirected(how))  # fmt: skip
    assert run.wait() == 0
    results = load([out])
    assert results.files[0].context["status"] == "complete"
    assert len(results.entries) == 8


@pytest.mark.parametrize("how", LOST_STDERR.values(), ids=LOST_STDERR.keys())
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "--models", "nosuch"), USAGE),
        (("fly",), USAGE),
        (("verify", "--models", "^callback-epoll$", "--in-flight", 1, *PATIENT), 0),
        (("switch", "--benchmark_filter", "delegate/fiber/depth:1$", "--rounds", 1,
          "--benchmark_min_time", 0.0001), 0),
    ],
    ids=["usage", "no command", "verify", "switch"],
)  # fmt: skip
def test_the_exit_code_does_not_depend_on_stderr(waitbench, words, code, how):
    assert waitbench(*words, prefix=redirected(how)).wait() == code


def test_a_run_goes_on_when_its_terminal_is_gone(waitbench, out):
    terminal, theirs = pty.openpty()
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 10, "--out", out,
                    stderr=theirs)  # fmt: skip
    os.close(theirs)
    eventually(out.exists)
    os.close(terminal)  # from here on a write to it fails with EIO
    assert run.wait() == 0
    assert len(load([out]).entries) == 40


@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING.keys())
def test_output_to_a_full_disk_is_one_line_and_exit_code_1(waitbench, out, words):
    run = waitbench(*words, cwd=out.parent, prefix=redirected(">/dev/full"))
    assert run.wait() == FAILED
    complaints = [line for line in run.stderr.splitlines() if line.startswith("waitbench")]
    assert complaints == ["waitbench: cannot write to standard output: No space left on device"]


@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING.keys())
def test_output_into_a_closed_pipe_ends_in_silence(program, tmp_path, words):
    reader, writer = os.pipe()
    os.close(reader)
    command = subprocess.run([program, *map(str, words)], cwd=tmp_path, stdout=writer,
                             stderr=subprocess.PIPE, text=True, timeout=60)  # fmt: skip
    os.close(writer)
    assert command.returncode == -signal.SIGPIPE, "as any other command in a shell's pipeline"
    assert "waitbench" not in command.stderr
    assert "Traceback" not in command.stderr


def test_results_are_kept_when_nobody_reads_the_output(program, out):
    reader, writer = os.pipe()
    os.close(reader)
    words = ("switch", "--benchmark_filter", "delegate/fiber/depth:1$", "--rounds", "2",
             "--benchmark_min_time", "0.0001", "--out", str(out))  # fmt: skip
    subprocess.run([program, *words], stdout=writer, stderr=subprocess.DEVNULL, timeout=60)
    os.close(writer)
    assert load([out]).files[0].context["status"] == "complete"

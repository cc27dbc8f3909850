"""The script ./bench, with builds left out: what it asks the program for, and what it reports.

Each test has a checkout of its own, in which `cmake` does nothing and build/release/waitbench is a
script that notes the words that it is given and then becomes the program that is tested.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plots.data.load import load
from waitbench_process import ENDLESS, INTERRUPTS, QUICK, eventually

ROOT = Path(__file__).resolve().parent.parent.parent
FAILED, USAGE, INTERRUPTED = 1, 2, 130
ONE_MODEL = "^callback-epoll$"

Bench = Callable[..., subprocess.CompletedProcess]


class Checkout:
    """A checkout that needs no build."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder = folder
        self.calls_file = folder / "calls"
        self.script = folder / "bench"
        tools = folder / "tools"
        self.path = f"{tools}:{os.environ['PATH']}"
        (folder / "build" / "release").mkdir(parents=True)
        tools.mkdir()
        for name in ("bench", "setup", "plots", ".deps"):
            if (ROOT / name).exists():
                (folder / name).symlink_to(ROOT / name)
        # A link to the script would lead ./bench to the real checkout.
        self.script.unlink()
        self.script.write_bytes((ROOT / "bench").read_bytes())
        self.write_script(tools / "cmake", "exit 0")
        # Verification is left out: it is tested elsewhere, and takes seconds for each model.
        self.write_script(
            folder / "build" / "release" / "waitbench",
            f'printf "%s\\n" "$*" >> "{self.calls_file}"\n'
            'case "$*" in *--verify-only) exit "${VERIFY_EXIT:-0}" ;; esac\n'
            f'exec "{program}" "$@"',
        )

    @staticmethod
    def write_script(path: Path, body: str) -> None:
        """Writes a shell script that can be started."""
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def bench(self, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs ./bench from another folder."""
        return subprocess.run(
            ["bash", self.script, *map(str, words)],
            cwd=self.folder.parent,
            env=os.environ | {"PATH": self.path} | environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def calls(self) -> list[str]:
        """The words of each time that the program was started."""
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []


@pytest.fixture
def checkout(tmp_path: Path, program: Path) -> Checkout:
    """A checkout of the test's own."""
    (tmp_path / "checkout").mkdir()
    return Checkout(tmp_path / "checkout", program)


def measured(checkout: Checkout, out: Path) -> list[str]:
    """Measures one model with ./bench, and gives the lines that it prints."""
    done = checkout.bench("--models", ONE_MODEL, *QUICK, "--invocations", 1, f"--out={out}")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_it_checks_verifies_measures_and_ends_with_where_the_report_is(checkout, out):
    page = out.with_name("results-report") / "index.html"
    said = measured(checkout, out)
    assert said[-2:] == [f"results  {out}", f"report   {page}"]
    assert 3 <= len(said) - 1 <= 10 and all(len(line) <= 80 for line in said[:-2])
    assert any(line.startswith("Flags") for line in said)
    assert page.is_file()
    run = checkout.calls()[2]
    assert run.startswith(f"run --profile quick --models {ONE_MODEL} ")
    report = f"report {out} -o {page.parent} --summary"
    assert checkout.calls() == [f"{run} --dry-run", f"{run} --verify-only", run, report]


def test_resume_completes_the_file_and_draws_its_report(checkout, out):
    measured(checkout, out)
    document = json.loads(out.read_text())
    entries = document["benchmarks"]
    document["benchmarks"] = []
    document["context"]["status"] = "interrupted"
    out.write_text(json.dumps(document))
    checkout.calls_file.unlink()
    page = out.with_name("results-report") / "index.html"
    page.unlink()

    done = checkout.bench("--resume", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [f"results  {out}", f"report   {page}"]
    assert page.is_file()
    resumed = json.loads(out.read_text())
    assert resumed["context"]["status"] == "complete"
    assert [e["name"] for e in resumed["benchmarks"]] == [e["name"] for e in entries]
    assert checkout.calls()[1] == f"run --resume {out} --verify-only"


def test_resume_of_no_results_is_refused_before_anything_is_verified(checkout, tmp_path):
    done = checkout.bench("--resume", tmp_path / "nothing.json")
    assert done.returncode == USAGE
    assert "nothing.json: No such file" in done.stderr
    assert len(checkout.calls()) == 1


def test_the_same_backend_is_verified_against_and_measured_against(checkout, waitbench, out):
    endpoint = waitbench("serve").first_line().split()[-1]
    done = checkout.bench("--models", ONE_MODEL, *QUICK, "--invocations", 1, "--transport", "unix",
                          "--backend", endpoint, "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    _, verification, run, _ = checkout.calls()
    assert f"--backend {endpoint}" in run
    assert verification == f"{run} --verify-only"


def test_models_that_fail_their_verification_are_not_measured(checkout, out):
    done = checkout.bench("--models", ONE_MODEL, *QUICK, "--out", out, VERIFY_EXIT="1")
    assert done.returncode == FAILED
    assert "nothing was measured" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("number", INTERRUPTS)
def test_a_signal_ends_the_measurement_and_what_was_measured_is_reported(
    checkout, waitbench, monkeypatch, out, number
):
    monkeypatch.setenv("PATH", checkout.path)
    words = ("--models", ONE_MODEL, *ENDLESS, "--invocations", 1, "--out", out)
    run = waitbench(*words, script=checkout.script)
    eventually(lambda: run.children("trial"))
    time.sleep(0.5)  # for some rounds; how many is of no interest
    run.signal(number)
    assert run.wait() == INTERRUPTED, run.stderr
    page = out.with_name("results-report") / "index.html"
    assert run.stdout.splitlines()[-2:] == [f"results  {out}", f"report   {page}"]
    assert load([out]).files[0].context["status"] == "interrupted"


@pytest.mark.parametrize("form", [("--out", "-"), ("--out=-",)], ids=" ".join)
def test_results_on_standard_output_are_not_reported(checkout, form):
    done = checkout.bench("--models", ONE_MODEL, *QUICK, "--invocations", 1, *form)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["context"]["status"] == "complete"
    assert not any(call.startswith("report") for call in checkout.calls())


@pytest.mark.parametrize(
    "words", [("--out=",), ("--out", ""), ("--out",), ("--profile",), ("--resume=",)], ids=" ".join
)
def test_an_option_without_its_value_is_refused_at_once(checkout, words):
    done = checkout.bench(*words)
    assert done.returncode == USAGE
    assert done.stderr == f"bench: {words[0].rstrip('=')} needs a value (--help shows how)\n"
    assert checkout.calls() == []


def test_a_dry_run_verifies_and_measures_nothing(checkout, out):
    done = checkout.bench("--models", ONE_MODEL, *QUICK, "--out", out, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"would go to {out}" in done.stderr
    assert len(checkout.calls()) == 1
    assert not out.exists()


@pytest.mark.parametrize("script", ["bench", "test"])
def test_nothing_is_installed_on_request_and_what_is_missing_is_named(checkout, script):
    (checkout.folder / "test").write_bytes((ROOT / "test").read_bytes())
    (checkout.folder / "bench").write_bytes((ROOT / script).read_bytes())
    tools = checkout.folder / "tools"
    # As if one package were not installed.
    checkout.write_script(
        tools / "dpkg-query",
        'shift 3; for name; do [ "$name" = libuv1-dev ] || echo "$name installed"; done',
    )
    checkout.write_script(tools / "apt-get", f'touch "{checkout.folder}/installed"')
    done = checkout.bench("--no-install")
    assert done.returncode == USAGE
    assert done.stderr.count("\n") == 1
    assert "missing" in done.stderr
    assert "apt-get install --no-install-recommends libuv1-dev\n" in done.stderr
    assert not (checkout.folder / "installed").exists()

"""`waitbench fleet --via local`, and what is the same for all ways to start runs."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest

from fleets import (
    ENDLESS,
    SMALL,
    UNFIT,
    profile_of_file,
    reason,
    rows_of,
    status_of_file,
    statuses,
)
from waitbench_process import eventually, processes_with

FAILED, USAGE, INTERRUPTED = 1, 2, 130


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the fleet's files go."""
    return tmp_path / "a fleet"


def start(waitbench, folder: Path, *words: object, options: tuple = SMALL, hosts: str = "a,b"):
    return waitbench("fleet", "--via", "local", "--hosts", hosts, "--out", folder, UNFIT, *words,
                     "--", *options)  # fmt: skip


def test_each_name_is_a_run_with_a_file_and_all_are_on_one_page(waitbench, folder):
    fleet = start(waitbench, folder)
    assert fleet.wait() == 0, fleet.stderr
    assert statuses(folder) == {"a": "ok", "b": "ok"}
    page = (folder / "index.html").read_text()
    for name in ("a", "b"):
        assert status_of_file(folder, name) == "complete"
        assert f'href="{name}.json"' in page
    # Both ran here, and neither text nor page takes them for two machines.
    for text in (fleet.stdout, page):
        assert "1 machine, 2 runs" in text
        assert "a and b are runs of one machine" in text
    assert fleet.stdout.endswith(f"{folder / 'index.html'}\n")
    ratios = (folder / "machines.csv").read_text().splitlines()
    assert [line.split(",")[-6] for line in ratios[1:]] == ["a", "b"]
    assert len(list(folder.iterdir())) == 10, "two files each, record, page, ratios and chart"


def test_there_is_a_run_for_each_profile(waitbench, folder):
    fleet = start(waitbench, folder, "--profiles", "smoke,quick", hosts="a")
    assert fleet.wait() == 0, fleet.stderr
    assert statuses(folder) == {"a.smoke": "ok", "a.quick": "ok"}
    for profile in ("smoke", "quick"):
        assert profile_of_file(folder, f"a.{profile}") == profile


def test_an_unfit_machine_is_a_row_with_the_reason(waitbench, folder, unfit_program):
    fleet = waitbench("fleet", "--via", "local", "--hosts", "a", "--out", folder, "--program",
                      unfit_program, "--", *SMALL)  # fmt: skip
    assert fleet.wait() == FAILED
    assert reason(folder, "a").startswith("--strict: not fit to measure on: ")
    assert not (folder / "a.json").exists()
    assert "not fit to measure on" in (folder / "index.html").read_text()
    assert "no run has results" in fleet.stdout


@pytest.fixture
def unfit_program(program, tmp_path) -> Path:
    """The program on a machine that its doctor finds fault with, whatever this one is."""
    return script(
        tmp_path / "unfit",
        f'case "$*" in *--strict*) echo "waitbench: --strict: not fit to measure on: it is lent" '
        f'>&2; exit 2;; esac\nexec {program} "$@"',
    )


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_host_that_fails_is_a_row_and_the_others_go_on_and_resume_asks_for_it_alone(
    waitbench, program, folder, tmp_path
):
    broken = tmp_path / "broken"
    broken.touch()
    sick = script(
        tmp_path / "sick",
        f'case "$*" in *b.json*) if [ -e {broken} ]; then echo "waitbench: it is sick" >&2; '
        f'exit 1; fi;; esac\nexec {program} "$@"',
    )
    fleet = start(waitbench, folder, "--program", sick, hosts="a,b,c")
    assert fleet.wait() == FAILED, fleet.stderr
    assert statuses(folder) == {"a": "ok", "b": "failed", "c": "ok"}
    assert reason(folder, "b") == "it is sick"
    assert "fleet: b: it is sick" in fleet.stderr
    assert "it is sick" in (folder / "index.html").read_text()
    before = {name: (folder / f"{name}.json").read_bytes() for name in ("a", "c")}

    broken.unlink()
    moved = tmp_path / "moved"
    shutil.move(folder, moved)
    again = waitbench("fleet", "--resume", moved)
    assert again.wait() == 0, again.stderr
    assert again.stderr == "fleet: b: done\n"
    assert statuses(moved) == {"a": "ok", "b": "ok", "c": "ok"}
    assert before == {name: (moved / f"{name}.json").read_bytes() for name in ("a", "c")}


def test_another_version_of_the_program_is_a_row_with_the_reason(
    waitbench, program, folder, tmp_path
):
    other = script(tmp_path / "other", 'echo "waitbench 0.1.0, commit abc"')
    fleet = start(waitbench, folder, "--program", other, hosts="a")
    assert fleet.wait() == FAILED
    assert "is another version: waitbench 0.1.0, commit abc, not waitbench" in reason(folder, "a")


def test_a_program_that_is_not_there_is_a_row_with_the_reason(waitbench, folder):
    fleet = start(waitbench, folder, "--program", "/nowhere/waitbench", hosts="a")
    assert fleet.wait() == FAILED
    assert reason(folder, "a").startswith("cannot start /nowhere/waitbench: ")


def test_a_run_that_is_late_is_a_row_and_keeps_what_it_has_measured(waitbench, folder):
    fleet = start(waitbench, folder, "--deadline", "10s", options=ENDLESS)
    assert fleet.wait() == FAILED, fleet.stderr
    for name in ("a", "b"):
        assert reason(folder, name).startswith("it is late: it has not ended within 10 s")
    assert status_of_file(folder, "a") == "interrupted"
    assert "what it had measured is kept" in reason(folder, "a")
    assert rows_of(folder)["b"]["results"] is None, "its turn never came"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_runs_and_says_so(waitbench, folder, number):
    fleet = start(waitbench, folder, options=ENDLESS)
    eventually((folder / "a.json").exists)
    fleet.signal(number)
    assert fleet.wait() == INTERRUPTED, fleet.stderr
    assert statuses(folder) == {"a": "failed", "b": "failed"}
    assert reason(folder, "b") == "it was interrupted"
    assert status_of_file(folder, "a") == "interrupted"
    assert processes_with(fleet.mark) == []
    assert (folder / "index.html").exists()


def test_a_fleet_that_is_killed_leaves_no_run_behind_and_can_be_taken_up(waitbench, folder):
    fleet = start(waitbench, folder, options=ENDLESS)
    eventually((folder / "a.json").exists)
    fleet.signal(signal.SIGKILL)
    fleet.wait()
    eventually(lambda: processes_with(fleet.mark) == [])
    assert statuses(folder) == {"a": "waiting", "b": "waiting"}
    assert status_of_file(folder, "a") == "interrupted"
    again = waitbench("fleet", "--resume", folder)
    again.await_child("run", "--resume")
    time.sleep(0.1)
    again.signal(signal.SIGTERM)
    assert again.wait() == INTERRUPTED


@pytest.mark.parametrize(
    "words, complaint",
    [
        (("--out", "x", "--hosts", "a"), "--via is missing"),
        (("--via", "local", "--hosts", "a"), "--out is missing"),
        (("--via", "local", "--out", "x"), "give --hosts A,B"),
        (("--via", "rsh", "--hosts", "a", "--out", "x"), "invalid choice: 'rsh'"),
        (("--via", "local", "--hosts", "a,a", "--out", "x"), "'a' stands there twice"),
        (("--via", "local", "--hosts", "a,-v", "--out", "x"), "'-v' is no name"),
        (("--via", "local", "--hosts", "../a", "--out", "x"), "'../a' is no name"),
        (("--via", "local", "--hosts", "fleet", "--out", "x"), "a file of its own"),
        (("--via", "local", "--nodes", "2", "--out", "x"), "go with --via slurm"),
        (("--via", "local", "--hosts", "a", "--out", "x", "--deadline", "soon"), "is no time"),
        (("--via", "local", "--hosts", "a", "--out", "x", "--", "--out", "y"), "leave it out"),
        (("--via", "local", "--hosts", "a", "--out", "x", "--", "--modles", "y"), "--modles"),
        (("--via", "local", "--hosts", "a", "--out", "x", "--profiles", "q", "--", "--profile",
          "quick"), "not both"),
        (("--via", "local", "--hosts", "a", "--out", "x", "--profiles", "huge"), "unknown profile"),
        (("--via", "local", "--hosts", "a", "--out", "a file"), "a file"),
        (("--resume", "nowhere"), "cannot be read"),
        (("--resume", "."), "cannot be read"),
        (("--resume", "no fleet"), "is no record of a fleet"),
        (("--resume", "no fleet", "--hosts", "a"), "stands alone"),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistake_is_one_line_before_anything_is_started(waitbench, tmp_path, words, complaint):
    (tmp_path / "a file").touch()
    (tmp_path / "no fleet").mkdir()
    (tmp_path / "no fleet" / "fleet.json").write_text('{"fleet_version": 1, "plan": {"via": 3}}')
    fleet = waitbench("fleet", *words, cwd=tmp_path)
    assert fleet.wait() == USAGE
    assert fleet.stderr.count("\n") == 1
    assert complaint in fleet.stderr
    assert not (tmp_path / "x").exists()


def test_a_fleet_does_not_fall_on_another(waitbench, folder):
    folder.mkdir()
    (folder / "fleet.json").touch()
    fleet = start(waitbench, folder)
    assert fleet.wait() == USAGE
    assert "there is a fleet; go on with it: --resume" in fleet.stderr

"""setup/guests.py: the packages of guests are named, and their programs built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "setup" / "guests.py"


def describe(folder: Path, name: str, **fields: object) -> None:
    (folder / "source.txt").write_text("a program", "utf-8")
    (folder / f"{name}.json").write_text(
        json.dumps({"name": name, "source": "source.txt", "packages": ["dpkg"], **fields}), "utf-8"
    )


def guests(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_packages_of_all_guests_are_named_once(tmp_path):
    describe(tmp_path, "one", packages=["b", "a"])
    describe(tmp_path, "two", packages=["b", "c"])
    assert guests("packages", tmp_path).stdout.split() == ["a", "b", "c"]


def test_a_program_is_built_again_only_when_its_source_is_newer(tmp_path):
    out = tmp_path / "out"
    describe(tmp_path, "one", build=["cp", "{source}", "{program}"])
    assert "building the guest one" in guests("build", out, tmp_path).stderr
    assert (out / "one").read_text("utf-8") == "a program"
    assert guests("build", out, tmp_path).stderr == ""
    built = (out / "one").stat().st_mtime
    os.utime(tmp_path / "source.txt", (built + 10, built + 10))
    assert "building the guest one" in guests("build", out, tmp_path).stderr


def test_a_guest_that_cannot_be_built_is_named_and_the_others_are_built(tmp_path):
    out = tmp_path / "out"
    describe(tmp_path, "one", build=["sh", "-c", "echo why >&2; exit 3"])
    describe(tmp_path, "two", build=["cp", "{source}", "{program}"])
    done = guests("build", out, tmp_path)
    assert done.returncode == 1
    assert "the guest one could not be built:\n  why\n" in done.stderr
    assert (out / "two").exists()


def test_a_guest_whose_packages_are_missing_is_left_out_and_named(tmp_path):
    describe(tmp_path, "one", build=["false"], packages=["no-such-package"])
    done = guests("build", tmp_path / "out", tmp_path)
    assert done.returncode == 0
    assert done.stderr == "left out: the guest one needs no-such-package\n"


def test_a_guest_that_names_no_packages_is_built(tmp_path):
    describe(tmp_path, "one", build=["cp", "{source}", "{program}"], packages=[])
    file = tmp_path / "one.json"
    few = json.loads(file.read_text("utf-8"))
    del few["packages"]
    file.write_text(json.dumps(few), "utf-8")
    assert guests("build", tmp_path / "out", tmp_path).returncode == 0
    assert (tmp_path / "out" / "one").exists()


def test_a_file_that_describes_no_guest_is_left_to_the_program_to_refuse(tmp_path):
    for number, text in enumerate(("{", "[]", "{}", '{"name": "one"}')):
        (tmp_path / f"{number}.json").write_text(text, "utf-8")
    for words in (("packages",), ("build", tmp_path / "out")):
        done = guests(*words, tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_guest_without_a_build_step_needs_none(tmp_path):
    describe(tmp_path, "one")
    done = guests("build", tmp_path / "out", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")

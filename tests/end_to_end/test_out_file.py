"""Where results go: through links, over files with rights of their own, to standard output, to
names of any bytes, and what is refused before anything is measured."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from plots.data.load import load
from waitbench_process import QUICK, eventually

FAILED = 1
USAGE = 2
INTERRUPTED = 130
RUN = ("run", "--models", "callback-epoll", *QUICK, "--invocations", 2)
SWITCH = ("switch", "--benchmark_filter", "delegate/fiber/depth:1$", "--rounds", 2,
          "--benchmark_min_time", 0.0001)  # fmt: skip
COMMANDS = {"run": RUN, "switch": SWITCH}
each_command = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())


def status_of(path: Path) -> str:
    """That of the run whose results the file has; it is checked on the way."""
    return load([path]).files[0].context["status"]


@each_command
def test_a_symbolic_link_is_followed(waitbench, tmp_path, words):
    target = tmp_path / "elsewhere" / "target.json"
    target.parent.mkdir()
    target.write_text("old")
    link, link_to_link = tmp_path / "link.json", tmp_path / "link-to-link.json"
    link.symlink_to(Path("elsewhere") / "target.json")
    link_to_link.symlink_to(link)
    run = waitbench(*words, "--out", link_to_link)
    assert run.wait() == 0, run.stderr
    assert link.is_symlink() and link_to_link.is_symlink()
    assert status_of(target) == "complete"
    assert list(target.parent.iterdir()) == [target]


def test_a_link_to_what_is_not_there_yet_is_followed(waitbench, tmp_path):
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    link.symlink_to(target.name)
    assert waitbench(*RUN, "--out", link).wait() == 0
    assert link.is_symlink()
    assert status_of(target) == "complete"


def test_a_link_that_leads_to_itself_is_refused(waitbench, tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to(link.name)
    run = waitbench(*RUN, "--out", link)
    assert run.wait() == USAGE
    assert "Too many levels of symbolic links" in run.stderr


@each_command
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_the_mode_of_a_file_is_kept(waitbench, out, words, mode):
    out.write_text("old")
    out.chmod(mode)
    assert waitbench(*words, "--out", out).wait() == 0
    assert out.stat().st_mode & 0o7777 == mode
    assert status_of(out) == "complete"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another user")
def test_the_owner_of_a_file_is_kept(waitbench, out):
    out.write_text("old")
    os.chown(out, 1234, 2345)
    assert waitbench(*RUN, "--out", out).wait() == 0
    assert (out.stat().st_uid, out.stat().st_gid) == (1234, 2345)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
@each_command
def test_a_file_that_may_not_be_written_is_refused(waitbench, out, words):
    out.write_text("old")
    out.chmod(0o444)
    run = waitbench(*words, "--out", out)
    assert run.wait() == USAGE
    assert "Permission denied" in run.stderr
    assert out.read_text() == "old"


@each_command
def test_a_mounted_file_is_refused_before_anything_is_measured(waitbench, tmp_path, words):
    target, source = tmp_path / "results.json", tmp_path / "source.json"
    target.write_text("old")
    source.write_text("mounted")
    run = waitbench(*words, "--out", target, prefix=[
        "unshare", "-rm", "sh", "-c", f'mount --bind {source} {target} || exit 77; exec "$@"', "sh"
    ])  # fmt: skip
    code = run.wait()
    if code == 77 or "unshare failed" in run.stderr:
        pytest.skip("a file cannot be mounted here")
    assert code == USAGE
    assert run.stderr.count("\n") == 1, run.stderr
    for text in (str(target), "mounted", "name a file that may be written"):
        assert text in run.stderr
    assert (target.read_text(), source.read_text()) == ("old", "mounted")


@each_command
def test_a_hyphen_is_standard_output_which_has_nothing_else(waitbench, tmp_path, words):
    run = waitbench(*words, "--out", "-", cwd=tmp_path)
    assert run.wait() == 0, run.stderr
    kept = tmp_path / "kept.json"
    assert list(tmp_path.iterdir()) == []
    kept.write_text(run.stdout)
    assert status_of(kept) == "complete"
    assert len(json.loads(run.stdout)["benchmarks"]) > 1
    assert "in standard output" in run.stderr


def test_what_is_interrupted_goes_to_standard_output_too_and_can_be_resumed(waitbench, out):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 1000,
                    "--out", "-", cwd=out.parent)  # fmt: skip
    run.await_child("trial")
    run.signal(signal.SIGINT)
    assert run.wait() == INTERRUPTED
    out.write_text(run.stdout)
    assert status_of(out) == "interrupted"


@each_command
def test_results_that_standard_output_does_not_take_are_one_line(waitbench, tmp_path, words):
    run = waitbench(*words, "--out", "-", cwd=tmp_path,
                    prefix=["sh", "-c", 'exec "$@" >/dev/full', "sh"])  # fmt: skip
    assert run.wait() == FAILED
    assert run.stderr.splitlines()[-1] == (
        "waitbench: cannot write to standard output: No space left on device"
    )


@each_command
def test_a_name_is_bytes(waitbench, tmp_path, words):
    out = tmp_path / os.fsdecode(b"r\xe9sultats-\xff.json")
    run = waitbench(*words, "--out", out)
    assert run.wait() == 0, run.stderr
    assert list(tmp_path.iterdir()) == [out]
    json.loads(out.read_bytes().decode("utf-8"))  # whatever the name
    assert str(out) in run.stderr


def test_a_run_is_taken_up_from_a_name_of_bytes(waitbench, tmp_path):
    out = tmp_path / os.fsdecode(b"\xff.json")
    run = waitbench("run", "--models", "callback-epoll", *QUICK,
                    "--invocations", 12, "--out", out)  # fmt: skip
    eventually(lambda: out.exists() and json.loads(out.read_bytes())["benchmarks"])
    run.signal(signal.SIGINT)
    assert run.wait() in (0, INTERRUPTED)  # it may have been over before
    resumed = waitbench("run", "--resume", out)
    assert resumed.wait() == 0, resumed.stderr
    content = json.loads(out.read_bytes())
    assert content["context"]["status"] == "complete"
    assert len(content["benchmarks"]) == content["context"]["entries_planned"]


@pytest.mark.parametrize("option", ["--models", "--backend", "--benchmark_filter"])
def test_what_is_no_name_of_a_file_is_utf8(waitbench, option):
    run = waitbench("run", option, "@\udcff")
    assert run.wait() == USAGE
    assert run.stderr == f"waitbench: {option}: '@\udcff' is not UTF-8; give it as such\n"


def test_a_full_disk_ends_the_run_and_keeps_what_was_written(waitbench, tmp_path):
    disk, kept = tmp_path / "disk", tmp_path / "kept.json"
    disk.mkdir()
    script = (
        f"mount -t tmpfs -o size=32k tmpfs {disk} || exit 77\n"
        f'"$@" --out {disk}/results.json\ncode=$?\n'
        f"ls -A {disk} | grep -qx results.json.partial && exit 99\n"
        f"cp {disk}/results.json {kept}\nexit $code"
    )
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 1000,
                    prefix=["unshare", "-rm", "sh", "-c", script, "sh"])  # fmt: skip
    code = run.wait()
    if code == 77 or "unshare failed" in run.stderr:
        pytest.skip("a file system cannot be mounted here")
    assert code == FAILED
    last = run.stderr.splitlines()[-1]
    assert last.startswith("waitbench: cannot write") and "No space left on device" in last
    entries = load([kept]).entries
    assert len(entries) >= 2
    assert set(entries.status) == {"ok"}


def test_a_disk_that_is_full_from_the_start_is_a_usage_error(waitbench, tmp_path):
    script = f'mount -t tmpfs -o size=4k tmpfs {tmp_path} || exit 77\nexec "$@"'
    run = waitbench(*RUN, "--out", tmp_path / "results.json",
                    prefix=["unshare", "-rm", "sh", "-c", script, "sh"])  # fmt: skip
    code = run.wait()
    if code == 77 or "unshare failed" in run.stderr:
        pytest.skip("a file system cannot be mounted here")
    assert code == USAGE
    assert "No space left on device" in run.stderr


def test_a_directory_that_vanishes_ends_the_run_with_one_line(waitbench, tmp_path):
    directory = tmp_path / "directory"
    directory.mkdir()
    out = directory / "results.json"
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--invocations", 1000,
                    "--out", out)  # fmt: skip
    eventually(out.exists)
    directory.rename(tmp_path / "moved")
    assert run.wait() == FAILED
    assert run.stderr.splitlines()[-1] == (
        f"waitbench: cannot write {out}: No such file or directory"
    )
    assert load([tmp_path / "moved" / "results.json"]).files
    shutil.rmtree(tmp_path / "moved")

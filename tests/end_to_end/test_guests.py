"""Guests: programs of any kind take part, are credited with what they have read, and leave nothing
behind."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from tampering_proxy import CYCLES_REPORT, OFFENCE, TamperingProxy, changed_report, kind_of

from plots.data.load import load
from waitbench_process import PATIENT, WaitbenchRun, eventually, processes_with

GUEST = Path(__file__).parent / "guests" / "one.py"
FAILED, USAGE = 1, 2
FEWEST = 8  # of the guests that waitbench comes with, ./test installs what so many need
CHEATS = {
    "unread": "it asked again without having read to the end of the reply before",
    "asks-twice": "it asked again before it was answered",
    "daemonizes": "its program exited with code 0",
    "crashes": "its program exited with code 3; its last words: and the last ones",
    "ends-badly": "its program exited with code 7 when its connections were closed",
}
CHEATS_THAT_WAIT = {
    "serial": "1 of 7 queries in flight at the deadline",
    "spins": "it did not go to sleep while its replies were withheld",
    "answers-itself": "0 of 7 queries in flight at the deadline",
}
CELL = ("--in-flight", 7, "--delay-us", 1000)
SHORT = (*CELL, "--rounds", 2, "--invocations", 2, "--turn-queries", 200)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    guests = tmp_path / "guests"
    guests.mkdir()
    return guests


def describe(folder: Path, way: str, **fields: object) -> str:
    """Puts a guest that behaves this way into the folder, and gives its name."""
    source = folder / "one.py"
    shutil.copy(GUEST, source)
    name = str(fields.get("name", f"guest-that-{way}"))
    description = {
        "name": name,
        "summary": "a guest of a test",
        "style": "callback",
        "engine": "selectors",
        "kind": "handwritten",
        "source": source.name,
        "command": ["/usr/bin/python3", "{source}", way],
        "version": ["/usr/bin/python3", "--version"],
    }
    (folder / f"{name}.json").write_text(json.dumps(description | fields), "utf-8")
    return name


def verify(waitbench, folder: Path, name: str, *words: object) -> WaitbenchRun:
    options = ("--guests", folder, "--models", f"^{name}$", "--in-flight", 7)
    return waitbench("verify", *options, *words)


def test_a_guest_of_ones_own_is_verified_measured_and_reported(waitbench, folder, out, tmp_path):
    name = describe(folder, "is-honest", over="callback-epoll")
    verified = verify(waitbench, folder, name)
    assert verified.wait() == 0, verified.stdout
    models = ("--guests", folder, "--models", f"^({name}|callback-epoll)$")
    run = waitbench("run", *models, *SHORT, "--out", out)
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries
    mine = entries[entries["model"] == name]
    assert set(mine["role"]) == {"guest"}
    assert (mine["status"] == "ok").all(), list(mine["reason"])
    assert (mine["client_cpu_us_per_query"] > 0).all()
    # A turn's first query of each connection was begun before it.
    assert [sum(n for _, n in h["buckets"]) for h in mine["histogram"]] == [
        2 * (200 - 7)
    ] * len(mine)
    report = tmp_path / "report"
    drawn = waitbench("report", out, "-o", report)
    assert drawn.wait() == 0, drawn.stderr
    page = (report / "index.html").read_text("utf-8")
    assert "what libraries and runtimes cost" in page
    assert f'<th scope="row">{name}</th><td class="name">handwritten</td>' in page


def test_cycles_that_cannot_be_true_are_blamed_on_the_backend(waitbench, folder, out):
    # They are reported in frames like all else, with their sum where a report has `in_flight`.
    def too_long(frame: bytes) -> list[bytes]:
        if kind_of(frame) != CYCLES_REPORT:
            return [frame]
        return [changed_report(frame, lambda fields: fields.update(in_flight=2**62))]

    name = describe(folder, "is-honest")
    served = waitbench("serve").first_line().split()[2]
    proxy = TamperingProxy(served, on_report=too_long)
    models = ("--guests", folder, "--models", f"^{name}$", "--backend", proxy.endpoint)
    run = waitbench("run", *models, *SHORT, "--out", out)
    assert run.wait() == FAILED
    proxy.close()
    reasons = {row["reason"] for row in json.loads(out.read_text("utf-8"))["benchmarks"]}
    assert reasons == {"the backend reported cycles whose sum or maximum is not theirs"}


def test_a_run_with_guests_is_taken_up_again(waitbench, folder, out):
    name = describe(folder, "is-honest")
    models = ("--guests", folder, "--models", f"^({name}|callback-epoll)$")
    assert waitbench("run", *models, *SHORT, "--out", out).wait() == 0
    content = json.loads(out.read_text("utf-8"))
    whole = len(content["benchmarks"])
    content["benchmarks"] = [b for b in content["benchmarks"] if b["invocation"] == 0]
    out.write_text(json.dumps(content), "utf-8")
    assert waitbench("run", "--resume", out).wait() == 0
    assert len(json.loads(out.read_text("utf-8"))["benchmarks"]) == whole


def test_the_memory_and_the_events_of_a_guest_are_counted_as_those_of_models(
    waitbench, folder, out
):
    name = describe(folder, "is-honest")
    guest = ("--guests", folder, "--models", f"^{name}$")
    assert waitbench("run", *guest, "--memory", "--in-flight", 40, "--out", out).wait() == 0
    (row, *_) = json.loads(out.read_text("utf-8"))["benchmarks"]
    assert (row["purpose"], row["status"]) == ("memory", "ok"), row["reason"]
    run = waitbench("run", *guest, *SHORT, "--count", "syscalls", "--out", out)
    assert run.wait() == 0, run.stderr
    content = json.loads(out.read_text("utf-8"))
    counted = [row for row in content["benchmarks"] if row["purpose"] == "counted"]
    if "syscalls" in content["context"]["uncounted"]:
        assert "are not counted: " in run.stderr
    else:
        assert counted and all(row["syscalls_per_query"] >= 2 for row in counted)


@pytest.mark.parametrize("way", CHEATS)
def test_a_guest_that_does_not_keep_to_the_contract_fails_for_the_right_reason(
    waitbench, folder, way
):
    name = describe(folder, way)
    run = verify(waitbench, folder, name, *PATIENT)
    assert run.wait() == FAILED
    failed = [line for line in run.stdout.splitlines() if line.startswith("    ")]
    reasons = [line for line in failed if not line.startswith("    skipped")]
    assert reasons and all(CHEATS[way] in line for line in reasons), run.stdout


def test_a_guest_that_has_ended_is_blamed_for_what_the_backend_saw(waitbench, folder, out):
    # Its end may be heard of before the backend's report of it, which here never comes.
    def kept_back(frame: bytes) -> list[bytes]:
        return [] if kind_of(frame) == OFFENCE else [frame]

    name = describe(folder, "unread")
    served = waitbench("serve").first_line().split()[2]
    proxy = TamperingProxy(served, on_report=kept_back)
    models = ("--guests", folder, "--models", f"^{name}$", "--backend", proxy.endpoint)
    run = waitbench("run", *models, *SHORT, *PATIENT, "--out", out)
    assert run.wait() == FAILED
    proxy.close()
    (reason,) = {row["reason"] for row in json.loads(out.read_text("utf-8"))["benchmarks"]}
    assert reason.startswith(CHEATS["unread"])


@pytest.mark.parametrize("way", CHEATS_THAT_WAIT)
def test_a_guest_that_is_found_out_at_the_deadline_fails_for_the_right_reason(
    waitbench, folder, way
):
    name = describe(folder, way)
    models = ("--guests", folder, "--models", f"^{name}$")
    # By which a busy machine is to have started it.
    run = waitbench("run", "--verify-only", *models, *CELL, "--deadline-ms", 10_000)
    assert run.wait() == FAILED
    assert CHEATS_THAT_WAIT[way] in run.stdout, run.stdout


def test_a_guest_that_works_while_it_is_held_is_flagged(waitbench, folder, out):
    name = describe(folder, "works-while-held")
    models = ("--guests", folder, "--models", f"^({name}|callback-epoll)$")
    run = waitbench("run", *models, *SHORT, "--out", out)
    assert run.wait() == 0, run.stderr
    entries = load([out]).entries
    flagged = entries[["works-while-held" in flags for flags in entries["flags"]]]
    assert set(flagged["model"]) == {name}


def test_a_guest_leaves_no_process_behind(waitbench, folder):
    name = describe(folder, "leaves-children")
    run = verify(waitbench, folder, name)
    assert run.wait() == 0, run.stdout
    eventually(lambda: not processes_with(run.mark))


@pytest.mark.parametrize("moment", range(20))
def test_a_kill_leaves_no_process_of_a_guest_behind(waitbench, folder, out, moment):
    name = describe(folder, "leaves-children")
    models = ("--guests", folder, "--models", f"^({name}|callback-epoll)$")
    long = (*CELL, "--rounds", 2, "--invocations", 50, "--turn-queries", 200)
    run = waitbench("run", *models, *long, "--out", out)
    eventually(lambda: run.children("trial", name))
    time.sleep(random.Random(moment).uniform(0, 0.3))
    run.signal(signal.SIGKILL)
    run.wait()
    eventually(lambda: not processes_with(run.mark))


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"name": "callback-epoll"}, "another participant is called callback-epoll"),
        ({"kind": "fast"}, "the kind 'fast' is none of"),
        ({"speed": 9}, "unknown field 'speed'"),
    ],
)
def test_a_guest_that_is_described_badly_is_refused_in_one_line(waitbench, folder, fields, words):
    describe(folder, "is-honest", **fields)
    for command in (("list",), ("verify",), ("run", "--dry-run")):
        run = waitbench(*command, "--guests", folder)
        assert run.wait() == USAGE
        assert words in run.stderr and run.stderr.count("\n") == 1


def test_a_folder_without_guests_is_refused(waitbench, folder):
    for path, words in ((folder, "there is no NAME.json"), (folder / "none", "No such file")):
        run = waitbench("list", "--guests", path)
        assert run.wait() == USAGE
        assert f"--guests {path}: {words}" in run.stderr


def test_a_guest_that_cannot_run_here_keeps_its_row_with_the_reason(waitbench, folder, out):
    name = describe(folder, "is-honest", command=["no-such-program"], packages=["its-package"])
    models = ("--guests", folder, "--models", f"^({name}|callback-epoll)$")
    assert waitbench("run", *models, *SHORT, "--out", out).wait() == 0
    entries = load([out]).entries
    assert set(entries[entries["model"] == name]["reason"]) == {
        "no-such-program is not installed (Debian: its-package)"
    }


def test_the_guests_that_are_here_pass_their_verification(waitbench):
    listed = waitbench("list", "--guests", "--json")
    assert listed.wait() == 0
    guests = [row for row in json.loads(listed.stdout) if row["role"] == "guest"]
    assert all(row["available"] or row["reason"] for row in guests)
    present = [row["name"] for row in guests if row["available"]]
    assert len(present) >= FEWEST, [row["reason"] for row in guests]
    chosen = ("--models", f"^({'|'.join(present)})$")
    run = waitbench("verify", "--guests", *chosen, "--in-flight", "1,64")
    assert run.wait(bound_s=600) == 0, run.stdout

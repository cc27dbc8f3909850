"""`waitbench fleet --via slurm`, with Debian's Slurm: its daemons are started by these tests."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
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
from slurm_cluster import Cluster, missing_programs
from waitbench_process import PATIENT, eventually, processes_with

FAILED, USAGE, INTERRUPTED = 1, 2, 130
# Long enough that something can happen in the midst of it.
LONG = (*SMALL[:-6], "--rounds", 80, "--invocations", 4, *PATIENT)
LONGER = (*SMALL[:-6], "--rounds", 250, "--invocations", 4, *PATIENT)

pytestmark = [
    pytest.mark.skipif(
        bool(missing_programs()), reason=f"not installed: {', '.join(missing_programs())}"
    ),
    pytest.mark.xdist_group("slurm"),  # they share a cluster
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Two nodes of one CPU, n1 and n2, of which n2 is fast."""
    base = tmp_path_factory.mktemp("slurm")
    made = Cluster(base / "cluster", {"n1": "slow", "n2": "fast"}, f"slurm-test-{os.getpid()}")
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "fleet"


@pytest.fixture
def fleet(waitbench, cluster, folder, monkeypatch):
    """Starts a fleet on the cluster; afterwards no job may be left."""
    for name in ("SLURM_CONF", "PATH"):
        monkeypatch.setenv(name, cluster.environment[name])

    def start(*words: object, options: tuple = SMALL):
        return waitbench("fleet", "--via", "slurm", "--out", folder, UNFIT, *words, "--", *options)

    yield start
    eventually(lambda: cluster.jobs() == [])  # one that has ended is cleared away a little later
    eventually(lambda: set(cluster.states().values()) == {"idle"})


def running(cluster: Cluster, folder: Path, *names: str) -> None:
    """Returns when these runs have begun to measure."""
    for name in names:
        eventually((folder / f"{name}.json").exists, 60)
    assert cluster.jobs()


def test_two_nodes_give_two_files_and_one_page(fleet, cluster, folder):
    run = fleet("--hosts", "n1,n2")
    assert run.wait() == 0, f"{run.stderr} {cluster.logs()}"
    assert statuses(folder) == {"n1": "ok", "n2": "ok"}
    assert [status_of_file(folder, name) for name in ("n1", "n2")] == ["complete"] * 2
    assert "2 runs" in (folder / "index.html").read_text()


def test_any_nodes_are_chosen_by_slurm_within_the_constraints(fleet, folder):
    run = fleet("--nodes", 1, "--constraint", "fast")
    assert run.wait() == 0, run.stderr
    assert statuses(folder) == {"n2": "ok"}


def test_a_constraint_that_no_node_meets_is_refused(fleet, folder):
    run = fleet("--nodes", 1, "--constraint", "slow&fast")
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1 and "--nodes 1: " in run.stderr
    assert not folder.exists()


def test_a_node_that_does_not_exist_is_a_row_with_the_reason(fleet, folder):
    run = fleet("--hosts", "n1,n9")
    assert run.wait() == FAILED
    assert statuses(folder) == {"n1": "ok", "n9": "failed"}
    assert "Invalid node name" in reason(folder, "n9")


def test_the_backend_can_be_on_a_node_of_its_own(fleet, folder):
    run = fleet("--hosts", "n1", "--backend-node", "n2")
    assert run.wait() == 0, run.stderr
    context = json.loads((folder / "n1.json").read_text())["context"]
    assert context["backend"]["endpoint"].startswith("127.0.0.1:")
    assert context["placement"]["backend_cpus"] is None


def test_profiles_are_an_array_and_a_node_that_is_drained_in_the_midst_keeps_its_run(
    fleet, cluster, folder
):
    run = fleet("--hosts", "n1,n2", "--profiles", "smoke,quick", options=LONG)
    try:
        running(cluster, folder, "n2.smoke")
        cluster.run("scontrol", "update", "nodename=n2", "state=drain", "reason=a_new_disk")
        assert run.wait() == FAILED, run.stderr
    finally:
        cluster.run("scontrol", "update", "nodename=n2", "state=resume")
    rows = rows_of(folder)
    for name in ("n1.smoke", "n1.quick", "n2.smoke"):
        assert rows[name]["status"] == "ok"
        assert name.endswith(f".{profile_of_file(folder, name)}")
    assert reason(folder, "n2.quick").startswith("Slurm: the node is drain")
    assert "a_new_disk" in reason(folder, "n2.quick")


def test_a_job_that_is_cancelled_keeps_what_it_has_and_resume_completes_it(
    fleet, waitbench, cluster, folder
):
    run = fleet("--hosts", "n1,n2", options=LONGER)
    running(cluster, folder, "n1", "n2")
    (name,) = {name for name in cluster.jobs() if name.endswith("-n2")}
    cluster.run("scancel", f"--name={name}")
    assert run.wait() == FAILED, run.stderr
    assert statuses(folder) == {"n1": "ok", "n2": "failed"}
    assert reason(folder, "n2").startswith("Slurm: cancelled")
    assert status_of_file(folder, "n2") == "interrupted"
    again = waitbench("fleet", "--resume", folder)
    assert again.wait() == 0, again.stderr
    assert again.stderr == "fleet: n2: done\n"
    assert status_of_file(folder, "n2") == "complete"


def test_an_interrupted_fleet_leaves_no_job(fleet, cluster, folder):
    run = fleet("--hosts", "n1,n2", options=ENDLESS)
    running(cluster, folder, "n1", "n2")
    run.signal(signal.SIGINT)
    assert run.wait() == INTERRUPTED, run.stderr
    assert cluster.jobs() == []
    for name in ("n1", "n2"):
        assert reason(folder, name).startswith("it was interrupted")
        assert status_of_file(folder, name) == "interrupted"


def test_a_fleet_that_was_killed_is_taken_up_with_the_jobs_that_are_still_there(
    fleet, waitbench, cluster, folder
):
    run = fleet("--hosts", "n1", options=LONG)
    running(cluster, folder, "n1")
    before = cluster.run("squeue", "-h", "-o", "%i")
    run.signal(signal.SIGKILL)
    run.wait()
    again = waitbench("fleet", "--resume", folder)
    time.sleep(1)
    assert cluster.run("squeue", "-h", "-o", "%i") in (before, ""), "no second job"
    assert again.wait() == 0, again.stderr
    assert statuses(folder) == {"n1": "ok"}


@pytest.mark.skipif(os.geteuid() != 0, reason="hides a folder from a node, as root")
def test_a_folder_that_a_node_does_not_see_is_the_reason_of_its_row(
    waitbench, tmp_path, monkeypatch
):
    shared = tmp_path / "shared"
    shared.mkdir()
    mark = f"slurm-test-{os.getpid()}-hidden"
    cluster = Cluster(tmp_path / "cluster", {"n1": "a", "n2": "a"}, mark)
    try:
        cluster.start(hidden={"n2": shared})
        for name in ("SLURM_CONF", "PATH"):
            monkeypatch.setenv(name, cluster.environment[name])
        run = waitbench("fleet", "--via", "slurm", "--hosts", "n1,n2", "--out", shared / "fleet",
                        UNFIT, "--", *SMALL)  # fmt: skip
        assert run.wait() == FAILED, run.stderr
        assert statuses(shared / "fleet") == {"n1": "ok", "n2": "failed"}
        assert "the folder of --out is not there on that machine" in reason(shared / "fleet", "n2")
        assert cluster.jobs() == []
    finally:
        cluster.stop()
    assert processes_with(mark) == []

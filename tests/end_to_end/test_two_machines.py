"""The backend on another machine: two network namespaces, a slow and lossy link between them, and a
clock of its own on the other side."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from plots.data.load import load
from two_machines import DELAY_S, OTHER_CLOCK, TwoMachines
from waitbench_process import PATIENT

ROUND_TRIP_US = 2 * DELAY_S * 1e6
# As few queries as rounds can be made of, since each takes a round trip.
RUN = ("--delay-us", 200, "--in-flight", 4, "--turn-queries", 20, "--rounds", 2, "--invocations", 2,
       *PATIENT)  # fmt: skip
MODELS = "^(blocking|callback-epoll|coroutine-io_uring|callback-libuv|process-pool)$"


def why_not() -> str:
    """Why two namespaces cannot be had here; empty if they can."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    missing = [name for name in ("ip", "tc", "unshare") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    done = subprocess.run(["unshare", "--net", "--time", "true"], capture_output=True, text=True)
    return done.stderr.strip() if done.returncode != 0 else ""


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture
def machines() -> Iterator[TwoMachines]:
    made = TwoMachines()
    yield made
    made.close()


def serve(waitbench, machines, host: str, clock: list[str] = OTHER_CLOCK) -> str:
    """Starts a backend on the other side, and gives where it listens."""
    line = waitbench("serve", "--tcp", f"{host}:0", prefix=[*machines.there, *clock]).first_line()
    return line.split()[2]


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_models_are_measured_against_it(waitbench, machines, out, family):
    host = {"ipv4": machines.ipv4, "ipv6": f"[{machines.ipv6}]"}[family]
    endpoint = serve(waitbench, machines, host)
    assert endpoint.startswith(f"{host}:")
    run = waitbench("run", "--models", MODELS, *RUN, "--backend", endpoint, "--out", out,
                    prefix=machines.here)  # fmt: skip
    assert run.wait() == 0, f"{machines.kind}: {run.stderr}"
    results = load([out])
    entries = results.entries
    assert set(entries.status) == {"ok"}
    assert len(set(entries.model)) == 5
    assert (entries.backend_cpu_us_per_query > 0).all()
    assert (entries.latency_mean_us >= ROUND_TRIP_US).all()

    backend = results.files[0].context["backend"]
    assert backend["endpoint"] == endpoint
    assert ROUND_TRIP_US <= backend["round_trip_us"]["least"]
    assert backend["round_trip_us"]["least"] <= backend["round_trip_us"]["median"]
    assert backend["host"]["kernel"] == os.uname().release
    checks = {finding["check"] for finding in backend["doctor"]}
    assert {"cpus", "foreign-cpu"} <= checks

    # What takes one clock is left out: between two clocks nobody can say how long a way took.
    assert backend["shares_clock"] is False
    assert all(parts is None for parts in entries.latency_parts)


def test_latencies_are_split_where_both_sides_have_one_clock(waitbench, machines, out):
    endpoint = serve(waitbench, machines, machines.ipv4, clock=[])
    run = waitbench("run", "--models", "callback-epoll", *RUN, "--backend", endpoint, "--out", out,
                    prefix=machines.here)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    assert results.files[0].context["backend"]["shares_clock"] is True
    for parts in results.entries.latency_parts:
        assert parts["transit"]["mean"] >= DELAY_S * 1e6
        assert parts["resume_lag"]["mean"] >= DELAY_S * 1e6


def test_an_open_loop_is_measured_against_it(waitbench, machines, out):
    endpoint = serve(waitbench, machines, machines.ipv4)
    run = waitbench("run", "--models", "^callback-(epoll|poll)$", "--rate", 500, "--seconds", 0.2,
                    "--rounds", 2, "--invocations", 1, *PATIENT, "--backend", endpoint,
                    "--out", out, prefix=machines.here)  # fmt: skip
    assert run.wait() == 0, run.stderr
    assert set(load([out]).entries.status) == {"ok"}


def test_models_are_verified_against_it(waitbench, machines):
    endpoint = serve(waitbench, machines, machines.ipv4)
    run = waitbench("verify", "--models", "^(callback-epoll|blocking)$", "--in-flight", 7, *PATIENT,
                    "--backend", endpoint, prefix=machines.here)  # fmt: skip
    assert run.wait() == 0, run.stdout
    assert "FAILED" not in run.stdout

"""`callback-epoll` over HTTP to nginx beside wrk: the same nginx, the same connections, one thread,
the same CPU, flat out, by turns.

A model checks each reply, writes a record of each query and asks for a note drawn at random; wrk
asks for one note over and over, and counts. WAITBENCH_WRK_PAIRS says how many pairs of runs (8).
"""

from __future__ import annotations

import json
import math
import os
import re
import resource
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("WAITBENCH", ROOT / "build/release/waitbench")
PAIRS = int(os.environ.get("WAITBENCH_WRK_PAIRS", "8"))
CONNECTIONS, SECONDS, TURN_QUERIES = 64, 2, 50_000
LIMIT_S = 120
CLIENT_CPU, SERVER_CPU = 0, 1

pytestmark = pytest.mark.skipif(
    shutil.which("wrk") is None or not Path("/usr/sbin/nginx").exists(),
    reason="wrk or nginx is not installed",
)


@dataclass(frozen=True)
class Rate:
    """What a client came to."""

    queries_per_second: float
    cpu_us_per_query: float


def on_cpu(cpu: int, *words: object) -> list[str]:
    """The command that runs there alone."""
    return ["taskset", "--cpu-list", str(cpu), *map(str, words)]


@pytest.fixture
def endpoint() -> Iterator[str]:
    """That of an nginx on a CPU of its own."""
    server = subprocess.Popen(
        on_cpu(SERVER_CPU, PROGRAM, "serve", "--workload", "nginx"),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield server.stdout.readline().split()[2]
    finally:
        server.terminate()
        assert server.wait(timeout=LIMIT_S) == 0


def run_model(endpoint: str, out: Path) -> Rate:
    """The mean over its entries, which differ by chance alone."""
    words = ["run", "--models", "^callback-epoll$", "--backend", endpoint, "--transport", "tcp",
             "--in-flight", CONNECTIONS, "--delay-us", 0, "--turn-queries", TURN_QUERIES,
             "--rounds", 2, "--invocations", 1, "--let-cpus-sleep", "--out", out]  # fmt: skip
    done = subprocess.run(
        [str(PROGRAM), *map(str, words)], capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stderr
    entries = json.loads(out.read_bytes())["benchmarks"]
    assert {entry["status"] for entry in entries} == {"ok"}
    return Rate(
        statistics.mean(entry["queries_per_second"] for entry in entries),
        statistics.mean(entry["client_cpu_us_per_query"] for entry in entries),
    )


def run_wrk(endpoint: str) -> Rate:
    """What wrk says, and what it has used."""
    address = endpoint.removeprefix("nginx://").split("?")[0]
    words = ["wrk", "-t", 1, "-c", CONNECTIONS, "-d", f"{SECONDS}s", f"http://{address}/notes/1"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        on_cpu(CLIENT_CPU, *words), capture_output=True, text=True, timeout=LIMIT_S
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    (requests,) = map(int, re.findall(r"(\d+) requests in", done.stdout))
    (rate,) = map(float, re.findall(r"Requests/sec: *([0-9.]+)", done.stdout))
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Rate(rate, used_s * 1e6 / requests)


def describe(ratios: list[float]) -> str:
    """The geometric mean, with what two standard errors make of it."""
    logs = [math.log(ratio) for ratio in ratios]
    mean, error = statistics.mean(logs), statistics.stdev(logs) / math.sqrt(len(logs))
    low, high = math.exp(mean - 2 * error), math.exp(mean + 2 * error)
    return f"{math.exp(mean):.3f} ({low:.3f} .. {high:.3f})"


def test_it_asks_nearly_as_often_as_wrk(endpoint, tmp_path, record_property, capsys):
    pairs = []
    for number in range(PAIRS):
        runs = [lambda: run_model(endpoint, tmp_path / "run.json"), lambda: run_wrk(endpoint)]
        order = (0, 1) if number % 2 == 0 else (1, 0)
        results = {which: runs[which]() for which in order}
        pairs.append((results[0], results[1]))
    rates = [model.queries_per_second / wrk.queries_per_second for model, wrk in pairs]
    costs = [model.cpu_us_per_query / wrk.cpu_us_per_query for model, wrk in pairs]
    found = (
        f"rate {describe(rates)} of wrk's, "
        f"{statistics.mean(wrk.queries_per_second for _, wrk in pairs):.0f} a second; "
        f"CPU per query {describe(costs)} of wrk's, "
        f"{statistics.mean(wrk.cpu_us_per_query for _, wrk in pairs):.2f} us"
    )
    record_property("found", found)
    with capsys.disabled():
        print(f"\n{found}")
    assert statistics.geometric_mean(rates) >= 0.95, found

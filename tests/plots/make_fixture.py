"""Writes fixture.json: a small, plausible results file, the same to the byte every time.

Four models over matched, saturated and seam cells, five invocations of eight rounds; the baseline
is entered twice (A/A), seam cells have handwritten counterparts, one entry failed, one
model was skipped.
The truth behind each number is in MODELS and CELLS, so tests know what the statistics must find.

    /usr/bin/python3 tests/plots/make_fixture.py [FILE]
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).with_name("fixture.json")
INVOCATIONS, ROUNDS = 5, 8
SUB_BUCKET_BITS = 4  # coarser than the harness's 7, to keep the file small
NO_OP_US = 0.31

# model: style, engine, client CPU (us per query), its growth per doubling beyond 16 in flight,
#        voluntary switches per query
MODELS: dict[str, tuple[str | None, str | None, float, float, float]] = {
    "blocking": (None, None, 11.4, 1.0, 1.0),
    "thread-per-connection": (None, None, 12.1, 1.05, 1.0),
    "callback-epoll": ("callback", "epoll", 7.2, 0.97, 0.21),
    "coroutine-epoll": ("coroutine", "epoll", 7.24, 0.97, 0.21),
}
# purpose, in flight, delay (us), models
CELLS: list[tuple[str, int, float, list[str]]] = [
    ("matched", 16, 2000.0, list(MODELS)),
    ("matched", 64, 2000.0, list(MODELS)),
    ("matched", 256, 10000.0, list(MODELS)),
    ("saturated", 64, 0.0, list(MODELS)),
    ("saturated", 256, 0.0, list(MODELS)),
    ("seam", 64, 2000.0, ["callback-epoll", "coroutine-epoll"]),
]
SEAM_RATIO = {"callback-epoll": 1.0, "coroutine-epoll": 1.04}


def bucket_of(value: int) -> int:
    """Bucket index of a latency in nanoseconds, as the results format defines it."""
    exponent = max(0, value.bit_length() - 1 - SUB_BUCKET_BITS)
    return (exponent << SUB_BUCKET_BITS) + (value >> exponent)


def latency(rng: random.Random, typical_us: float, queries: int) -> dict[str, Any]:
    """A skewed latency distribution around `typical_us`; 400 draws stand for all queries."""
    draws = sorted(typical_us * (0.5 + 0.5 * rng.expovariate(1.0)) for _ in range(400))
    weight = queries // len(draws)
    buckets = Counter(bucket_of(int(draw * 1000)) for draw in draws)
    at = {name: draws[int(share * 400) - 1] for name, share in QUANTILES.items()}
    return {
        "count": weight * len(draws),
        "mean": tidy(sum(draws) / len(draws)),
        **{name: tidy(value) for name, value in at.items()},
        "p999": tidy(draws[-1]) if queries >= 10_000 else None,
        "max": tidy(draws[-1] * 1.2),
        "histogram": {
            "unit_ns": 1,
            "sub_bucket_bits": SUB_BUCKET_BITS,
            "buckets": [[index, count * weight] for index, count in sorted(buckets.items())],
        },
    }


QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


def tidy(value: float) -> float:
    """Four significant digits."""
    return float(f"{value:.4g}")


def median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def entry(model: str, purpose: str, in_flight: int, delay_us: float, invocation: int) -> dict:
    """The fields every entry has, measured or not; every measurement is null."""
    style, engine = MODELS[model][:2] if model in MODELS else (None, None)
    name = f"query/{model}/tcp/kept/in_flight:{in_flight}/delay_us:{delay_us:g}"
    return {
        "name": name,
        "run_name": name,
        "run_type": "iteration",
        "iterations": 0,
        "real_time": None,
        "cpu_time": None,
        "time_unit": "us",
        "repetition_index": invocation,
        "threads": 1,
        "family": "query",
        "model": model,
        "role": "model",
        "style": style,
        "engine": engine,
        "entry": 0,
        "purpose": purpose,
        "backend": "delay",
        "transport": "tcp",
        "in_flight": in_flight,
        "delay_us": delay_us,
        "delay_shape": "exponential",
        "reply_bytes": 256,
        "work_us": 0.0,
        "connections": "kept",
        "idle": 0,
        "depth": 1,
        "loops": 1,
        "workers": 4,
        "rate_qps": None,
        "max_in_flight": 1 if model == "blocking" else in_flight,
        "invocation": invocation,
        "cohort": 0,
        "status": "ok",
        "reason": None,
        "flags": [],
        "turn_queries": 2000,
        "queries": 0,
        "rounds": None,
        "wall_s": None,
        "queries_per_second": None,
        "client_cpu_us_per_query": None,
        "backend_cpu_us_per_query": None,
        "switches_voluntary_per_query": None,
        "switches_involuntary_per_query": None,
        "latency_us": None,
        "in_flight_mean": None,
        "in_flight_peak_backend": None,
        "syscalls_per_query": None,
        "instructions_per_query": None,
        "memory_kib": {"user": None, "kernel": None},
        "client_cpu_share": None,
        "backend_cpu_share": None,
        "delay_error_us": None,
    }


def measure(row: dict, rng: random.Random, speeds: list[float], cost: float) -> dict:
    """Fills in what a turn per round measures; `speeds` is the machine's speed in each round."""
    model, in_flight = row["model"].removeprefix("handwritten-"), row["in_flight"]
    luck = rng.gauss(1, 0.003)
    cpu = [cost * luck * speed * rng.gauss(1, 0.012) for speed in speeds]
    saturated, served = row["delay_us"] == 0, row["max_in_flight"]
    backend_us = 5.1 if saturated and in_flight == 256 else 4.1
    backend_cpu = [backend_us * speed * rng.gauss(1, 0.01) for speed in speeds]
    pace = [
        min(1e6 / mine, 1e6 / theirs, served / (row["delay_us"] + 60) * 1e6)
        for mine, theirs in zip(cpu, backend_cpu)
    ]
    if saturated:
        backend_cpu = [value * rng.gauss(1.0, 0.004) for value in backend_cpu]
    switches = MODELS[model][4] * (0.15 if saturated and served > 1 and MODELS[model][0] else 1)
    voluntary = [switches * rng.gauss(1, 0.02) for _ in speeds]
    involuntary = [0.004 * rng.expovariate(1) for _ in speeds]
    row["rounds"] = {
        "order": [rng.randrange(5) for _ in speeds],
        "wall_s": [tidy(row["turn_queries"] / rate) for rate in pace],
        "queries_per_second": [tidy(rate) for rate in pace],
        "client_cpu_us_per_query": [tidy(value) for value in cpu],
        "backend_cpu_us_per_query": [tidy(value) for value in backend_cpu],
        "switches_voluntary_per_query": [tidy(value) for value in voluntary],
        "switches_involuntary_per_query": [tidy(value) for value in involuntary],
        "foreign_cpu_share": [tidy(0.01 * rng.random()) for _ in speeds],
        "steal_share": [0.0 for _ in speeds],
    }
    for name in list(row["rounds"]):
        if name in row:
            row[name] = tidy(median(row["rounds"][name]))
    row["queries"] = row["iterations"] = ROUNDS * row["turn_queries"]
    typical = row["delay_us"] + 60 if not saturated else served / row["queries_per_second"] * 1e6
    row["latency_us"] = latency(rng, typical, row["queries"])
    row["real_time"], row["cpu_time"] = row["latency_us"]["mean"], row["client_cpu_us_per_query"]
    row["in_flight_mean"], row["in_flight_peak_backend"] = tidy(served * 0.998), served
    rate = row["queries_per_second"] / 1e6
    row["client_cpu_share"] = tidy(row["client_cpu_us_per_query"] * rate)
    row["backend_cpu_share"] = tidy(min(1.0, row["backend_cpu_us_per_query"] * rate))
    row["delay_error_us"] = {"mean": 60.1, "max": 300.2}
    return row


def cost_of(model: str, in_flight: int, delay_us: float) -> float:
    """The true client CPU per query, in microseconds."""
    base, growth = MODELS[model][2:4]
    idle = 1.0 if delay_us or model == "blocking" else 0.75  # a busy loop wakes less often
    return base * idle * growth ** math.log2(in_flight / 16)


def cell_entries(rng: random.Random, purpose: str, in_flight: int, delay_us: float, models: list):
    """All entries of one cell."""
    for invocation in range(INVOCATIONS):
        speeds = [rng.gauss(1.0, 0.08) for _ in range(ROUNDS)]
        where = (purpose, in_flight, delay_us, invocation)
        for model in models:
            cost = cost_of(model, in_flight, delay_us)
            again = [0, 1] if model == "callback-epoll" and purpose == "matched" else [0]
            for number in again:
                row = entry(model, *where)
                row["entry"] = number
                if purpose == "saturated" and in_flight == 256 and MODELS[model][0]:
                    row["flags"] = ["backend-limited"]
                yield measure(row, rng, speeds, cost)
            if purpose == "seam":
                row = entry(model, *where)
                row["role"], row["model"] = "handwritten", f"handwritten-{model}"
                yield measure(row, rng, speeds, cost / SEAM_RATIO[model])


def benchmarks(rng: random.Random) -> list[dict]:
    """All entries of the file."""
    rows = [row for cell in CELLS for row in cell_entries(rng, *cell)]
    for invocation in range(INVOCATIONS):
        row = entry("no-op", "custom", 64, 2000.0, invocation)
        row["role"], row["queries"] = "no-op", 16000
        row["client_cpu_us_per_query"] = tidy(NO_OP_US * rng.gauss(1, 0.01))
        rows.append(row)
    spoil(next(row for row in rows if is_third_thread_row(row)))
    skipped = entry("coroutine-io_uring", "matched", 64, 2000.0, 0)
    skipped["style"], skipped["engine"] = "coroutine", "io_uring"
    skipped["status"] = "skipped"
    skipped["reason"] = "io_uring is disabled on this machine (kernel.io_uring_disabled = 2)"
    rows.append(skipped)
    return rows


def is_third_thread_row(row: dict) -> bool:
    wanted = ("thread-per-connection", 256, "matched", 3)
    return (row["model"], row["in_flight"], row["purpose"], row["invocation"]) == wanted


def spoil(row: dict) -> None:
    """Turns a measured entry into one that failed."""
    row.update(entry(row["model"], row["purpose"], 256, row["delay_us"], row["invocation"]))
    row["status"] = "failed"
    row["reason"] = "not held within 30 s: 255 of 256 queries reached the backend"


def context() -> dict:
    """An invented machine and run."""
    return {
        "date": "2026-01-31T12:00:00Z",
        "command": ["waitbench", "run", "--profile", "quick"],
        "version": "0.1.0",
        "commit": "0123abc",
        "dirty": False,
        "profile": "quick",
        "seed": 42,
        "status": "complete",
        "elapsed_s": 121.4,
        "build": {"compiler": "g++ 12.2.0", "flags": "-O2 -g", "type": "Release"},
        "libraries": {"libuv": "1.44.2", "liburing": "2.3"},
        "host": {
            "kernel": "6.1.0-example",
            "os": "Debian GNU/Linux 12",
            "cpu_model": "Example CPU",
            "cpus": 2,
            "smt": False,
            "mitigations": {"spectre_v2": "Mitigation: Retpolines"},
            "governor": None,
            "affinity": [0, 1],
            "virtualization": "kvm",
            "clocksource": "tsc",
            "cgroup": {"quota_cpus": None, "throttled_periods": None},
            "seccomp": 0,
            "aslr": 2,
            "load_1min": 0.3,
            "steal_share": 0.0,
            "irq_time_accounting": True,
            "memory_kib": 8000000,
            "limits": {"descriptors": 20000, "somaxconn": 4096},
        },
        "placement": {"client_cpus": [0], "backend_cpus": [1], "shared": False},
    }


def document() -> dict:
    """The whole results file."""
    rows = benchmarks(random.Random(20260131))
    return {"schema_version": 2, "context": context(), "benchmarks": rows}


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURE
    text = json.dumps(document(), separators=(",", ":"))
    target.write_text(text.replace('{"name"', '\n{"name"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

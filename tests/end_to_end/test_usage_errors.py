"""What a user may get wrong: one clear line on stderr, exit code 2, nothing done."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

USAGE = 2
CASES = {
    "no command": ((), ["subcommand is required"]),
    "an unknown command": (
        ("fly",),
        [
            "'fly'",
            "list, verify, run, switch, report, compare, export, machines, fleet, history, "
            "serve, doctor",
        ],
    ),
    "no order to a process of the harness": (
        ("trial", "{"),
        ["'{' is no order", "the harness gives to its processes"],
    ),
    "an order that lacks what belongs into it": (("turn", "{}"), ["'{}' is no order", "benchmark"]),
    "an order without a backend that is none": (("scripted", "0"), ["'0' is no order"]),
    "an unknown option": (("run", "--fly"), ["--fly", "waitbench run --help"]),
    "an unknown model": (("run", "--models", "nosuch"), ["'nosuch'", "callback-epoll"]),
    "an unknown model to verify": (
        ("verify", "--models", "nosuch"),
        ["'nosuch'", "callback-epoll"],
    ),
    "no regular expression": (
        ("run", "--models", "("),
        ["--models", "'('", "not a regular expression", "give one such as"],
    ),
    "no regular expression to verify": (("verify", "--models", "["), ["--models", "'['"]),
    "an unknown profile": (("run", "--profile", "slow"), ["'slow'", "quick, full and guests"]),
    "a negative number": (("run", "--in-flight", "-5"), ["--in-flight", "-5", "1 to"]),
    "no number": (("run", "--in-flight", "many"), ["--in-flight", "many"]),
    "a number and no number": (("run", "--in-flight", "1,x"), ["--in-flight", "x", "1 to"]),
    "a delay that is not a number": (("run", "--delay-us", "nan"), ["--delay-us", "nan"]),
    "work that is not a number": (("run", "--work-us", "1,-NaN"), ["--work-us", "-NaN"]),
    "a negative seed": (("run", "--seed", "-1"), ["--seed", "-1", "0 or more"]),
    "nothing in flight": (("run", "--in-flight", "0"), ["--in-flight", "1 to"]),
    "a negative delay": (("run", "--delay-us", "-1"), ["--delay-us", "-1", "0 to"]),
    "no rounds": (("run", "--rounds", "0"), ["--rounds", "1 to"]),
    "memory and the seam at once": (("run", "--memory", "--seam"), ["--memory", "--seam"]),
    "an unknown workload": (("run", "--workload", "oracle"), ["--workload", "oracle", "delay"]),
    "workers of a model that has none": (
        ("run", "--models", "callback", "--workers", "8"),
        ["--workers", "thread-pool and process-pool"],
    ),
    "loops of a model that has none": (
        ("run", "--models", "blocking", "--loops", "2"),
        ["--loops", "callback-epoll"],
    ),
    "tasks of which one would have fewer queries": (
        ("run", "--fan-out", "3"),
        ["--fan-out 3", "64 queries in flight", "use --in-flight 63"],
    ),
    "tasks of which one would have fewer queries to verify": (
        ("verify", "--fan-out", "8", "--in-flight", "4"),
        ["--fan-out 8", "4 queries in flight", "use --in-flight 8"],
    ),
    "tasks on a schedule": (
        ("run", "--fan-out", "4", "--rate", "100"),
        ["--fan-out", "leave --memory and --rate out"],
    ),
    "tasks that ask a workload which has none": (
        ("run", "--fan-out", "4", "--workload", "http"),
        ["--fan-out", "http", "leave it out"],
    ),
    "an unknown transport": (("run", "--transport", "pigeon"), ["--transport", "pigeon"]),
    "a filter that nothing matches": (
        ("run", "--benchmark_filter", "nosuch"),
        ["--benchmark_filter", "'nosuch'", "query/"],
    ),
    "a filter that is no regular expression": (
        ("run", "--benchmark_filter", "("),
        ["--benchmark_filter", "not a regular expression"],
    ),
    "a contrary filter that is no regular expression": (
        ("run", "--benchmark_filter", "-("),
        ["--benchmark_filter", "'('", "not a regular expression"],
    ),
    "nothing in flight to verify": (("verify", "--in-flight", "0"), ["--in-flight", "1 to"]),
    "a results file in a directory that is not": (
        ("run", "--out", "/nonexistent/results.json"),
        ["/nonexistent/results.json", "No such file or directory"],
    ),
    "a directory as results file": (("run", "--out", "/tmp"), ["/tmp", "not a regular file"]),
    "a device as results file": (("run", "--out", "/dev/full"), ["not a regular file"]),
    "no name of a results file": (("run", "--out", ""), ["--out"]),
    "an unknown flag of Google Benchmark": (
        ("switch", "--benchmark_fly"),
        ["--benchmark_fly", "waitbench switch --help"],
    ),
    "an unknown format": (("switch", "--benchmark_format=xml"), ["xml", "console,json,csv"]),
    "no time to measure": (("switch", "--benchmark_min_time=0"), ["--benchmark_min_time"]),
    "a time that is not a number": (
        ("switch", "--benchmark_min_time=nan"),
        ["--benchmark_min_time", "nan"],
    ),
    "a negative seed of orders": (("switch", "--seed", "-7"), ["--seed", "-7", "0 or more"]),
    "no number of rounds": (("switch", "--rounds", "many"), ["--rounds", "many"]),
    "a micro filter that nothing matches": (
        ("switch", "--benchmark_filter", "nosuch"),
        ["--benchmark_filter", "'nosuch'", "waitbench switch --list"],
    ),
    "a micro filter that is no regular expression": (
        ("switch", "--benchmark_filter=("),
        ["--benchmark_filter", "not a regular expression"],
    ),
    "micro results in a directory that is not": (
        ("switch", "--out", "/nonexistent/results.json"),
        ["/nonexistent/results.json", "No such file or directory"],
    ),
    "a file of Google Benchmark's in a directory that is not": (
        ("switch", "--benchmark_out=/nonexistent/results.json"),
        ["--benchmark_out", "/nonexistent/results.json", "No such file or directory"],
    ),
    "no results to resume": (
        ("run", "--resume", "/nonexistent.json"),
        ["--resume /nonexistent.json: No such file or directory", "results file"],
    ),
    "a directory to resume": (("run", "--resume", "/tmp"), ["--resume /tmp", "it is a directory"]),
    "a rate of nothing": (("run", "--rate", "0"), ["--rate", "'0'", "above 0", "sweep"]),
    "a rate that is no number": (("run", "--rate", "fast"), ["--rate", "'fast'", "sweep"]),
    "unknown arrivals": (("run", "--rate", "9", "--arrivals", "foo"), ["--arrivals", "foo"]),
    "arrivals without a rate": (("run", "--arrivals", "poisson"), ["--arrivals", "give --rate"]),
    "a limit without a sweep": (("run", "--rate", "9", "--p99-us", "5"), ["--p99-us", "sweep"]),
    "a limit that is not a number": (
        ("run", "--rate", "sweep", "--p99-us", "nan"),
        ["--p99-us", "nan"],
    ),
    "a sweep without a limit": (("run", "--rate", "sweep"), ["--rate sweep", "--p99-us"]),
    "a sweep of a rate": (
        ("run", "--rate", "sweep,9", "--p99-us", "5"),
        ["--rate", "either it or rates"],
    ),
    "a turn without time": (("run", "--rate", "9", "--seconds", "0"), ["--seconds", "0.05"]),
    "more queries than a turn may have": (
        ("run", "--rate", "1000000", "--seconds", "2"),
        ["1000000 queries", "lower --rate, or --seconds"],
    ),
    "seam in an open loop": (("run", "--rate", "9", "--seam"), ["--seam", "leave --rate out"]),
    "a number of queries in an open loop": (
        ("run", "--rate", "9", "--turn-queries", "100"),
        ["--turn-queries", "--seconds"],
    ),
    "no results to report": (("report",), ["FILE"]),
    "nothing to compare with": (("compare", "one.json"), ["OLD NEW", "--baseline"]),
    "results that are not there": (("report", "/nonexistent.json"), ["/nonexistent.json"]),
}


@pytest.mark.parametrize(("words", "expected"), CASES.values(), ids=CASES.keys())
def test_a_mistake_is_one_clear_line_and_exit_code_2(waitbench, tmp_path, words, expected):
    run = waitbench(*words, cwd=tmp_path)
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1, run.stderr
    assert run.stderr.startswith("waitbench")
    for text in expected:
        assert text in run.stderr
    assert run.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_more_in_flight_than_descriptors_names_the_limit_and_what_to_do(waitbench, out):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    run = waitbench("run", "--models", "callback-epoll", "--transport", "unix",
                    "--in-flight", hard, "--out", out)  # fmt: skip
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    for text in (f"the limit of {hard} descriptors", "use at most", "ulimit -n"):
        assert text in run.stderr
    assert not out.exists()


def test_more_in_flight_than_threads_names_the_limit_and_what_to_do(waitbench, out):
    most = min(
        int(Path(f"/proc/sys/kernel/{name}").read_text()) for name in ("threads-max", "pid_max")
    )
    run = waitbench("run", "--models", "thread-per-connection", "--in-flight", most, "--out", out)
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    for text in (" threads: use at most", "kernel.threads-max", "pids.max"):
        assert text in run.stderr
    assert not out.exists()


def test_a_dry_run_checks_all_that_a_run_does_and_measures_nothing(waitbench, out):
    run = waitbench("run", "--dry-run", "--profile", "smoke", "--out", out)
    assert run.wait() == 0, run.stderr
    assert f"of 4 cells would go to {out}" in run.stdout
    assert list(out.parent.iterdir()) == []
    for words in (("--profile", "smok"), ("--profle", "smoke"), ("--out", "/nonexistent/r.json")):
        assert waitbench("run", "--dry-run", *words, cwd=out.parent).wait() == USAGE


def test_help_is_no_mistake(waitbench):
    commands = ("run", "switch", "report", "compare", "export", "machines", "fleet", "history")
    for words in (("--help",), *((command, "--help") for command in commands)):
        run = waitbench(*words)
        assert run.wait() == 0
        assert "waitbench" in run.stdout
        assert run.stderr == ""

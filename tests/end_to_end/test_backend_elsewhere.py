"""A backend that was started elsewhere: `--backend`, here on the same machine."""

from __future__ import annotations

import re
import socket
import time

import pytest

from plots.data.load import load
from waitbench_process import ENDLESS, PATIENT, QUICK

USAGE = 2
FAILED = 1


@pytest.fixture
def endpoints(waitbench) -> dict[str, str]:
    """Where a running `waitbench serve` listens, by transport."""
    line = waitbench("serve").first_line()
    tcp, unix = re.fullmatch(r"serving on (\S+) and (\S+)\n", line).groups()
    return {"tcp": tcp, "unix": unix}


@pytest.mark.parametrize("transport", ["tcp", "unix"])
def test_a_run_against_it_is_as_good_as_any(waitbench, endpoints, out, transport):
    run = waitbench("run", "--models", "^(blocking|callback-epoll|process-pool)$", *QUICK,
                    "--transport", transport, "--invocations", 3, "--backend",
                    endpoints[transport], "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    assert set(results.entries.status) == {"ok"}
    assert (results.entries.backend_cpu_us_per_query > 0).all(), "it reports its CPU time itself"
    placement = results.files[0].context["placement"]
    assert placement["backend"] == endpoints[transport]
    assert placement["backend_cpus"] is None
    assert len(run.children("serve")) == 1, "that one, and none of its own"


def test_cells_of_the_other_transport_are_skipped_with_the_reason(waitbench, endpoints, out):
    run = waitbench("run", "--models", "callback-epoll", *QUICK, "--transport", "tcp,unix",
                    "--invocations", 1, "--backend", endpoints["tcp"], "--out", out)  # fmt: skip
    assert run.wait() == 0, run.stderr
    results = load([out])
    for entry in results.entries.itertuples():
        transport = results.cells[entry.cell].axes["transport"]
        assert entry.status == {"tcp": "ok", "unix": "skipped"}[transport]
        assert transport == "tcp" or "not reached over this transport" in entry.reason


def test_models_are_verified_against_it(waitbench, endpoints):
    run = waitbench("verify", "--models", "^(callback-epoll|blocking)$", "--in-flight", 7, *PATIENT,
                    "--backend", endpoints["unix"])  # fmt: skip
    assert run.wait() == 0, run.stdout
    assert "skipped where the backend at" in run.stdout
    assert "FAILED" not in run.stdout


@pytest.mark.parametrize("after_s", [0, 0.01, 0.1, 0.5])
def test_its_end_in_mid_run_is_the_reason_of_the_rows(waitbench, out, after_s):
    serve = waitbench("serve")
    tcp = serve.first_line().split()[2]
    run = waitbench("run", "--models", "callback-epoll", *ENDLESS, "--invocations", 1,
                    "--backend", tcp, "--out", out)  # fmt: skip
    run.await_child("trial")
    time.sleep(after_s)
    serve.kill()
    assert run.wait() == FAILED
    entries = load([out]).entries
    assert set(entries.status) == {"failed"}
    assert set(entries.reason) == {"the backend is gone"}


@pytest.mark.parametrize("command", ["run", "verify"])
def test_where_nobody_answers_is_one_line(waitbench, command):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        endpoint = f"127.0.0.1:{unused.getsockname()[1]}"
        run = waitbench(command, "--backend", endpoint)
        assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(f"waitbench: --backend {endpoint}: ")
    for text in ("Connection refused", "waitbench serve"):
        assert text in run.stderr


def test_what_is_no_endpoint_is_one_line(waitbench):
    run = waitbench("run", "--backend", "nowhere")
    assert run.wait() == USAGE
    assert run.stderr.count("\n") == 1
    assert "'nowhere' is no endpoint: give HOST:PORT" in run.stderr

"""`waitbench verify`: every model does the work that it will be credited with."""

from __future__ import annotations

import pytest

from nginx_server import needs_nginx
from postgres_server import needs_postgres
from waitbench_process import PATIENT

ENGINES = "-(select|poll|libuv)$"
STYLES = 4  # callback, generator, coroutine, fiber


def test_verify_passes_every_model_and_counterpart_that_it_is_given(waitbench):
    run = waitbench("verify", "--models", "callback-epoll", "--in-flight", "1,7", *PATIENT)
    assert run.wait() == 0, run.stderr
    lines = [line for line in run.stdout.splitlines() if not line.startswith(" ")]
    assert [line.split()[:2] for line in lines] == [
        ["callback-epoll", "ok"],
        ["handwritten-callback-epoll", "ok"],
    ]


@pytest.mark.parametrize(
    "backend",
    [
        "http",
        pytest.param("nginx", marks=needs_nginx),
        pytest.param("postgres", marks=needs_postgres),
    ],
)
def test_a_workload_is_passed_over_every_engine(waitbench, backend):
    """The other engines, and models without one, pass under the sanitizers: workloads_test.cpp."""
    run = waitbench("verify", "--backend", backend, "--models", ENGINES, "--in-flight", "7",
                    *PATIENT)  # fmt: skip
    assert run.wait() == 0, run.stdout + run.stderr
    lines = [line.split() for line in run.stdout.splitlines() if not line.startswith(" ")]
    models = [words for words in lines if not words[0].startswith("handwritten-")]
    assert len(models) == STYLES * len(ENGINES.split("|")), run.stdout
    assert all(words[1] == "ok" and int(words[2]) > 0 for words in models), run.stdout

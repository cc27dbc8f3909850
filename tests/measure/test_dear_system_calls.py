"""The slower machine that `dear_system_calls.py` plays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("dear_system_calls.py")
CALLS = """
import os, time
start = time.process_time()
for _ in range(100_000):
    os.getppid()
print(time.process_time() - start)
"""


def seconds_of_calls(*prefix: object) -> float:
    """What many cheap system calls take, in a process that the prefix starts."""
    words = [*map(str, prefix), sys.executable, "-c", CALLS]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def test_each_filter_makes_a_system_call_dearer():
    seconds = [seconds_of_calls()] + [seconds_of_calls(SCRIPT, filters) for filters in (1, 4)]
    assert seconds[1] > 2 * seconds[0]
    assert seconds[2] - seconds[0] > 2 * (seconds[1] - seconds[0])


@pytest.mark.parametrize("words", [(), ("1",), ("0", "true"), ("8", "true"), ("many", "true")])
def test_a_wrong_command_line_is_refused(words):
    done = subprocess.run(
        [str(SCRIPT), *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")


def test_a_command_that_is_not_there_is_one_line():
    done = subprocess.run(
        [str(SCRIPT), "1", "/nosuch"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1

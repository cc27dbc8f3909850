"""Each command that a page suggests is one that the program takes."""

from __future__ import annotations

import html
import json
import re
import shlex
import sys

import pytest
from waitbench_process import ROOT

sys.path.insert(0, str(ROOT / "tests" / "plots"))

from documents import FIXTURE, keep  # noqa: E402

from plots.analysis.regimes import REGIMES  # noqa: E402
from plots.analysis.study import Study  # noqa: E402
from plots.data.load import load  # noqa: E402
from plots.report.page import page  # noqa: E402

# From the name of the program to the end of the clause.
COMMAND = re.compile(
    r"waitbench ((?:run|switch)(?: '[^']*'| [^ ;<)]+?)*?)"
    r"(?=[;)<]| (?:would|does|counts|measures)(?:[ ,]|\.(?:[ <]|$)))"
)
INSTEAD = {"run": "--dry-run", "switch": "--list"}  # of doing it


@pytest.fixture(scope="module")
def suggested(tmp_path_factory) -> list[str]:
    """The commands on a page that has next to nothing, and so suggests everything."""
    document = keep(json.loads(FIXTURE.read_text()), lambda entry: entry["purpose"] == "seam")
    path = tmp_path_factory.mktemp("page") / "results.json"
    path.write_text(json.dumps(document))
    text = html.unescape(page(Study(load([path])), [])).split("<h2>The machine")[0]
    return list(dict.fromkeys(COMMAND.findall(text)))


def test_the_page_suggests_a_command_for_each_regime(suggested):
    assert {regime.command for regime in REGIMES} <= set(suggested)
    assert {command.split()[0] for command in suggested} == set(INSTEAD)


def test_each_is_accepted(waitbench, suggested, tmp_path):
    for command in suggested:
        name, *options = shlex.split(command)
        run = waitbench(name, INSTEAD[name], *options, cwd=tmp_path)
        assert run.wait() == 0, f"waitbench {command}: {run.stderr}"
        assert not [*tmp_path.iterdir()], "nothing is measured"

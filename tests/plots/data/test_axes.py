"""Every axis of the results format has its phrase, and no other name has one."""

from __future__ import annotations

import json

import pytest

from plots.data.axes import AXES, axis_phrase
from plots.data.schema import SCHEMA_PATH


def test_the_axes_of_the_schema_are_those_with_a_phrase():
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    stored = {"family", *schema["$defs"]["axes"]["properties"]}
    assert stored - set(AXES) == set(), "plots/data/axes.py needs a row for each of these axes"
    assert set(AXES) - stored == set(), "results/schema.json, $defs/axes lacks these axes"


@pytest.mark.parametrize(
    "axis, value, phrase",
    [
        ("in_flight", 1000, "1,000 in flight"),
        ("delay_us", 2000.0, "2 ms delay"),
        ("delay_us", 0, "no delay"),
        ("transport", "unix", "Unix sockets"),
        ("transport", "carrier pigeon", "carrier pigeon"),
        ("arrivals", "onoff", "on/off arrivals"),
        ("rate_qps", None, "closed loop"),
        ("depth", None, "depth unknown"),
    ],
)
def test_a_value_of_an_axis_is_worded(axis, value, phrase):
    assert axis_phrase(axis, value) == phrase


def test_an_axis_that_is_unknown_is_an_error():
    with pytest.raises(KeyError, match="moon_phase"):
        axis_phrase("moon_phase", 1)

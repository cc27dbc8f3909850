"""How many cells one chart draws. Hundreds of panels help nobody, and take minutes: the tables, the
CSV files and what the page's script shows have all cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

MOST_PANELS = 48
Item = TypeVar("Item")


def drawn_of(items: Sequence[Item]) -> list[Item]:
    """The first of a chart's cells, or panels, as many as it draws."""
    return [*items[:MOST_PANELS]]


def crowd_sentence(items: Sequence[object], noun: str = "cells") -> str:
    """That some are left out; empty where all are drawn."""
    if len(items) <= MOST_PANELS:
        return ""
    return (
        f"The first {MOST_PANELS} of {len(items)} {noun} are drawn; the CSV file beside the chart "
        "has all of them."
    )

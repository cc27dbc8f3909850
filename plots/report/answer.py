"""What the page's sentences are made of."""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """One finding: a few words to skim by, and the sentence."""

    lead: str
    text: str

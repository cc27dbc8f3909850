"""What a user can put right."""

from __future__ import annotations


class ResultsError(Exception):
    """A file or an option that is wrong; the text is one line, and says what would be right where
    that is known."""


class NotComparable(ResultsError):
    """The files are sound, and what was asked for cannot be compared in them."""

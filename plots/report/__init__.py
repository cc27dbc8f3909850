"""The report: one self-contained page, and its charts as files beside it."""

from plots.report.write import write_report

__all__ = ["write_report"]

"""Which models may be ranked in which cell, and why not where they may not."""

from __future__ import annotations

from plots.analysis.measurements import Measurements
from plots.analysis.remember import remembered
from plots.data.cells import COST, SEAM, THROUGHPUT, UNRANKED
from plots.data.errors import ResultsError
from plots.data.load import Results

PREFERRED_BASELINE = "callback-epoll"
AT_OTHER_TIMES = "began queries at other times"
_OVERLOADED = {"saturated", "unstable"}  # flags of a load that was not sustained
_OTHER_TIMES = 2.0  # times as late as the baseline, or as early: not the same schedule


class Ranking(Measurements):
    """Measurements with a declared baseline. Raises ResultsError for a baseline that was not
    measured."""

    def __init__(self, results: Results, baseline: str | None = None) -> None:
        super().__init__(results)
        if baseline is not None and baseline not in self.models:
            known = ", ".join(self.models) or "none"
            raise ResultsError(f"--baseline {baseline}: not measured in these files ({known})")
        self.baseline = baseline or self._default_baseline()

    def _default_baseline(self) -> str | None:
        """callback-epoll, else the first model that carries the load of some cell."""
        if PREFERRED_BASELINE in self.models:
            return PREFERRED_BASELINE
        loaded = [m for m in self.models if any(self.carries_load(c, m) for c in self.cells)]
        return next(iter(loaded or self.models), None)

    def carries_load(self, cell: int, model: str) -> bool:
        """Whether a model can have as many queries in flight as the cell asks for. One that
        cannot (blocking, a small pool) is a reference there, and not ranked."""
        capacity = self.entries(cell, model)["max_in_flight"].min()
        most = self.cells[cell].most_in_flight
        return not capacity < most and not self.entries(cell, model).empty

    def ranks(self, cell: int) -> bool:
        """Whether a cell ranks anything, which some are not meant to."""
        return self.cells[cell].question != UNRANKED and not self.why_unranked(cell)

    @remembered
    def why_unranked(self, cell: int) -> str:
        """Why a cell that is to rank something cannot, as a clause; empty if it can."""
        question = self.cells[cell].question
        if question in (SEAM, UNRANKED):
            return ""
        if question == THROUGHPUT and self.backend_limited(cell):
            return "the backend was the limit"
        if self.baseline is None or self.baseline not in self.models_in(cell):
            return f"{self.baseline} has no results"
        why = self.why_outside(cell, self.baseline)
        return why and f"{self.baseline} {why}"

    def backend_limited(self, cell: int) -> bool:
        """Whether the backend, not the client, set the pace of anything in a cell."""
        return any("backend-limited" in self.flags(cell, m) for m in self.models_in(cell))

    def outside(self, cell: int, model: str) -> bool:
        """Whether a model is shown in a cell, but not ranked."""
        return not self.ranks(cell) or bool(self.why_outside(cell, model))

    @remembered
    def why_outside(self, cell: int, model: str) -> str:
        """Why a model cannot be ranked in a cell, as the end of a sentence; empty if it can. Cost
        is compared at a load that is the same for all, so a model must have sustained it."""
        if not self.carries_load(cell, model):
            return "cannot have as many queries in flight"
        flags = self.flags(cell, model)
        if self.cells[cell].question != COST:
            return ""
        if _OVERLOADED & flags:
            return "did not sustain the load"
        if "backend-limited" in flags:
            return "was held back by the backend"
        return AT_OTHER_TIMES if self._at_other_times(cell, model) else ""

    def outsiders(self, cell: int) -> dict[str, list[str]]:
        """Models that carry a cell's load and cannot be ranked there, by the reason."""
        found: dict[str, list[str]] = {}
        for model in self.models_in(cell):
            why = self.why_outside(cell, model)
            if why and self.carries_load(cell, model):
                found.setdefault(why, []).append(model)
        return found

    def _at_other_times(self, cell: int, model: str) -> bool:
        """Whether a model in an open loop began its queries much later or much earlier than the
        baseline: a model that begins several in one wake-up pays for fewer wake-ups."""
        late, usual = (self.lateness_us(cell, name) for name in (model, str(self.baseline)))
        known = late > 0 and usual > 0
        return known and not 1 / _OTHER_TIMES <= late / usual <= _OTHER_TIMES

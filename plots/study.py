"""The questions a report asks of the results, each answered once and kept.

A Study knows the declared baseline, which models may be ranked in which cell, and gives charts,
tables and sentences the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from plots import compare, factorial, stats
from plots.cells import COST, SEAM, THROUGHPUT, UNRANKED, Cell
from plots.compare import CPU, RATE
from plots.histogram import TAIL_QUERIES, merge, percentile_us
from plots.load import Results, ResultsError
from plots.self_comparison import SelfComparison
from plots.style import Look, look_of, teaching_order

PREFERRED_BASELINE = "callback-epoll"
PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
_OVERLOADED = {"saturated", "unstable"}  # flags of a load that was not sustained
AT_OTHER_TIMES = "began queries at other times"
_OTHER_TIMES = 2.0  # times as late as the baseline, or as early: not the same schedule
METRIC_OF = {COST: CPU, THROUGHPUT: RATE}


class Study:
    """Results with a declared baseline. Raises ResultsError for a baseline that is not there."""

    def __init__(self, results: Results, baseline: str | None = None) -> None:
        self.results = results
        self.cells = results.cells
        self.against_itself = SelfComparison(results)
        if baseline is not None and baseline not in self.models:
            known = ", ".join(self.models) or "none"
            raise ResultsError(f"--baseline {baseline}: not measured in these files ({known})")
        self.baseline = baseline or self._default_baseline()

    @cached_property
    def models(self) -> list[str]:
        """Models with results, in teaching order."""
        entries = self.results.entries
        measured = entries[(entries["role"] == "model") & (entries["status"] == "ok")]
        known = [(m, *self._parts[m]) for m in dict.fromkeys(measured["model"])]
        return [model for model, *_ in sorted(known, key=lambda parts: teaching_order(*parts))]

    @cached_property
    def _parts(self) -> dict[str, tuple[str | None, str | None]]:
        rows = self.results.entries.drop_duplicates("model")
        return {r.model: (r.style, r.engine) for r in rows.itertuples()}

    def _default_baseline(self) -> str | None:
        """callback-epoll, else the first model that carries the load of some cell."""
        if PREFERRED_BASELINE in self.models:
            return PREFERRED_BASELINE
        loaded = [m for m in self.models if any(self.carries_load(c, m) for c in self.cells)]
        return next(iter(loaded or self.models), None)

    def look(self, model: str) -> Look:
        """Colour, marker and line of a model or of a native."""
        return look_of(model, *self._parts[model])

    def parts(self, model: str) -> tuple[str | None, str | None]:
        """A model's style and engine; None where the kernel is both."""
        return self._parts[model]

    def asking(self, question: str) -> list[Cell]:
        """The cells that ask a question and have results, in their order."""
        chosen = [cell for cell in self.cells.values() if cell.question == question]
        return [cell for cell in chosen if self.models_in(cell.number)]

    @lru_cache(maxsize=None)
    def entries(self, cell: int, model: str | None = None, role: str = "model") -> pd.DataFrame:
        """Entries with results of a cell, of one model or of all."""
        entries = compare.measured(self.results, cell, role)
        return entries if model is None else entries[entries["model"] == model]

    def models_in(self, cell: int) -> list[str]:
        """Models with results in a cell, in teaching order."""
        present = set(self.entries(cell)["model"])
        return [model for model in self.models if model in present]

    def natives_in(self, cell: int) -> list[str]:
        """Straight-line counterparts with results in a cell."""
        return sorted(set(self.entries(cell, role="native")["model"]))

    def flags(self, cell: int, model: str, role: str = "model") -> set[str]:
        """Every flag that any invocation of a model has in a cell."""
        return set().union(*self.entries(cell, model, role)["flags"])

    def carries_load(self, cell: int, model: str) -> bool:
        """Whether a model can have as many queries in flight as the cell asks for. One that
        cannot (blocking, a small pool) is a reference there, and not ranked."""
        capacity = self.entries(cell, model)["max_in_flight"].min()
        return not capacity < self.cells[cell].in_flight and not self.entries(cell, model).empty

    def ranks(self, cell: int) -> bool:
        """Whether a cell ranks anything, which some are not meant to."""
        return self.cells[cell].question != UNRANKED and not self.why_unranked(cell)

    @lru_cache(maxsize=None)
    def why_unranked(self, cell: int) -> str:
        """Why a cell that is to rank something cannot, as a clause; empty if it can."""
        question = self.cells[cell].question
        if question in (SEAM, UNRANKED):
            return ""
        if question == THROUGHPUT and self.backend_limited(cell):
            return "the backend was the limit"
        if self.baseline not in self.models_in(cell):
            return f"{self.baseline} has no results"
        why = self.why_outside(cell, self.baseline)
        return why and f"{self.baseline} {why}"

    def outside(self, cell: int, model: str) -> bool:
        """Whether a model is shown in a cell, but not ranked."""
        return not self.ranks(cell) or bool(self.why_outside(cell, model))

    @lru_cache(maxsize=None)
    def why_outside(self, cell: int, model: str) -> str:
        """Why a model cannot be ranked in a cell, as the end of a sentence; empty if it can. Cost
        is compared at a load that is the same for all, so it must have been sustained."""
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
        """Whether in an open loop a model began its queries much later than the baseline, or much
        earlier: one that begins several in one wake-up has fewer of these to pay for."""
        late, usual = (self.lateness_us(cell, name) for name in (model, str(self.baseline)))
        known = late > 0 and usual > 0
        return known and not 1 / _OTHER_TIMES <= late / usual <= _OTHER_TIMES

    @lru_cache(maxsize=None)
    def lateness_us(self, cell: int, model: str) -> float:
        """How long after it is due half of a model's queries have begun (median over entries); NaN
        in a closed loop, where nothing is due."""
        if self.cells[cell].axes["rate_qps"] is None:
            return np.nan
        parts = [parts for parts in self.entries(cell, model)["latency_parts"] if parts]
        return float(np.median([part["send_lag"]["p50"] for part in parts])) if parts else np.nan

    def invocations(self, cells: Sequence[Cell]) -> int:
        """The most invocations that any of these cells has."""
        tables = [self.entries(cell.number)[["run", "invocation"]] for cell in cells]
        return max((len(table.drop_duplicates()) for table in tables), default=0)

    @lru_cache(maxsize=None)
    def backend_capacity(self, cell: int) -> float:
        """Queries per second at which the backend's CPUs would be fully used by the model that
        costs it least: the rate measured, over the share of them that it used (median over
        entries); NaN where that is unknown."""
        entries = self.entries(cell)
        share = entries["backend_cpu_share"].where(entries["backend_cpu_share"] > 0)
        capacity = (entries[RATE] / share).dropna()
        return float(capacity.groupby(entries["model"]).median().max())

    def backend_limited(self, cell: int) -> bool:
        """Whether the backend, not the client, set the pace of anything in a cell."""
        return any("backend-limited" in self.flags(cell, m) for m in self.models_in(cell))

    @lru_cache(maxsize=None)
    def level(self, cell: int, model: str, metric: str, role: str = "model") -> stats.Interval:
        """Mean over invocations of a metric, with its interval."""
        return compare.level(self.entries(cell, model, role), metric)

    def baseline_levels(self, cells: Sequence[Cell], metric: str) -> list[float]:
        """The baseline's means in those of the cells where it has any."""
        levels = [self.level(cell.number, self.baseline or "", metric).mean for cell in cells]
        return [level for level in levels if np.isfinite(level)]

    @lru_cache(maxsize=None)
    def ratios(self, cell: int) -> pd.DataFrame:
        """What compare.against_baseline says of a cell, by the metric that the cell ranks, in
        teaching order, with `inside_aa`: whether the ratio lies within the A/A band."""
        question = self.cells[cell].question
        rankable = {m for m in self.models_in(cell) if not self.outside(cell, m)}
        metric = METRIC_OF.get(question, CPU)
        frame = compare.against_baseline(self.results, cell, metric, self.baseline or "", rankable)
        frame = frame.sort_values("model", key=lambda names: names.map(self.models.index))
        spread = self.aa(cell, metric)
        limit = spread.limit if spread else np.nan
        frame["inside_aa"] = np.abs(np.log(frame["ratio"].astype(float))) <= limit
        return frame.reset_index(drop=True)

    def aa(self, cell: int | None, metric: str = CPU) -> stats.AaSpread | None:
        """The A/A figure by which a cell is judged; for None, the one to quote."""
        if cell is None:
            return self.against_itself.headline()
        return self.against_itself.of(cell, metric)

    @lru_cache(maxsize=None)
    def seam(self, cell: int) -> pd.DataFrame:
        """Models against their straight-line counterparts in a cell."""
        frame = compare.against_native(self.results, cell)
        return frame.sort_values("model", key=lambda names: names.map(self.models.index))

    def seam_cells(self) -> list[Cell]:
        """Cells in which some model has its straight-line counterpart beside it."""
        return [cell for cell in self.cells.values() if len(self.seam(cell.number))]

    @lru_cache(maxsize=None)
    def factorial(self, cell: int) -> factorial.Factorial | None:
        """Styles and engines of a cell read apart, relative to those of the baseline."""
        base = self._parts.get(self.baseline or "", (None, None))
        return factorial.fit(self.results, cell, base)

    def additive(self, cell: int) -> bool:
        """Whether styles and engines of a cell may be read one by one: the test finds no
        interaction, or none is larger than what one model differs from itself."""
        fit, spread = self.factorial(cell), self.aa(cell)
        return fit.p_value >= stats.ERROR_RATE or bool(spread and fit.largest <= spread.limit)

    def matrix_cells(self) -> list[Cell]:
        """Cells of cost or of the seam in which every style stands on every engine."""
        asked = [*self.asking(COST), *self.asking(SEAM)]
        return [cell for cell in asked if self.factorial(cell.number)]

    def matrix_ranked(self, cell: int) -> bool:
        """Whether all models with an engine are ranked in a cell; else their costs, at different
        loads, do not come apart into styles and engines."""
        models = [model for model in self.models_in(cell) if self._parts[model][1]]
        return not any(self.outside(cell, model) for model in models)

    @cached_property
    def no_op(self) -> stats.Interval:
        """The harness's own client CPU per query (microseconds), over invocations."""
        entries = self.results.entries
        rows = entries[(entries["role"] == "no-op") & (entries["status"] == "ok")]
        return compare.level(rows, CPU)

    @lru_cache(maxsize=None)
    def latency(self, cell: int, model: str, role: str = "model") -> dict[str, float] | None:
        """Percentiles in microseconds from the merged histograms of all invocations: p50, p90,
        p99, p999 (NaN below 10,000 queries), max; and `queries`. None without histograms."""
        rows = self.entries(cell, model, role)
        merged = merge(rows["histogram"])
        if merged is None:
            return None
        found = {name: percentile_us(merged, share) for name, share in PERCENTILES.items()}
        if merged.total < TAIL_QUERIES:
            found["p999"] = np.nan
        longest = rows["latency_max_us"].max()
        found["max"] = float(longest) if np.isfinite(longest) else percentile_us(merged, 1.0)
        return found | {"queries": float(merged.total)}

    @property
    def histogram_error(self) -> float:
        """Largest relative error of a stored latency; NaN without histograms."""
        stored = self.results.entries["histogram"].dropna()
        return 2.0 ** -stored.iloc[0]["sub_bucket_bits"] if len(stored) else np.nan

    @cached_property
    def missing(self) -> pd.DataFrame:
        """Entries that failed or were skipped, but for pitfalls: these are meant to fail."""
        entries = self.results.entries
        return entries[(entries["status"] != "ok") & (entries["role"] != "pitfall")]

    @cached_property
    def pitfalls(self) -> pd.DataFrame:
        """Entries of pitfalls, however they ended."""
        return self.results.entries[self.results.entries["role"] == "pitfall"]

"""What was measured: models, entries, levels and latencies, before anything is compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from plots.analysis import stats, within_rounds
from plots.analysis.appearance import Appearance, appearance_of, display_order, guest_order
from plots.analysis.remember import remembered
from plots.analysis.within_rounds import CPU, INVOCATION, RATE
from plots.data.cells import Cell
from plots.data.histogram import TAIL_QUERIES, Histogram, merge, percentile_us, spectrum_us
from plots.data.load import Results
from plots.data.queries import COMPETING

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


class Measurements:
    """Results by cell and model. `cell` in all methods is a key of `cells`."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.cells = results.cells

    @cached_property
    def models(self) -> list[str]:
        """Models with results, in display order, and then guests, kind by kind."""
        entries = self.results.entries
        measured = entries[entries["role"].isin(COMPETING) & (entries["status"] == "ok")]

        def order(model: str) -> tuple:
            return (guest_order(self.kind(model)), display_order(model, *self._parts[model]), model)

        return sorted(dict.fromkeys(measured["model"]), key=order)

    @cached_property
    def _kinds(self) -> dict[str, str]:
        guests = self.results.entries.dropna(subset="kind")
        return dict(zip(guests["model"], guests["kind"]))

    def kind(self, model: str) -> str | None:
        """Of a guest: handwritten, library or language runtime. None for all others."""
        return self._kinds.get(model)

    @cached_property
    def _parts(self) -> dict[str, tuple[str | None, str | None]]:
        rows = self.results.entries.drop_duplicates("model")
        return {row.model: (row.style, row.engine) for row in rows.itertuples()}

    def parts(self, model: str) -> tuple[str | None, str | None]:
        """A model's style and engine; None where the kernel is both."""
        return self._parts[model]

    def parts_named(self, style: str | None, engine: str | None) -> str | None:
        """The model of this style on this engine; None if there is none with results."""
        models = [model for model in self.models if self.kind(model) is None]
        return next((m for m in models if self._parts[m] == (style, engine)), None)

    def appearance(self, model: str) -> Appearance:
        """Colour, marker and line of a model or of its handwritten counterpart."""
        return appearance_of(model, *self._parts[model])

    def asking(self, question: str) -> list[Cell]:
        """The cells that ask a question and have results, in their order."""
        chosen = [cell for cell in self.cells.values() if cell.question == question]
        return [cell for cell in chosen if self.models_in(cell.number)]

    @remembered
    def entries(self, cell: int, model: str | None = None, role: str = "model") -> pd.DataFrame:
        """Entries with results of a cell, of one model or of all."""
        if model is None:
            return self.results.measured(cell, role)
        return self._by_model(cell, role).get(model, self.results.entries.iloc[:0])

    @remembered
    def _by_model(self, cell: int, role: str) -> dict[str, pd.DataFrame]:
        return dict(iter(self.entries(cell, role=role).groupby("model", sort=False)))

    def entries_of(self, cells: Sequence[Cell]) -> pd.DataFrame:
        """All entries of models with results in these cells, of which there is at least one."""
        return pd.concat([self.entries(cell.number) for cell in cells])

    def models_in(self, cell: int) -> list[str]:
        """Models with results in a cell, in display order."""
        present = set(self.entries(cell)["model"])
        return [model for model in self.models if model in present]

    def handwritten_in(self, cell: int) -> list[str]:
        """Straight-line counterparts with results in a cell."""
        return sorted(set(self.entries(cell, role="handwritten")["model"]))

    def flags(self, cell: int, model: str, role: str = "model") -> set[str]:
        """Every flag that any invocation of a model has in a cell."""
        return set().union(*self.entries(cell, model, role)["flags"])

    def invocations(self, cells: Sequence[Cell]) -> int:
        """The most invocations that any of these cells has."""
        return max((self._invocations(cell.number) for cell in cells), default=0)

    @remembered
    def _invocations(self, cell: int) -> int:
        return len(self.entries(cell)[INVOCATION].drop_duplicates())

    def level(self, cell: int, model: str, metric: str, role: str = "model") -> stats.Interval:
        """Mean over invocations of a metric, in the metric's unit, with its interval."""
        return self._levels(cell, model, role)[metric]

    @remembered
    def _levels(self, cell: int, model: str, role: str) -> dict[str, stats.Interval]:
        """Of every metric."""
        means = self._means
        there = self._places.get((cell, role, model), slice(0, 0))
        return dict(zip(means.columns, stats.t_intervals(means.to_numpy(float)[there])))

    @cached_property
    def _means(self) -> pd.DataFrame:
        """Of each invocation, the rows of a model in a cell together."""
        entries = self.results.entries[self.results.entries["status"] == "ok"]
        role = entries["role"].where(~entries["role"].isin(COMPETING), "model")
        return entries.groupby(["cell", role, "model", *INVOCATION]).mean(numeric_only=True)

    @cached_property
    def _places(self) -> dict[tuple[int, str, str], slice]:
        """By cell, role and model: the rows of _means."""
        keys = self._means.index.droplevel(INVOCATION)
        first = np.flatnonzero(~keys.duplicated())
        bounds = [*first, len(keys)]
        return {keys[place]: slice(place, end) for place, end in zip(bounds, bounds[1:])}

    @cached_property
    def no_op(self) -> stats.Interval:
        """The harness's own client CPU per query (microseconds), over invocations."""
        entries = self.results.entries
        rows = entries[(entries["role"] == "no-op") & (entries["status"] == "ok")]
        return within_rounds.level(rows, CPU)

    @remembered
    def backend_capacity(self, cell: int) -> float:
        """Queries per second at which the backend would use its CPUs fully, by the model that
        costs it least: the measured rate over the share of the CPUs that it took (median over
        entries). NaN where that is unknown."""
        entries = self.entries(cell)
        share = entries["backend_cpu_share"].where(entries["backend_cpu_share"] > 0)
        capacity = (entries[RATE] / share).dropna()
        return float(capacity.groupby(entries["model"]).median().max())

    @remembered
    def _merged(self, cell: int, model: str, role: str) -> Histogram | None:
        """The latencies of all invocations."""
        return merge(self.entries(cell, model, role)["histogram"])

    @remembered
    def latency(self, cell: int, model: str, role: str = "model") -> dict[str, float] | None:
        """Percentiles in microseconds from the merged histograms of all invocations: p50, p90,
        p99, p999 (NaN below 10,000 queries), max; and `queries`. None without histograms."""
        merged = self._merged(cell, model, role)
        if merged is None:
            return None
        found = {name: percentile_us(merged, share) for name, share in PERCENTILES.items()}
        if merged.total < TAIL_QUERIES:
            found["p999"] = np.nan
        longest = self.entries(cell, model, role)["latency_max_us"].max()
        found["max"] = float(longest) if np.isfinite(longest) else percentile_us(merged, 1.0)
        return found | {"queries": float(merged.total)}

    @remembered
    def spectrum(self, cell: int, model: str) -> tuple[list[float], list[float]] | None:
        """Of all invocations together: see spectrum_us. None without histograms."""
        merged = self._merged(cell, model, "model")
        return spectrum_us(merged) if merged else None

    @remembered
    def lateness_us(self, cell: int, model: str) -> float:
        """The time after which half of a model's queries have begun, counted from when they are
        due (microseconds, median over entries). NaN in a closed loop, where nothing is due."""
        if self.cells[cell].axes["rate_qps"] is None:
            return np.nan
        parts = [parts for parts in self.entries(cell, model)["latency_parts"] if parts]
        return float(np.median([part["send_lag"]["p50"] for part in parts])) if parts else np.nan

    @property
    def histogram_error(self) -> float:
        """Largest relative error of a stored latency; NaN without histograms."""
        stored = self.results.entries["histogram"].dropna()
        return 2.0 ** -stored.iloc[0]["sub_bucket_bits"] if len(stored) else np.nan

    @cached_property
    def missing(self) -> pd.DataFrame:
        """Entries that failed or were skipped, without pitfalls, which are meant to fail."""
        entries = self.results.entries
        return entries[(entries["status"] != "ok") & (entries["role"] != "pitfall")]

    @cached_property
    def pitfalls(self) -> pd.DataFrame:
        """Entries of pitfalls, however they ended."""
        return self.results.entries[self.results.entries["role"] == "pitfall"]

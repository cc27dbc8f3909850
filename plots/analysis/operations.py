"""The cost of one operation of a micro family: the median over rounds, and how far rounds differ.

A round of a benchmark is a process of its own. Several runs of one benchmark add their rounds.
"""

from __future__ import annotations

import pandas as pd

from plots.data.load import Results

NS, BYTES = "nanoseconds_per_operation", "bytes_per_task"
SAME_CPU, CROSS_CPU = "same-cpu", "cross-cpu"
QUARTILES = {"low": 0.25, "middle": 0.5, "high": 0.75}


def operations(results: Results, family: str, measure: str = NS) -> pd.DataFrame:
    """One row per benchmark of a family that has the measure, in the order of the files: the
    fields of Results.micro, `low`, `middle` and `high` (quartiles over rounds), `rounds` (how many)
    and `flags` (of any of its runs)."""
    micro = results.micro[(results.micro["family"] == family) & (results.micro["status"] == "ok")]
    values = results.micro_rounds[["id", measure]].dropna().merge(micro[["id", "name"]], on="id")
    by_name = values.groupby("name", sort=False)[measure]
    found = micro.drop_duplicates("name").drop(columns="rounds").set_index("name")
    for column, share in QUARTILES.items():
        found[column] = by_name.quantile(share)
    found["rounds"] = by_name.size()
    found["flags"] = micro.groupby("name")["flags"].agg(_all_flags)
    return found.dropna(subset="middle").reset_index()


def _all_flags(of_runs: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(set().union(*of_runs)))


def refused(results: Results, family: str) -> pd.DataFrame:
    """Benchmarks of a family without results, and the reasons."""
    micro = results.micro
    return micro[(micro["family"] == family) & (micro["status"] != "ok")]


def models_among(rows: pd.DataFrame) -> pd.DataFrame:
    """All rows of operations() but the empty loop."""
    return rows[rows["role"] != "no-op"]


def on_one_cpu(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that the kernel schedules on one CPU, and those in which it schedules nothing."""
    return rows[rows["placement"].isna() | (rows["placement"] == SAME_CPU)]


def clear_of_zero(rows: pd.DataFrame) -> pd.Series:
    """Which rows lie above zero with their whole spread. A cost from which the empty loop was
    subtracted may come out at or below zero: then it is lost in the noise."""
    return rows["low"] > 0


def plain_switches(results: Results) -> pd.DataFrame:
    """The rows of operations() of the switches with the fewest contexts and no memory to touch,
    without the empty loop."""
    rows = models_among(operations(results, "switch"))
    rows = rows[~(rows["working_set_bytes"] > 0)]
    return rows[~(rows["contexts"] > rows["contexts"].min())]


def ring_switches(results: Results) -> pd.DataFrame:
    """The rows of operations() of the switches in a ring of contexts on one CPU, without the empty
    loop."""
    rows = on_one_cpu(models_among(operations(results, "switch")))
    return rows[rows["contexts"] > 0]

"""The files of a page: which command made them, with which program, on which machine."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from plots.analysis.study import Study
from plots.data.load import SourceFile
from plots.report.backend import backend_fact
from plots.text.format import percent, significant

_DIRTY = {True: " with uncommitted changes", False: "", None: " (changes unknown)"}
_SECCOMP = {0: "off", 1: "strict", 2: "with a filter"}
_ASLR = {0: "off", 1: "on, without the heap", 2: "on"}


def runs(study: Study) -> list[dict[str, Any]]:
    """Name, command and facts of each file."""
    return [
        {
            "name": file.name,
            "command": shlex.join(file.context["command"]),
            "facts": _run(file) | _machine(file.context["host"]),
        }
        for file in study.results.files
    ]


def _run(file: SourceFile) -> dict[str, str]:
    context = file.context
    build, placement = context["build"], context["placement"]
    seed = "unknown" if context["seed"] is None else str(context["seed"])
    return {
        "Run": f"{context['date']}, profile {context['profile']}, seed {seed}, "
        f"{context['status']} after {_known(context['elapsed_s'], ' s')}",
        **({"Loads": _loads(context["loads"])} if context.get("loads") else {}),
        "Program": f"waitbench {context['version']}, commit {_known(context['commit'])}"
        + _DIRTY[context["dirty"]],
        "Build": f"{_known(build['compiler'])}, {_known(build['type'])}, {_known(build['flags'])}",
        "Libraries": _pairs(context["libraries"]),
        "Placement": f"clients on CPU {_numbers(placement['client_cpus'])}, backend on CPU "
        f"{_numbers(placement['backend_cpus'])}{', shared' if placement['shared'] else ''}; "
        f"{'kept awake' if placement.get('awake_cpus') else 'free to sleep'}",
        **({"Backend": backend_fact(context["backend"])} if context.get("backend") else {}),
    }


def _loads(loads: Mapping[str, Any]) -> str:
    """A query every 70 µs, 15 µs of work per reply (measured: process-pool, the costliest ...)."""
    text = (
        f"a query every {loads['query_interval_us']:g} µs, "
        f"{loads['work_us']:g} µs of work per reply"
    )
    found = loads.get("found")
    if not found:
        return f"{text} ({loads['source']})"
    return (
        f"{text} ({loads['source']}: {found['costliest']}, the costliest, used "
        f"{percent(found['client_share'])} of its CPUs at that rate, and the backend "
        f"{percent(found['backend_share'])} of its CPU with work)"
    )


def _machine(host: Mapping[str, Any]) -> dict[str, str]:
    steal = host["steal_share"]
    return {
        "CPU": f"{_known(host['cpu_model'])}, {_known(host['cpus'])} CPUs, SMT "
        f"{_known(host['smt'])}, governor {_known(host['governor'])}, affinity "
        f"{_numbers(host['affinity'])}",
        "System": f"{_known(host['os'])}, kernel {_known(host['kernel'])}, virtualization "
        f"{_known(host['virtualization'])}, clock {_known(host['clocksource'])}",
        "Mitigations": _grouped(host["mitigations"]),
        "Load": f"{_known(host['load_1min'])} in the minute before the run, steal "
        f"{'unknown' if steal is None else percent(steal)}",
        "Memory": _known(host["memory_kib"], " KiB"),
        "Control groups": _pairs(host["cgroup"]),
        "Security": f"seccomp {_SECCOMP.get(host['seccomp'], 'unknown')}, ASLR "
        f"{_ASLR.get(host['aslr'], 'unknown')}",
        "Limits": _pairs(host["limits"]),
    }


def _known(value: Any, unit: str = "") -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{significant(value)}{unit}"
    return f"{value:,}{unit}" if isinstance(value, int) else f"{value}{unit}"


def _numbers(values: list[int] | None) -> str:
    return ", ".join(map(str, values)) if values else "unknown"


def _pairs(values: Mapping[str, Any] | None) -> str:
    """glibc 2.36; libuv 1.44.2."""
    if not values:
        return "unknown"
    return "; ".join(f"{key} {_known(values[key])}" for key in sorted(values))


def _grouped(values: Mapping[str, Any] | None) -> str:
    """Not affected: mds, meltdown; Vulnerable: spec_store_bypass."""
    if not values:
        return "unknown"
    names: dict[str, list[str]] = {}
    for name in sorted(values):
        names.setdefault(_known(values[name]), []).append(name)
    return "; ".join(f"{value}: {', '.join(names[value])}" for value in sorted(names))

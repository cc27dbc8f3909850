"""One file per chart, or per kind of chart; DRAWERS is their order on the page, SWITCH_DRAWERS are
those of them that show what a switch costs without a query around it, COUNT_DRAWERS what the
counting pass found.

A drawer takes a Study and gives a Chart, or None where the results do not hold what it shows.
"""

from plots.charts import (
    along,
    cost,
    delegation,
    ladder,
    latency,
    latency_parts,
    matrix,
    memory,
    offered_rate,
    ratios,
    ring,
    seam,
    switches,
    syscalls,
    tasks,
    throughput,
    wake,
)

SWITCH_DRAWERS = {
    "ladder": ladder.draw,
    "contexts": ring.draw_contexts,
    "touched": ring.draw_memory,
    "depth": delegation.draw,
    "wake": wake.draw,
    "tasks": tasks.draw,
}
COUNT_DRAWERS = {"syscalls": syscalls.draw}
DRAWERS = {
    "ratios": ratios.draw,
    "cost": cost.draw,
    "matrix": matrix.draw,
    "idle": along.draw_idle,
    "throughput": throughput.draw,
    "loops": along.draw_loops,
    "latency": latency.draw,
    "latency_parts": latency_parts.draw,
    "offered_rate": offered_rate.draw,
    "switches": switches.draw,
    "memory": memory.draw,
    "seam": seam.draw,
    **SWITCH_DRAWERS,
    **COUNT_DRAWERS,
}

"""One file per chart, or per kind of chart; DRAWERS is their order on the page.

A drawer takes a Study and gives a Chart, or None where the results do not hold what it shows.
"""

from plots.charts import (
    along,
    cost,
    growth,
    ladder,
    latency,
    latency_parts,
    matrix,
    memory,
    offered_rate,
    ratios,
    seam,
    switches,
    throughput,
)

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
    "ladder": ladder.draw_switches,
    "depth": growth.draw_depth,
    "wake": growth.draw_wake,
    "tasks": ladder.draw_tasks,
}

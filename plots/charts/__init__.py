"""One file per chart; DRAWERS is their order on the page.

A drawer takes a Study and gives a Chart, or None where the results do not hold what it shows.
"""

from plots.charts import cost, latency, ratios, seam, switches, throughput

NAMES = ("ratios", "cost", "throughput", "latency", "switches", "seam")
DRAWERS = dict(
    zip(NAMES, (ratios.draw, cost.draw, throughput.draw, latency.draw, switches.draw, seam.draw))
)

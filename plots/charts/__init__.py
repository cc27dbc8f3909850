"""One file per chart; plots.charts.catalog lists them, plots.charts.drawing is what they share."""

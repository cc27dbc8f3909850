"""Values as text. Nothing here knows what a results file is."""

"""All inference: what may be ranked, and how models compare."""

"""One suite on many machines: starts a run on each, gathers the files, and makes the page.

It knows nothing of what is measured: it starts the program, and leaves results to plots.
"""

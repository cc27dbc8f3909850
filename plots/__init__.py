"""Charts and a report from waitbench results files, and from nothing else.

load reads and checks the files, stats holds all inference, study asks it the report's questions,
charts draws, report writes the page. Everything here is a function of the files: made again from
the same files, every output is the same to the byte.
"""

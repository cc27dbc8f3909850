"""Charts and a report from waitbench results files, and from nothing else.

README.md says which rooms there are and which may import from which. Everything here is a function
of the files: made again from the same files, every output is the same to the byte.
"""

"""Which modules `plots` needs besides those of Python itself, and which of them are missing.

`PYTHON plots/requirements.py [MODULE...]` prints the missing ones of these and of the given ones,
one a line, and exits with 1 if there are any. It imports none of them, so any Python can run it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

MODULES = ("fastjsonschema", "jinja2", "jsonschema", "matplotlib", "numpy", "pandas", "scipy")


def missing_modules(further: Sequence[str] = ()) -> list[str]:
    """The modules that this Python does not find."""
    return [name for name in (*MODULES, *further) if find_spec(name) is None]


if __name__ == "__main__":
    missing = missing_modules(sys.argv[1:])
    print(*missing, sep="\n", end="\n" if missing else "")
    sys.exit(1 if missing else 0)

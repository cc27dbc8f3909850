"""What the generators of the tests of semantics share; generator_cases.hpp is the same in C++."""

from collections.abc import Generator
from dataclasses import dataclass

Numbers = Generator[int, int, int]

# What CPython says of wrong use, and what we say of the same.
REASONS = {
    "can't send non-None value to a just-started generator": (
        "a generator was sent a value before it was begun with next()"
    ),
    "generator already executing": "a generator was resumed while it was running",
    "generator ignored GeneratorExit": "a generator ignored close(): it yielded once more",
}
Misuse = (TypeError, ValueError, RuntimeError)


class Fault(Exception):
    """Some exception that has nothing to do with generators."""


@dataclass
class Stage:
    """What a generator's body may use: the generator being driven."""

    driven: Numbers | None = None


def reason(misuse: Exception) -> str:
    """Why a generator refused, in our words. Raises KeyError for what is no misuse."""
    return REASONS[str(misuse)]

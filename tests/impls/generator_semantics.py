"""Drives a generator step by step, and prints what comes of each step, as the C++ test does.

The generators are those of generators_alone.cpp and generators_that_delegate.cpp, in Python. Run
by generator_semantics_test.cpp:

    generator_semantics.py NAME STEP...    where a STEP is next, send:N, throw:Fault,
                                           throw:GeneratorExit or close
"""

import inspect
import sys
from collections.abc import Callable

import generators_alone
import generators_that_delegate
from generator_cases import Fault, Misuse, Numbers, Stage, reason


def action(generator: Numbers, step: str) -> Callable[[], int | None]:
    """What a step asks for."""
    verb, _, argument = step.partition(":")
    if verb == "next":
        return lambda: next(generator)
    if verb == "send":
        return lambda: generator.send(int(argument))
    if verb == "throw":
        thrown = Fault("thrown in") if argument == "Fault" else GeneratorExit()
        return lambda: generator.throw(thrown)
    return generator.close


def outcome(generator: Numbers, step: str) -> str:
    """What comes of a step."""
    had_ended = inspect.getgeneratorstate(generator) == inspect.GEN_CLOSED
    try:
        value = action(generator, step)()
    except StopIteration as end:
        if had_ended:
            return "refused: a generator was resumed after its end"
        return f"returns {end.value}"
    except Fault as fault:
        return f"raises {fault}"
    except GeneratorExit:
        return "raises GeneratorExit"
    except Misuse as misuse:
        return f"refused: {reason(misuse)}"
    return "done" if step == "close" else f"yields {value}"


def main(name: str, *steps: str) -> None:
    """Prints what comes of each of `steps`, taken by the generator `name`, and drops it then."""
    module = generators_alone if hasattr(generators_alone, name) else generators_that_delegate
    stage = Stage()
    stage.driven = getattr(module, name)(stage)
    for step in steps:
        print(f"{step} {outcome(stage.driven, step)}")
    print("drop")
    stage.driven = None


if __name__ == "__main__":
    main(*sys.argv[1:])

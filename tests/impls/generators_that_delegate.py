"""Generators that delegate; the same in C++ are in generators_that_delegate.cpp."""

from generator_cases import Fault, Misuse, Numbers, Stage, reason


def adds_two(stage: Stage) -> Numbers:
    try:
        first = yield 1
        second = yield 2
        return (first or 0) + (second or 0)
    finally:
        print("inner tidied")


def outer(stage: Stage) -> Numbers:
    try:
        before = yield 0
        total = yield from adds_two(stage)
        after = yield 100 * total
        return (before or 0) + total + (after or 0)
    finally:
        print("outer tidied")


def three_deep(stage: Stage) -> Numbers:
    try:
        return 1000 + (yield from outer(stage))
    finally:
        print("outermost tidied")


def one_after_another(stage: Stage) -> Numbers:
    first = yield from adds_two(stage)
    second = yield from adds_two(stage)
    return 10 * first + second


def says_nothing(stage: Stage) -> Numbers:
    return 7
    yield


def to_one_that_says_nothing(stage: Stage) -> Numbers:
    return (yield from says_nothing(stage))


def to_one_begun(stage: Stage, inner: Numbers) -> Numbers:
    print("inner:", next(inner))
    return (yield from inner)


def to_adder_begun(stage: Stage) -> Numbers:
    return to_one_begun(stage, adds_two(stage))


def to_one_that_had_delegated(stage: Stage) -> Numbers:
    return to_one_begun(stage, one_after_another(stage))


def inner_raises(stage: Stage) -> Numbers:
    try:
        yield 1
        raise Fault("from within")
    finally:
        print("inner tidied")


def passes_on(stage: Stage) -> Numbers:
    try:
        return (yield from inner_raises(stage))
    finally:
        print("middle tidied")


def catches_at_its_delegation(stage: Stage) -> Numbers:
    try:
        yield from passes_on(stage)
    except Fault as fault:
        print("caught", fault)
    yield 2
    return 3


def inner_catches_faults(stage: Stage) -> Numbers:
    try:
        yield 1
    except Fault as fault:
        print("innermost caught", fault)
    yield 2
    return 3


def middle(stage: Stage) -> Numbers:
    return 10 + (yield from inner_catches_faults(stage))


def innermost_catches(stage: Stage) -> Numbers:
    return 100 + (yield from middle(stage))


def inner_returns_on_exit(stage: Stage) -> Numbers:
    try:
        yield 1
    except GeneratorExit:
        print("inner returns")
        return 5
    return 6


def outlives_its_inner(stage: Stage) -> Numbers:
    try:
        inner = yield from inner_returns_on_exit(stage)
        print("inner gave", inner)
        return inner
    finally:
        print("outer tidied")


def inner_ignores_exit(stage: Stage) -> Numbers:
    asked = False
    try:
        yield 1
    except GeneratorExit:
        asked = True
    if asked:
        yield 2
    print("never gets here")
    return 3


def has_an_ignorer(stage: Stage) -> Numbers:
    try:
        return (yield from inner_ignores_exit(stage))
    finally:
        print("outer tidied")


def catches_an_ignorer(stage: Stage) -> Numbers:
    try:
        yield from inner_ignores_exit(stage)
    except Misuse as misuse:
        print("caught:", reason(misuse))
    return 4


def inner_raises_on_exit(stage: Stage) -> Numbers:
    try:
        yield 1
    except GeneratorExit:
        raise Fault("on exit") from None
    return 2


def catches_a_fault_on_exit(stage: Stage) -> Numbers:
    try:
        yield from inner_raises_on_exit(stage)
    except Fault as fault:
        print("caught", fault)
    return 3


def catches_a_fault_on_exit_and_yields(stage: Stage) -> Numbers:
    try:
        yield from inner_raises_on_exit(stage)
    except Fault as fault:
        print("caught", fault)
    yield 50
    return 51


def catches_exit_and_yields(stage: Stage) -> Numbers:
    asked = False
    try:
        yield from adds_two(stage)
    except GeneratorExit:
        asked = True
    if asked:
        yield 50
    return 51


def delegates_on_exit(stage: Stage) -> Numbers:
    asked = False
    try:
        yield from adds_two(stage)
    except GeneratorExit:
        asked = True
    if asked:
        print("on exit:", (yield from says_nothing(stage)))
    return 8


def speaks_through_a_second_on_exit(stage: Stage) -> Numbers:
    asked = False
    try:
        yield from adds_two(stage)
    except GeneratorExit:
        asked = True
    if asked:
        yield from adds_two(stage)
    return 9


def has_one_begun_that_speaks_through_a_second(stage: Stage) -> Numbers:
    return to_one_begun(stage, speaks_through_a_second_on_exit(stage))


def speaks_through_another_on_exit(stage: Stage) -> Numbers:
    asked = False
    try:
        yield 1
    except GeneratorExit:
        asked = True
    if asked:
        yield from adds_two(stage)
    return 9


def has_one_that_speaks_through_another(stage: Stage) -> Numbers:
    try:
        yield from speaks_through_another_on_exit(stage)
    except Misuse as misuse:
        print("caught:", reason(misuse))
    return (yield from adds_two(stage))

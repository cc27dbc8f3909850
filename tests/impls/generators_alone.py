"""Generators that do not delegate; the same in C++ are in generators_alone.cpp."""

from generator_cases import Fault, Misuse, Numbers, Stage, reason


def count(stage: Stage) -> Numbers:
    yield 1
    yield 2
    return 30


def echo(stage: Stage) -> Numbers:
    value = yield 0
    while value:
        value = yield 10 * value
    return -1


def catches_faults(stage: Stage) -> Numbers:
    try:
        yield 1
    except Fault as fault:
        print("caught", fault)
    yield 2
    return 3


def returns_on_a_fault(stage: Stage) -> Numbers:
    try:
        yield 1
    except Fault:
        return 2
    return 3


def raises(stage: Stage) -> Numbers:
    yield 1
    raise Fault("of its own")


def raises_another(stage: Stage) -> Numbers:
    try:
        yield 1
    except Fault:
        raise Fault("instead") from None
    return 2


def tidies(stage: Stage) -> Numbers:
    try:
        yield 1
        return 2
    finally:
        print("tidied")


def says_when_it_begins(stage: Stage) -> Numbers:
    print("begun")
    yield 1
    return 2


def returns_on_exit(stage: Stage) -> Numbers:
    try:
        yield 1
    except GeneratorExit:
        return 2
    return 3


def raises_on_exit(stage: Stage) -> Numbers:
    try:
        yield 1
    except GeneratorExit:
        raise Fault("on exit") from None
    return 2


def ignores_exit(stage: Stage) -> Numbers:
    asked = False
    try:
        yield 1
    except GeneratorExit:
        asked = True
    if asked:
        yield 2
    yield 3
    return 4


def catches_errors_only(stage: Stage) -> Numbers:
    try:
        yield 1
    except Exception:
        print("caught an error")
    return 2


def resumes_itself(stage: Stage) -> Numbers:
    try:
        next(stage.driven)
    except Misuse as misuse:
        print("refused:", reason(misuse))
    yield 1
    return 2


def closes_itself(stage: Stage) -> Numbers:
    yield 1
    try:
        stage.driven.close()
    except Misuse as misuse:
        print("refused:", reason(misuse))
    return 2

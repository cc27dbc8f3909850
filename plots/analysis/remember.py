"""Answers that an object keeps: computed when first asked for, and gone with the object."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

Owner = TypeVar("Owner")
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def remembered(
    method: Callable[Concatenate[Owner, Arguments], Answer],
) -> Callable[Concatenate[Owner, Arguments], Answer]:
    """A method that computes each answer once per object. Arguments must be hashable.

    functools.cached_property does this for properties. functools.lru_cache on a method would keep
    every object alive for as long as the class."""
    store = f"_answers_of_{method.__name__}"

    @functools.wraps(method)
    def ask(self: Owner, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        known: dict[Any, Answer] = self.__dict__.setdefault(store, {})
        key = (args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = method(self, *args, **kwargs)
        return known[key]

    return ask

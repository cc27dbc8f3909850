"""A model looks the same everywhere, and differs from others also without colour vision."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from plots.analysis.appearance import STYLE_COLOURS, appearance_of, display_order

KERNEL = [
    *("blocking", "thread-per-connection", "thread-pool"),
    *("process-per-connection", "process-pool"),
    *("process-broker-threads", "process-broker-coroutines"),
]
STYLES = ("callback", "generator", "coroutine", "fiber")
ENGINES = ("select", "poll", "epoll", "libuv", "io_uring")
SUITE = [(name, None, None) for name in KERNEL] + [
    (f"{style}-{engine}", style, engine) for style, engine in product(STYLES, ENGINES)
]
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
XYZ = np.array(
    [[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07217], [0.01933, 0.11919, 0.95030]]
)


def lab(colour: str, vision: str = "full") -> np.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    encoded = np.array(to_rgb(colour))
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / [0.95047, 1.0, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_no_two_models_of_the_suite_look_alike():
    looks = [appearance_of(*model) for model in SUITE]
    assert len(set(looks)) == len(SUITE)


def test_models_of_one_colour_differ_in_marker_and_in_line():
    for one, other in combinations(SUITE, 2):
        first, second = appearance_of(*one), appearance_of(*other)
        if first.colour == second.colour:
            assert first.marker != second.marker
            assert first.line != second.line


def test_colours_grow_lighter_in_teaching_order():
    lightness = [lab(colour)[0] for colour in STYLE_COLOURS.values()]
    assert min(np.diff(lightness)) > 6


@pytest.mark.parametrize("vision", VISION)
def test_colours_are_distinguishable(vision):
    seen = [lab(colour, vision) for colour in STYLE_COLOURS.values()]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 15


def test_an_unknown_model_has_a_fixed_appearance():
    assert appearance_of("asio", None, None) == appearance_of("asio", None, None)
    stranger = appearance_of("coroutine-kqueue", "coroutine", "kqueue")
    assert stranger.colour == STYLE_COLOURS["coroutine"]
    counterpart = appearance_of("handwritten-callback-epoll", "callback", "epoll")
    assert counterpart == appearance_of(*SUITE[9])


def test_the_suite_is_in_display_order_with_unknown_models_last():
    shuffled = sorted([("asio", None, None), *reversed(SUITE)], key=lambda m: display_order(*m))
    assert shuffled == [*SUITE, ("asio", None, None)]


def test_no_two_switches_of_a_style_look_alike():
    kinds = {
        "generator": ("generator", "generator-by-hand", "minimal-coroutine"),
        "fiber": ("fiber", "callcc", "ucontext"),
        "thread": ("thread-futex", "thread-condvar", "thread-semaphore", "thread-pipe"),
        "process": ("process-pipe", "process-socket"),
    }
    for style, models in kinds.items():
        looks = [appearance_of(model, style, None) for model in models]
        assert {look.colour for look in looks} == {STYLE_COLOURS[style]}
        assert len({(look.marker, look.line) for look in looks}) == len(models)

"""Simulated cells in which nothing differs, under several kinds of noise: how often a verdict is a
false alarm, and how often an interval holds the truth.

The sizes of the noise are those of the committed reference run. A process is faster or slower than
the mean of its kind for as long as it lives, which is an invocation (PROCESS); each of its turns
deviates from that (TURN). Random numbers have fixed seeds, so the figures repeat.

    PYTHONPATH=. /usr/bin/python3 tests/plots/simulated_cells.py    # the table in harness/TRUST.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats as distributions

from plots.analysis import stats
from plots.analysis.moderation import Estimates, judge

MODELS, BASELINE_ENTRIES = 22, 4
TURN, PROCESS = 0.015, 0.008  # standard deviations of log cost
SLOWER, SLOW_SHARE = np.log(1.04), 0.2
FAMILIES = 2000
LEAST, MOST = 5, 15  # invocations, where their number follows from the width of intervals


class Noise(NamedTuple):
    """What is out of the ordinary: the degrees of freedom of heavy tails; by how much one model's
    turns and processes are noisier; and whether a fifth of the processes of the baseline, or of
    that model, are 4% slower than the rest."""

    tails: int | None = None
    turns_of_one: float = 1
    processes_of_one: float = 1
    slow_baseline: bool = False
    slow_model: bool = False


NOISES = {
    "normal": Noise(),
    "heavy tails (t, 3 degrees of freedom)": Noise(tails=3),
    "one model three times as noisy": Noise(turns_of_one=3, processes_of_one=3),
    "one model's processes three times as noisy": Noise(processes_of_one=3),
    "a fifth of the baseline's processes 4% slower": Noise(slow_baseline=True),
    "a fifth of one model's processes 4% slower": Noise(slow_model=True),
}


class Figures(NamedTuple):
    """Shares of simulated cells: those with any verdict, all of which are false (after Holm's
    adjustment), with the upper bound of that share (95%); intervals that hold the truth, of all
    models and of the odd one. `width` is the median half-width, `invocations` the mean number."""

    false_alarms: float
    upper: float
    coverage: float
    coverage_of_odd: float
    width: float
    invocations: float


def ratios(
    noise: Noise, families: int, invocations: int, rounds: int, entries: int = BASELINE_ENTRIES
) -> NDArray[np.float64]:
    """Log ratios of models to the mean of the baseline's entries, of shape (families, models,
    invocations, rounds). Their expectation is 0; the odd model is the last."""
    random = np.random.default_rng(5)

    def costs(number: int, turns: Any, processes: Any) -> NDArray[np.float64]:
        by_turn = _draw(random, (families, number, invocations, rounds), noise.tails)
        by_process = _draw(random, (families, number, invocations, 1), noise.tails)
        of_turns, of_processes = (np.reshape(size, (-1, 1, 1)) for size in (turns, processes))
        return of_turns * by_turn + of_processes * by_process

    def slow(number: int) -> NDArray[np.float64]:
        chosen = random.random((families, number, invocations, 1)) < SLOW_SHARE
        return SLOWER * (chosen - SLOW_SHARE)

    odd = np.arange(MODELS) == MODELS - 1
    turns = TURN * np.where(odd, noise.turns_of_one, 1)
    processes = PROCESS * np.where(odd, noise.processes_of_one, 1)
    models = costs(MODELS, turns, processes)
    baseline = costs(entries, TURN, PROCESS)
    if noise.slow_baseline:
        baseline += slow(entries)
    if noise.slow_model:
        models[:, -1:] += slow(1)
    return models - baseline.mean(axis=1, keepdims=True)


def _draw(random: np.random.Generator, shape: tuple[int, ...], tails: int | None):
    """Noise of variance 1."""
    if tails is None:
        return random.standard_normal(shape)
    return random.standard_t(tails, shape) / np.sqrt(tails / (tails - 2))


def figures(found: Estimates) -> Figures:
    """What became of the cells of `ratios`, once judged."""
    p_values = 2 * distributions.t.sf(np.abs(found.mean) / found.error, found.freedom)
    half = distributions.t.ppf((1 + stats.LEVEL) / 2, found.freedom) * found.error
    alarms = p_values.min(axis=1) * MODELS < stats.ERROR_RATE  # Holm's first step
    holds = np.abs(found.mean) <= half
    count, families = int(alarms.sum()), len(alarms)
    return Figures(
        count / families,
        float(distributions.beta.ppf(stats.LEVEL, count + 1, families - count)),
        float(holds.mean()),
        float(holds[:, -1].mean()),
        float(np.median(half)),
        float(found.n.mean()),
    )


def fixed(noise: Noise, invocations: int, rounds: int, families: int, **kwargs: int) -> Figures:
    """The figures of so many invocations."""
    return figures(judge(ratios(noise, families, invocations, rounds, **kwargs)))


def sequential(noise: Noise, rounds: int, families: int, target: float, share: float) -> Figures:
    """The figures where invocations are added one by one, from LEAST to MOST, until `share` of the
    models have a half-width of at most `target`."""
    turns = ratios(noise, families, MOST, rounds)
    parts = [judge(group) for group in _stopped(turns, target, share)]
    return figures(Estimates(*(np.concatenate(figure) for figure in zip(*parts))))


def _stopped(
    turns: NDArray[np.float64], target: float, share: float
) -> Iterator[NDArray[np.float64]]:
    """The families with as many invocations as they had when they stopped, by that number. The
    half-width is that of the plain t interval of the invocations' means, as the program has it."""
    means = turns.mean(axis=-1)
    for invocations in range(LEAST, MOST + 1):
        error = np.std(means[..., :invocations], axis=-1, ddof=1) / np.sqrt(invocations)
        half = distributions.t.ppf((1 + stats.LEVEL) / 2, invocations - 1) * error
        stops = (half <= target).mean(axis=-1) >= share
        stops |= invocations == MOST
        if stops.any():
            yield turns[stops, :, :invocations]
        turns, means = turns[~stops], means[~stops]


class Column(NamedTuple):
    """A column of the table in harness/TRUST.md: its heading, and what is simulated for it."""

    heading: str
    figures: Callable[[Noise], Figures]


TARGET = 0.012  # half-width, which is reached after six invocations where the noise is normal
COLUMNS = (
    Column("5 invocations \u00d7 5 rounds", lambda noise: fixed(noise, 5, 5, FAMILIES)),
    Column("10 \u00d7 16", lambda noise: fixed(noise, 10, 16, FAMILIES)),
    Column("until the median is narrow", lambda n: sequential(n, 5, FAMILIES // 2, TARGET, 0.5)),
    Column("until all are narrow", lambda n: sequential(n, 5, FAMILIES // 2, TARGET, 1.0)),
)


def table() -> str:
    """The table in harness/TRUST.md."""
    rows = [["noise", *(column.heading for column in COLUMNS)], ["---"] * (len(COLUMNS) + 1)]
    for name, noise in NOISES.items():
        found = [column.figures(noise) for column in COLUMNS]
        fields = [", ".join(f"{100 * share:.1f}%" for share in shown(f)) for f in found]
        rows.append([name, *fields])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def shown(found: Figures) -> tuple[float, float, float]:
    """The figures of which the table consists."""
    return found.false_alarms, found.coverage, found.coverage_of_odd


if __name__ == "__main__":
    print(table())

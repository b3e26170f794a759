"""The kernel's material: events of many people as columns of codes, which are given in the order of first meeting."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.workload import ACTIONS, START
from detector.instant import DAY

DAYS: Final = 180
PART: Final = 1 << 17
"""Rows that are made, and judged, at a time: what a bulk reader hands over."""
ITEMS: Final = 1_000_000
POOL: Final = 200
"""Items that a person ever touches (assumption: no published figure exists)."""

Ints = NDArray[np.int32]
Drawing = Callable[[np.random.Generator, Ints], Ints]
"""The values of events of these people."""


class CodedEvents(NamedTuple):
    """Events in order of time, no two at one instant; codes from 1."""

    t: NDArray[np.int64]
    group: Ints
    value: Ints


def parts(events: int, people: int, drawing: Drawing, seed: int = 1) -> Iterator[CodedEvents]:
    """So many events over 180 days, some at a time; people's rates are log-normal (sigma 1)."""
    draw = np.random.default_rng(seed)
    rates = _up_to(np.exp(draw.normal(size=people)))
    step = DAYS * DAY // events
    groups, values = Meeting(people), Meeting(ITEMS)
    for start in range(0, events, PART):
        number = np.arange(start, min(start + PART, events))
        who = np.searchsorted(rates, draw.random(len(number))).astype(np.int32)
        t = START + number * step + draw.integers(0, step, len(number))
        yield CodedEvents(t, groups.codes(who), values.codes(drawing(draw, who)))


def whole(some: Iterator[CodedEvents]) -> CodedEvents:
    """All parts as one."""
    return CodedEvents(*map(np.concatenate, zip(*some, strict=True)))


def actions(draw: np.random.Generator, who: Ints) -> Ints:
    """Ten actions, each as often as in `benchmarks.workload`."""
    odds = _up_to(np.array(list(ACTIONS.values()), float))
    return np.searchsorted(odds, draw.random(len(who))).astype(np.int32)


def favourites(people: int, seed: int = 2) -> Drawing:
    """Items from each person's own pool, by Zipf's law; a pool is drawn from all items."""
    pools = np.random.default_rng(seed).integers(0, ITEMS, (people, POOL), np.int32)
    odds = _up_to(1 / np.arange(1, POOL + 1))
    return lambda draw, who: pools[who, np.searchsorted(odds, draw.random(len(who)))]


def any_item(draw: np.random.Generator, who: Ints) -> Ints:
    """Items that nobody prefers: nearly every event is a new pair."""
    return draw.integers(0, ITEMS, len(who), np.int32)


class Meeting:
    """Codes from 1 in the order of first meeting, as `detector.columnar.codes.Codes` gives them.

    >>> Meeting(10).codes(np.array([7, 3, 7, 9], np.int32)).tolist()
    [1, 2, 1, 3]
    """

    def __init__(self, names: int) -> None:
        self._codes = np.zeros(names, np.int32)
        self._met = 0

    def codes(self, names: Ints) -> Ints:
        """The code of each name, an integer below the number given."""
        unmet = names[self._codes[names] == 0]
        new, first = np.unique(unmet, return_index=True)
        self._codes[new[np.argsort(first)]] = np.arange(self._met + 1, self._met + len(new) + 1)
        self._met += len(new)
        return self._codes[names]


def _up_to(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Upper bounds of what a uniform number from [0, 1) chooses."""
    bounds: NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    bounds[-1] = 1.0
    return bounds

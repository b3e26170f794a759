"""Habits: which values people of a simulated company have, and how often; the benchmark's people take after them."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.activity import Activity
from simulator.company import Company, simulate
from simulator.delivery import Arrived
from simulator.directory import Directory
from simulator.profile import HABITS
from simulator.profile_file import load_profile

Ints = NDArray[np.int64]
PROFILE: Final = "midsize-1000"
PEOPLE: Final = 400
DAYS: Final = 28
SEED: Final = 1
_START: Final = date(2026, 1, 5)
VALUES: Final[Mapping[str, int]] = {"action": len(HABITS), "item": 2**40}
"""How many values a person can ever have: all actions, or items without end."""


class Habits(NamedTuple):
    """Of each model person a slice of columns: pairs are *value* (the most frequent first) and *times*.

    Person *i* has the rows from *starts[i]* to *starts[i + 1]*. Of actions a value is an index into `HABITS`, of items
    a rank.
    """

    starts: Ints
    value: Ints
    times: Ints


@cache
def simulated_habits(metric: str, people: int = PEOPLE, days: int = DAYS, seed: int = SEED) -> Habits:
    """What so many simulated people did in so many days, those who used no item left out."""
    company = Company(people, days, seed, _START, load_profile(PROFILE))
    blocks = list(simulate(company, rendering=_Keys))
    person = np.concatenate([block.pieces["person"] for block in blocks])
    words = np.concatenate([block.pieces[metric] for block in blocks])
    return habits_of(person, words, ranked=metric == "item")


def habits_of(person: Ints, value: NDArray[np.int64], *, ranked: bool) -> Habits:
    """The habits that so many events show; *ranked*: values become ranks within the person.

    >>> found = habits_of(np.array([7, 7, 7, 9]), np.array([5, 5, 2, 2]), ranked=False)
    >>> found.starts.tolist(), found.value.tolist(), found.times.tolist()
    ([0, 2, 3], [5, 2, 2], [2, 1, 1])
    """
    pairs, count = np.unique(np.column_stack([person, value]), axis=0, return_counts=True)
    row = np.lexsort((pairs[:, 1], -count, pairs[:, 0]))
    pairs, count = pairs[row], count[row]
    starts = np.flatnonzero(np.diff(pairs[:, 0], prepend=-1))
    bounds = np.append(starts, len(pairs))
    rank = np.arange(len(pairs)) - np.repeat(starts, np.diff(bounds))
    return Habits(bounds, rank if ranked else pairs[:, 1], count)


class _Keys:
    """Renders item usages as columns of keys."""

    def __init__(self, directory: Directory) -> None:
        pass

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> Mapping[str, Ints]:
        """The person, the action and the item of each item usage that arrived, without what is nobody's habit."""
        usages, rows = activity.item_usages, arrived["itemusages"].row
        rows = rows[usages.action[rows] < len(HABITS)]
        person = activity.sessions.person[usages.session[rows]]
        item = usages.item_high[rows].view(np.int64) >> 1
        return {"person": person, "action": usages.action[rows], "item": item}

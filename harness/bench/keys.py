"""Keys: who is there and which values they have, as many people as asked for, after the habits of a few."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.bench.habits import VALUES, Habits

Ints = NDArray[np.int64]
_UNUSUAL: Final = 2**20
"""Items from this rank on are nobody's habit."""


class Pairs(NamedTuple):
    """Pairs of a person and a value as columns; *weight* is how often the person has it in the simulated days."""

    person: Ints
    value: Ints
    weight: Ints

    def where(self, rows: Ints) -> "Pairs":
        """The pairs of these rows, in their order."""
        return Pairs(self.person[rows], self.value[rows], self.weight[rows])

    def then(self, other: "Pairs") -> "Pairs":
        """These, and then the others."""
        return Pairs(*(np.concatenate(both) for both in zip(self, other, strict=True)))


def people_like(habits: Habits, people: int, draw: np.random.Generator, first: int = 0) -> Pairs:
    """The habitual pairs of so many people, numbered from *first*, each with the habits of a model drawn for them.

    >>> habits = Habits(np.array([0, 2]), np.array([5, 2]), np.array([9, 1]))
    >>> pairs = people_like(habits, 2, np.random.default_rng(1), first=3)
    >>> pairs.person.tolist(), pairs.value.tolist(), pairs.weight.tolist()
    ([3, 3, 4, 4], [5, 2, 5, 2], [9, 1, 9, 1])
    """
    model = draw.integers(0, len(habits.starts) - 1, people)
    lengths = np.diff(habits.starts)[model]
    ends = np.cumsum(lengths)
    rows = np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths) + np.repeat(habits.starts[model], lengths)
    return Pairs(np.repeat(np.arange(first, first + people), lengths), habits.value[rows], habits.times[rows])


def unusual_pairs(habitual: Pairs, people: int, metric: str, most: int, draw: np.random.Generator) -> Pairs:
    """At most so many pairs that are not anybody's habit, in no order."""
    if metric == "item":
        person, value = draw.integers(0, people, most), np.arange(_UNUSUAL, _UNUSUAL + most)
    else:
        has = np.zeros((people, VALUES[metric]), dtype=bool)
        has[habitual.person, habitual.value] = True
        person, value = np.nonzero(~has)
        chosen = draw.permutation(len(person))[:most]
        person, value = person[chosen], value[chosen]
    return Pairs(person, value, np.ones(len(person), dtype=np.int64))

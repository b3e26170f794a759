"""Watched rows: all that the rules of one keying see of a stream, and what follows from it whatever their windows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detector.columnar.codes import Codes
from detector.columnar.coding import Coding
from detector.columnar.pairing import Pairs
from detector.columnar.rows import Rows
from detector.token import Key, scalar, scalars
from harness.panel.kernels import first_times, look_back
from harness.panel.marks import Marks
from harness.panel.reading import MARKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AT_ONCE: Final = 1 << 17
"""So many rows are paired at once: room for pairs is made for the case that all are new."""
NEVER: Final = int(np.iinfo(np.int64).max)


class Hindsighted(NamedTuple):
    """What a rule that remembers everything says of each row."""

    shown: "NDArray[np.uint8]"
    """A bit for each value that the group had shown before."""
    position: "NDArray[np.int32]"
    """The row's place among those of its group, from 0."""
    detects: "NDArray[np.bool_]"
    """Whether one of its values was shown in its group by nothing but the row's own run."""
    pairs: int
    """How many pairs of group and value there are."""
    groups: int
    """How many groups have one."""


@dataclass(frozen=True, eq=False)
class Watched:
    """One row an event that the rule sees, in arrival order; codes are those of detector.columnar."""

    keys_of_groups: Sequence[Key | None]
    keys_of_values: Sequence[Key | None]
    keys_of_people: Sequence[Key | None]
    group_by: tuple[str, ...]
    t: "NDArray[np.int64]"
    group: "NDArray[np.int32]"
    values: "NDArray[np.int32]"
    """A column for each value that is judged on its own."""
    run: "NDArray[np.int32]"
    process: "NDArray[np.int32]"
    owner: "NDArray[np.int32]"
    """Whose event it is: a person's code, or less than 0 the group's where no person is told."""
    silenced: "NDArray[np.bool_]"
    named: dict[int, str] = field(default_factory=dict, repr=False)
    """The owners of whom the name was asked."""

    @cached_property
    def hindsight(self) -> Hindsighted:
        """What `harness.oracle.Oracle` says, from one pass."""
        pairs, count = self._pairs()
        size = len(self.t)
        shown_by, seen = np.zeros(count, np.int32), np.zeros(len(self.keys_of_groups), np.int32)
        shown, position, detects = np.empty(size, np.uint8), np.empty(size, np.int32), np.empty(size, np.bool_)
        look_back(self.group, self.values, pairs, self.run, shown_by, seen, shown, position, detects)
        return Hindsighted(shown, position, detects, int(np.count_nonzero(shown_by)), int(np.count_nonzero(seen)))

    @cached_property
    def staged(self) -> "NDArray[np.int64]":
        """The rows of staged events."""
        return np.flatnonzero(self.run)

    @cached_property
    def first_seen(self) -> dict[str, int]:
        """The time of each person's earliest event."""
        groups = len(self.keys_of_groups)
        first = np.full(groups + len(self.keys_of_people), NEVER, np.int64)
        first_times(self.t, self.owner, groups, first)
        came = np.flatnonzero(first != NEVER)
        seen: dict[str, int] = {}
        for owner, t in zip((came - groups).tolist(), first[came].tolist(), strict=True):
            person = self.person(owner)
            seen[person] = min(t, seen.get(person, t))
        return seen

    @cached_property
    def bytes_of_values(self) -> "NDArray[np.int64]":
        """By value's code, what a store keeps of one in a group: its key, and when it was last seen."""
        return np.array([0 if key is None else _packed(key) + 9 for key in self.keys_of_values], np.int64)

    @cached_property
    def bytes_of_groups(self) -> "NDArray[np.int64]":
        """By group's code, the length of its name."""
        return np.array([0 if key is None else len(key.encode()) for key in self.keys_of_groups], np.int64)

    def key_of(self, group: int) -> Key:
        """The key of a group's code, which is not 0."""
        key = self.keys_of_groups[group]
        assert key is not None
        return key

    def person(self, owner: int) -> str:
        """Who that is, in words."""
        if owner not in self.named:
            self.named[owner] = self._named(owner)
        return self.named[owner]

    def _named(self, owner: int) -> str:
        if owner <= 0:
            return group_words(self.key_of(-owner), self.group_by)
        key = self.keys_of_people[owner]
        assert key is not None
        return str(scalar(key))

    def _pairs(self) -> tuple["NDArray[np.int32]", int]:
        """A code for the pair of each row's group with each of its values."""
        made, codes = Pairs(), np.empty(self.values.shape, np.int32)
        for start in range(0, len(self.t), _AT_ONCE):
            cut = slice(start, start + _AT_ONCE)
            for place in range(self.values.shape[1]):
                codes[cut, place] = made.codes(self.group[cut], np.ascontiguousarray(self.values[cut, place]))
        return codes, made.count


def group_words(group: Key, group_by: tuple[str, ...]) -> str:
    """A group as `harness.scoring.register` names it."""
    return ", ".join(map(str, scalars(group, len(group_by)))) if group_by else "anybody"


def watched(coding: Coding, people: Codes, group_by: tuple[str, ...], marks: Marks, batches: Sequence[Rows]) -> Watched:
    """The rows of all batches, with what their marks stand for."""
    t, group, together = (np.concatenate([each[place] for each in batches] or [_NO_ROWS[place]]) for place in range(3))
    mark, person, silenced = together[:, -MARKED:].T
    return Watched(
        keys_of_groups=coding.groups.keys_of,
        keys_of_values=coding.values.keys_of,
        keys_of_people=people.keys_of,
        group_by=group_by,
        t=t,
        group=group,
        values=np.ascontiguousarray(together[:, :-MARKED]),
        run=marks.run[mark],
        process=marks.process[mark],
        owner=np.where(person == 0, -group, person),
        silenced=silenced != 0,
    )


_NO_ROWS = (np.empty(0, np.int64), np.empty(0, np.int32), np.empty((0, 1 + MARKED), np.int32))
"""Of a dataset without a record."""


def _packed(key: Key) -> int:
    """The length of a text in msgpack.

    >>> _packed("fill"), _packed("x" * 32)
    (5, 34)
    """
    size = len(key.encode())
    return size + (1 if size < 32 else 2 if size < 256 else 3 if size < 65_536 else 5)

"""Tables: where the columnar engine keeps what it knows, in one of two layouts.

A dense table has a cell for every group and value there is, and is the quicker one by far while most of them are
used; open addressing takes 16 bytes a pair that was seen, at half to a quarter of its slots used.
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from detector.clock import Windows
from detector.columnar import kernel
from detector.columnar.rows import Rows
from detector.verdict import UNSET

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL: Final = 1 << 22
"""So many cells are dense whatever they hold: 32 MB."""
SPARSE: Final = 16
"""A dense table may have so many cells a pair: 128 bytes, where open addressing takes 32 to 64."""
_FEWEST_SLOTS: Final = 1 << 10
_ONE: "NDArray[np.uint8]" = np.ones(1, np.uint8)


class Judged(NamedTuple):
    """What came of a batch."""

    rows: "NDArray[np.int32]"
    """The matches' places."""
    news: "NDArray[np.uint8]"
    """For each match, a bit for each watched field that is new (1 where the value is one)."""
    unseen: int
    """Events that came before the rule was enabled."""


class Known(NamedTuple):
    """Pairs of group and value with their last sightings, by group."""

    group: "NDArray[np.int64]"
    value: "NDArray[np.int64]"
    last: "NDArray[np.int64]"


class DenseTable:
    """A row a group: its first sight, then its values' last."""

    def __init__(self) -> None:
        self.pairs = 0
        self._width = 1
        self._cells: NDArray[np.int64] = np.full(1, UNSET)

    def reserve(self, groups: int, values: int) -> None:
        """Make room for codes below these; widths are doubled, so that few growths are needed."""
        width = self._width if values <= self._width else max(values, 2 * self._width)
        if width == self._width and groups * width <= len(self._cells):
            return
        height = len(self._by_group())
        height = height if groups <= height else max(groups, 2 * height)
        cells = np.full(height * width, UNSET)
        held = self._by_group()
        cells.reshape(height, width)[: len(held), : self._width] = held
        self._width, self._cells = width, cells

    def judge(self, batch: Rows, windows: Windows, clock: "NDArray[np.int64]") -> Judged:
        """Judge a batch and remember it; there is room for its codes."""
        rows = np.empty(len(batch.t), np.int32)
        found, unseen, pairs = kernel.judge_dense(
            batch.t, batch.group, batch.values, self._cells, self._width, windows, clock, rows
        )
        self.pairs += pairs
        return Judged(rows[:found], np.broadcast_to(_ONE, found), unseen)

    def first_seen(self, groups: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """When the groups were first seen, `UNSET` for never."""
        firsts: NDArray[np.int64] = self._by_group()[groups, 0]
        return firsts

    def groups(self) -> "NDArray[np.int64]":
        """The groups that were seen."""
        return np.flatnonzero(self._by_group()[:, 0] != UNSET)

    def known(self) -> Known:
        """All pairs."""
        held = self._by_group()
        group, value = np.nonzero(held[:, 1:] != UNSET)
        return Known(group, value + 1, held[group, value + 1])

    def put(self, groups: "NDArray[np.int64]", firsts: "NDArray[np.int64]", known: Known) -> None:
        """Take over groups with their first sights, and pairs, none of which it has."""
        held = self._by_group()
        held[groups, 0] = firsts
        held[known.group, known.value] = known.last
        self.pairs += len(known.group)

    def _by_group(self) -> "NDArray[np.int64]":
        return self._cells[: len(self._cells) // self._width * self._width].reshape(-1, self._width)


class HashedTable:
    """Pairs in open addressing, first sights by group."""

    def __init__(self) -> None:
        self.pairs = 0
        self._firsts: NDArray[np.int64] = np.full(1, UNSET)
        self._slots: NDArray[np.int64] = np.full(2 * _FEWEST_SLOTS, kernel.NO_KEY)

    def reserve(self, groups: int, pairs: int) -> None:
        """Make room for groups below this code and for so many more pairs; at most half of the slots are used."""
        if groups > len(self._firsts):
            firsts = np.full(max(groups, 2 * len(self._firsts)), UNSET)
            firsts[: len(self._firsts)] = self._firsts
            self._firsts = firsts
        needed = 1 << (2 * (self.pairs + pairs) - 1).bit_length()
        if 2 * needed > len(self._slots):
            known = self.known()
            self._slots = np.full(2 * needed, kernel.NO_KEY)
            self._fill(known)

    def judge(self, batch: Rows, windows: Windows, clock: "NDArray[np.int64]") -> Judged:
        """Judge a batch and remember it; there is room for its codes."""
        rows = np.empty(len(batch.t), np.int32)
        state: Any = (self._firsts, self._slots, self._shift, windows, clock, rows)
        if batch.values.ndim == 1:
            found, unseen, pairs = kernel.judge_hashed(batch.t, batch.group, batch.values, *state)
            news = np.broadcast_to(_ONE, found)
        else:
            news = np.empty(len(batch.t), np.uint8)
            found, unseen, pairs = kernel.judge_any(batch.t, batch.group, batch.values, *state, news)
        self.pairs += pairs
        return Judged(rows[:found], news[:found], unseen)

    def first_seen(self, groups: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """When the groups were first seen, `UNSET` for never."""
        return self._firsts[groups]

    def known(self) -> Known:
        """All pairs."""
        keys, last = self._slots[0::2], self._slots[1::2]
        used = np.flatnonzero(keys != kernel.NO_KEY)
        return Known(keys[used] >> 32, keys[used] & 0xFFFFFFFF, last[used])

    def put(self, groups: "NDArray[np.int64]", firsts: "NDArray[np.int64]", known: Known) -> None:
        """Take over groups with their first sights, and pairs, none of which it has."""
        self._firsts[groups] = firsts
        self._fill(known)
        self.pairs += len(known.group)

    @property
    def _shift(self) -> int:
        """How far a mixed key is shifted down to the number of a slot."""
        return 66 - len(self._slots).bit_length()

    def _fill(self, known: Known) -> None:
        kernel.fill(self._slots, self._shift, known.group, known.value, known.last)


def is_sparse(groups: int, values: int, pairs: int) -> bool:
    """Whether so few of a dense table's cells would be used that it is better not to have one.

    >>> is_sparse(10_001, 11, 0), is_sparse(10_001, 1_000_001, 500_000)
    (False, True)
    """
    return groups * values > max(SMALL, SPARSE * pairs)

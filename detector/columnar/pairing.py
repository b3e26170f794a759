"""Pairing: tuples of codes, coded again, two members at a time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detector.columnar.codes import Codes
from detector.columnar.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FREE: Final = 0
_FEWEST_SLOTS: Final = 1 << 10
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
"""See `detector.columnar.kernel`."""
_at = np.uint64


class Pairs:
    """A code from 0 for every pair of codes, in the order of meeting them.

    >>> pairs = Pairs()
    >>> pairs.codes(np.array([1, 2, 1], np.int32), np.array([0, 5, 0], np.int32)).tolist(), pairs.members(1)
    ([0, 1, 0], (2, 5))
    """

    def __init__(self) -> None:
        self.count = 0
        self._keys: NDArray[np.int64] = np.empty(0, np.int64)
        self._slots: NDArray[np.int64] = np.full(2 * _FEWEST_SLOTS, _FREE, np.int64)

    def codes(self, first: "NDArray[np.int32]", second: "NDArray[np.int32]") -> "NDArray[np.int32]":
        """The codes of the pairs, row by row."""
        self._reserve(len(first))
        codes = np.empty(len(first), np.int32)
        self.count = _code(first, second, self._slots, self._shift, self.count, self._keys, codes)
        return codes

    def members(self, code: int) -> tuple[int, int]:
        """The pair that a code stands for."""
        first, second = divmod(int(self._keys[code]), 1 << 32)
        return first - 1, second

    def _reserve(self, more: int) -> None:
        if self.count + more > len(self._keys):
            keys = np.empty(max(self.count + more, 2 * len(self._keys)), np.int64)
            keys[: self.count] = self._keys[: self.count]
            self._keys = keys
        needed = 1 << (2 * (self.count + more) - 1).bit_length()
        if 2 * needed > len(self._slots):
            self._slots = np.full(2 * needed, _FREE, np.int64)
            _recode(self._keys[: self.count], self._slots, self._shift)

    @property
    def _shift(self) -> int:
        return 66 - len(self._slots).bit_length()


class Tuples:
    """A code from 0 for every tuple of as many codes as there are fields."""

    def __init__(self, fields: int) -> None:
        self._pairs = [Pairs() for _ in range(fields - 1)]

    def codes(self, columns: Sequence["NDArray[np.int32]"]) -> "NDArray[np.int32]":
        """The codes of the rows; those of the column itself where there is one field."""
        codes, *others = columns
        for pairs, column in zip(self._pairs, others, strict=True):
            codes = pairs.codes(codes, column)
        return codes

    def count(self, first: Codes) -> int:
        """How many codes there are by now; *first* are those of the first field, which may be the only one."""
        return self._pairs[-1].count if self._pairs else len(first.keys_of)

    def members(self, code: int) -> tuple[int, ...]:
        """The codes of the fields that a tuple's code stands for."""
        later: list[int] = []
        for pairs in reversed(self._pairs):
            code, member = pairs.members(code)
            later.insert(0, member)
        return (code, *later)


@compiled
def _code(first: Any, second: Any, slots: Any, shift: int, count: int, keys: Any, codes: Any) -> int:
    last_slot = _at(len(slots) // 2 - 1)
    for i in range(len(first)):
        key = np.int64(first[i] + 1) << 32 | np.int64(second[i])
        slot = _at(key) * _MIX >> _at(shift)
        while slots[_at(2) * slot] != key and slots[_at(2) * slot] != _FREE:
            slot = slot + _at(1) & last_slot
        if slots[_at(2) * slot] == _FREE:
            slots[_at(2) * slot], slots[_at(2) * slot + _at(1)], keys[count] = key, count, key
            count += 1
        codes[i] = slots[_at(2) * slot + _at(1)]
    return count


@compiled
def _recode(keys: Any, slots: Any, shift: int) -> None:
    last_slot = _at(len(slots) // 2 - 1)
    for i in range(len(keys)):
        slot = _at(keys[i]) * _MIX >> _at(shift)
        while slots[_at(2) * slot] != _FREE:
            slot = slot + _at(1) & last_slot
        slots[_at(2) * slot], slots[_at(2) * slot + _at(1)] = keys[i], i

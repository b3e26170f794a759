"""Distinct texts: each text of a column once, numbered in the order of their coming, from batch to batch."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detector.bulk.raw_texts import RawTexts
from detector.bulk.words import word_at
from detector.columnar.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIRST_SLOTS: Final = 1 << 10
_at = np.uint64  # an index that cannot be negative is not looked at twice
_MIX: Final = _at(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: multiplicative hashing (Knuth, The Art of Computer Programming 3, section 6.4)."""
_HALF: Final = _at(32)
_NUMBER: Final = _at(0xFFFFFFFF)
_WORD: Final = _at(8)


class DistinctTexts:
    """Texts seen so far, in an open addressed table that holds half of each one's hash beside its number from 1."""

    def __init__(self) -> None:
        self._count = 0
        self._slots = np.zeros(_FIRST_SLOTS, np.uint64)
        self._data = np.empty(0, np.uint8)
        self._offsets = np.zeros(1, np.int32)

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Bytes of all texts together."""
        return int(self._offsets[self._count])

    def numbers(self, texts: RawTexts) -> "NDArray[np.int32]":
        """The number of each, from 0; new ones are remembered.

        >>> texts = RawTexts(np.frombuffer(b"fillopenfill", np.uint8), np.array([0, 4, 8, 12], np.int32))
        >>> DistinctTexts().numbers(texts).tolist()
        [0, 1, 0]
        """
        rows = len(texts.offsets) - 1
        numbers = np.empty(rows, np.int32)
        self._reserve(rows, int(texts.offsets[-1]) - int(texts.offsets[0]))
        row = 0
        while True:
            row, self._count = _number(
                texts.data, texts.offsets, row, self._slots, self._data, self._offsets, self._count, numbers
            )
            if row == rows:
                return numbers
            self._slots = self._larger()

    def since(self, number: int) -> RawTexts:
        """The texts from that number on."""
        data, offsets = self._data.view(), self._offsets[number : self._count + 1]
        data.flags.writeable = offsets.flags.writeable = False  # one compilation for Arrow's and for ours
        return RawTexts(data, offsets)

    def _reserve(self, rows: int, size: int) -> None:
        """Room for so many more texts of this size together, and a word after them."""
        needed = self.size + size + int(_WORD)
        if needed > len(self._data):
            self._data = np.concatenate([self._data, np.empty(needed, np.uint8)])
        if self._count + rows >= len(self._offsets):
            self._offsets = np.concatenate([self._offsets, np.empty(self._count + rows, np.int32)])

    def _larger(self) -> "NDArray[np.uint64]":
        """Four times as many slots, with all texts."""
        slots, numbers = np.zeros(4 * len(self._slots), np.uint64), np.empty(self._count, np.int32)
        data, offsets = self.since(0)
        _number(data, offsets, 0, slots, self._data, self._offsets, 0, numbers)  # which puts each where it lies
        return slots


@compiled
def _number(  # noqa: C901 - no helper takes an array: Numba would count its references in every turn of the loop
    data: Any, offsets: Any, row: int, slots: Any, known: Any, known_offsets: Any, count: int, numbers: Any
) -> Any:
    """Number the texts from *row* on, until the slots are half full; the next row, and how many texts are known.

    A text and the word behind it lie within *known*, which holds the texts one after the other.
    """
    last_slot = _at(len(slots) - 1)
    most, size_of_data, new = _at(len(slots) // 2), _at(len(data)), _at(count)
    for at_row in range(_at(row), _at(len(numbers))):
        if new == most:
            return np.int64(at_row), np.int64(new)
        start, end = _at(offsets[at_row]), _at(offsets[at_row + _at(1)])
        mixed, at = end - start, start
        while at < end:
            if at + _WORD <= size_of_data:
                word = word_at(data, at)
            else:
                word = _at(0)
                for place in range(end - at):
                    word |= _at(data[at + place]) << (place * _WORD)
            if at + _WORD > end:
                word &= (_at(1) << ((end - at) * _WORD)) - _at(1)
            mixed = (mixed ^ word) * _MIX
            mixed ^= mixed >> _HALF
            at += _WORD
        slot, tag = mixed & last_slot, mixed & ~_NUMBER
        while True:
            held = slots[slot]
            if held == _at(0):
                at = _at(known_offsets[new])
                for place in range(end - start):
                    known[at + place] = data[start + place]
                new += _at(1)
                known_offsets[new] = at + end - start
                slots[slot] = held = tag | new
                break
            if held & ~_NUMBER == tag:
                other = _at(known_offsets[(held & _NUMBER) - _at(1)])
                if _at(known_offsets[held & _NUMBER]) - other == end - start:
                    at = start
                    while at + _WORD <= end and word_at(data, at) == word_at(known, other):
                        at, other = at + _WORD, other + _WORD
                    if at + _WORD > end:
                        while at < end and data[at] == known[other]:
                            at, other = at + _at(1), other + _at(1)
                        if at == end:
                            break
            slot = slot + _at(1) & last_slot
        numbers[at_row] = (held & _NUMBER) - _at(1)
    return np.int64(len(numbers)), np.int64(new)

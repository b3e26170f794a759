"""Uuids of a column looked up where they lie: by 64 bits of a hash, and then by every byte."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from numba.extending import register_jitable
from pyarrow import parquet

from detector.bulk.raw_texts import RawTexts
from detector.bulk.words import word_at
from detector.parquet import MAGIC
from harness.panel.compiled import released

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LENGTH: Final = 26
"""Of a uuid of 1Password's; any other has to be looked up as text."""
_at = np.uint64
_MIX: Final = _at(0x9E3779B97F4A7C15)
"""See `detector.columnar.kernel`."""
_BATCH: Final = 1 << 17
"""Rows at a time, as the detector reads them."""
_HALF: Final = _at(32)
_LAST_WORD: Final = _at(_LENGTH - 8)


class KnownUuids:
    """Where each of some uuids of 26 bytes stands among them, from 1; 0 for all others.

    >>> KnownUuids(["A" * 26, "B" * 26]).places(pa.array(["B" * 26, "C" * 26])).tolist()
    [2, 0]
    """

    def __init__(self, uuids: Sequence[str]) -> None:
        texts = [each.encode() for each in uuids]
        held = b"".join(text if len(text) == _LENGTH else bytes(_LENGTH) for text in texts)
        self._data: NDArray[np.uint8] = np.frombuffer(held, np.uint8)
        self._slots = np.zeros(1 << (2 * len(texts) + 1).bit_length(), np.int32)
        _put(self._data, self._slots, len(texts))

    def places(self, array: Any) -> "NDArray[np.int32]":
        """The place of each text of an Arrow array of type string, all of 26 bytes."""
        texts, found = RawTexts.of(array), np.zeros(len(array), np.int32)
        _look_up(texts.data, texts.offsets, self._data, self._slots, found)
        return found


def is_parquet(path: str) -> bool:
    """Whether the file begins as Parquet does."""
    with Path(path).open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def uuids_of(path: str, start: int) -> Iterator[Any]:
    """The column of uuids of a Parquet file from a row on, batch after batch; none where it has no such texts."""
    with parquet.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(_BATCH, columns=["uuid"], use_threads=False):
            column = batch.column(0)[min(start, len(batch)) :]
            start -= min(start, len(batch))
            yield column.cast(pa.string())


class Places:
    """Takes the places of a file's uuids in pieces of any size."""

    def __init__(self, known: KnownUuids, path: str, start: int) -> None:
        self._known = known
        self._columns = uuids_of(path, start)
        self._left: NDArray[np.int32] = np.empty(0, np.int32)

    def take(self, rows: int) -> "NDArray[np.int32]":
        """The next so many, of which there are as many."""
        while len(self._left) < rows:
            self._left = np.concatenate([self._left, self._known.places(next(self._columns))])
        taken, self._left = self._left[:rows], self._left[rows:]
        return taken


@register_jitable  # type: ignore[untyped-decorator]
def _hash(data: Any, at: Any) -> Any:
    """64 bits of the 26 bytes from a place on."""
    mixed = word_at(data, at) * _MIX
    mixed ^= mixed >> _HALF
    mixed = (mixed ^ word_at(data, at + _at(8))) * _MIX
    mixed ^= mixed >> _HALF
    mixed = (mixed ^ word_at(data, at + _at(16))) * _MIX
    mixed ^= mixed >> _HALF
    mixed = (mixed ^ word_at(data, at + _LAST_WORD)) * _MIX
    return mixed ^ (mixed >> _HALF)


@released
def _put(data: Any, slots: Any, count: int) -> None:
    """Number the texts of *data*, all of one length, in an open addressed table that holds nothing yet."""
    last = _at(len(slots) - 1)
    for place in range(count):
        slot = _hash(data, _at(place) * _at(_LENGTH)) & last
        while slots[slot] != 0:
            slot = (slot + _at(1)) & last
        slots[slot] = place + 1


@released
def _look_up(texts: Any, offsets: Any, known: Any, slots: Any, found: Any) -> None:
    last = _at(len(slots) - 1)
    for row in range(len(found)):
        at = _at(offsets[row])
        if offsets[row + 1] - offsets[row] != _LENGTH:
            continue
        slot = _hash(texts, at) & last
        while slots[slot] != 0:
            other = _at(slots[slot] - 1) * _at(_LENGTH)
            same = word_at(texts, at) == word_at(known, other)
            same &= word_at(texts, at + _at(8)) == word_at(known, other + _at(8))
            same &= word_at(texts, at + _at(16)) == word_at(known, other + _at(16))
            if same and word_at(texts, at + _LAST_WORD) == word_at(known, other + _LAST_WORD):
                found[row] = slots[slot]
                break
            slot = (slot + _at(1)) & last

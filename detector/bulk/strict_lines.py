"""Strict lines: the bytes of a file read beside DuckDB, which is laxer about JSON than the scalar reader."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from detector.bulk.doubt import Doubt
from detector.bulk.strictness import AHEAD, BLOCK, beginning, check, complete_records

_AT_ONCE: Final = 1 << 19
"""Bytes read at once; they stay in the processor's cache until they are checked."""
_NEWLINE: Final = ord("\n")


class StrictLines:
    """The lines of the plain file *name*, vouched for in their order; none of *words* may occur in them.

    Words are shorter than `AHEAD`. Raises `Doubt`, also where the file cannot be read.
    """

    def __init__(self, name: str, words: Sequence[bytes] = ()) -> None:
        self._words = words
        try:
            self._file = open(name, "rb", buffering=0)  # noqa: PTH123, SIM115 - a name from the command line; see close
        except OSError as error:
            raise Doubt from error
        self._buffer = bytearray(_AT_ONCE + 2 * BLOCK + AHEAD)
        self._data = np.frombuffer(self._buffer, np.uint8)
        self._carry = beginning()
        self._held = 0
        self._strict = True
        self._ended = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def vouch(self, records: int) -> None:
        """Return if the first *records* lines that are not blank are records, as both readers read them."""
        while complete_records(self._carry) < records:
            self._go_on()

    def vouch_for_all(self, records: int) -> None:
        """Likewise, and there are no more of them in the file."""
        while not self._ended:
            self._go_on()
        if not self._strict or complete_records(self._carry) != records:
            raise Doubt

    def _go_on(self) -> None:
        """Check some more of the file. Raises `Doubt` where there is nothing more to vouch for."""
        if not self._strict or self._ended:
            raise Doubt
        stop = self._filled()
        if any(self._buffer.find(word, 0, self._held) >= 0 for word in self._words):
            raise Doubt
        self._strict = check(self._data, stop, self._carry)
        rest = self._buffer[stop : self._held]
        self._buffer[: len(rest)] = rest
        self._held = len(rest)

    def _filled(self) -> int:
        """Read on, and return up to where the buffer can be checked: blocks with `AHEAD` bytes after them."""
        try:
            read = self._file.readinto(memoryview(self._buffer)[self._held : _AT_ONCE])
        except OSError as error:
            raise Doubt from error
        self._held += read or 0
        if read:
            return max(self._held - AHEAD, 0) // BLOCK * BLOCK
        self._ended = True
        stop = (self._held // BLOCK + 1) * BLOCK
        self._data[self._held : stop + AHEAD] = _NEWLINE
        return stop

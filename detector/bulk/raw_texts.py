"""Raw texts: a column of texts as Arrow holds them, read where they lie."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numba.extending import register_jitable

from detector.bulk.doubt import Doubt
from detector.bulk.words import word_at
from detector.columnar.compiled import compiled
from detector.instant import FIRST_YEAR, LAST_YEAR, SECOND, InstantError, parse_instant

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_UUID: Final = 26
_HEAD: Final = len("2026-01-31T09:30:00")
_LONGEST: Final = len("2026-01-31T09:30:00.123456789Z")
_NO_DAY: Final = -(2**62)
_BEFORE_EPOCH: Final = 719_468
"""Days from 0000-03-01 to 1970-01-01."""

_at = np.uint64  # an index that cannot be negative is not looked at twice
_HIGH: Final = _at(0xF0F0F0F0F0F0F0F0)
_ZEROS: Final = _at(int.from_bytes(b"00000000", "little"))
_OVER_NINE: Final = _at(0x0606060606060606)
_MIDNIGHT: Final = _at(int.from_bytes(b"00:00:00", "little"))
_OVER_CLOCK: Final = _at(0x06060F06060F0606)
"""What makes a byte 16 or more: over 9 in a digit's place, over 0 in a colon's."""
_BYTE: Final = _at(0xFF)


class RawTexts(NamedTuple):
    """Texts one after the other; each begins at its offset and ends at the next one's."""

    data: "NDArray[np.uint8]"
    offsets: "NDArray[np.int32]"

    @classmethod
    def of(cls, column: "pa.Array") -> "RawTexts":
        """Those of an Arrow column of type string; nulls are empty."""
        _, offsets, data = column.buffers()
        places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
        return cls(np.frombuffer(data or b"", np.uint8), places)

    def reader(self) -> Callable[[int], bytes]:
        """Gives the text of a row, in a third of the time that numpy takes to."""
        data, offsets = self.data.data, self.offsets.data
        return lambda row: data[offsets[row] : offsets[row + 1]].tobytes()

    def are_uuids(self) -> bool:
        """Whether each has 26 characters of base32, as `detector.lens` has it, and cannot have been a number.

        >>> RawTexts(np.frombuffer(b"56YE2TYN2VFYRLNSHKPW5NVT5E", np.uint8), np.array([0, 26], np.int32)).are_uuids()
        True
        """
        return bool(_are_uuids(self.data, self.offsets))

    def are_strings(self) -> bool:
        """Whether none can be how DuckDB writes a number, `true`, `false`, an array or an object.

        >>> texts = [b"fill", b"1Password", b"127.0.0.1", b"", b"-"]
        >>> RawTexts(np.frombuffer(b"".join(texts), np.uint8), np.array([0, 4, 13, 22, 22, 23], np.int32)).are_strings()
        True
        """
        return bool(_are_strings(self.data, self.offsets))

    def instants(self) -> "NDArray[np.int64]":
        """`parse_instant` of each. Raises `Doubt` where one is no instant."""
        t = np.empty(len(self.offsets) - 1, np.int64)
        row = 0
        while (row := _read_instants(self.data, self.offsets, row, t)) < len(t):
            try:
                t[row] = parse_instant(self.reader()(row).decode())
            except (InstantError, UnicodeDecodeError) as error:
                raise Doubt from error
            row += 1
        return t


@compiled
def _are_uuids(data: Any, offsets: Any) -> bool:
    wrong: Any = False
    for row in range(_at(len(offsets) - 1)):
        start = _at(offsets[row])
        if _at(offsets[row + _at(1)]) - start != _at(_UUID):
            return False
        told: Any = False
        for place in range(_at(_UUID)):
            byte = data[start + place]
            letter = np.uint8((byte | np.uint8(0x20)) - np.uint8(ord("a")))
            digit = np.uint8(byte - np.uint8(ord("2")))
            wrong |= (letter > np.uint8(25)) & (digit > np.uint8(5))
            told |= (letter < np.uint8(26)) & (letter != np.uint8(ord("e") - ord("a")))
        wrong |= not told
    return not wrong


@compiled
def _are_strings(data: Any, offsets: Any) -> bool:
    for row in range(_at(len(offsets) - 1)):
        at, end = _at(offsets[row]), _at(offsets[row + _at(1)])
        if at == end:
            continue
        first = data[at]
        if first == ord("{") or first == ord("["):
            return False
        size = end - at
        if first == ord("t") and size == _at(4) and data[at + _at(1)] == ord("r"):
            return False
        if first == ord("f") and size == _at(5) and data[at + _at(1)] == ord("a"):
            return False
        if first == ord("-") or ord("0") <= first <= ord("9"):
            digits = points = others = 0
            while at < end and others == 0:
                byte = data[at]
                is_digit = ord("0") <= byte <= ord("9")
                is_mark = byte == ord("-") or byte == ord("+") or byte == ord("e") or byte == ord("E")
                digits += is_digit
                points += byte == ord(".")
                others += not (is_digit or is_mark or byte == ord("."))
                at += _at(1)
            if digits and points < 2 and others == 0:
                return False
    return True


@register_jitable  # type: ignore[untyped-decorator]
def _two(tens: Any, ones: Any) -> Any:
    """The number of two digits; far below none if they are none."""
    tens, ones = np.int64(tens) - ord("0"), np.int64(ones) - ord("0")
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else -1_000_000


@register_jitable  # type: ignore[untyped-decorator]
def _last_day(year: Any, month: Any) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@register_jitable  # type: ignore[untyped-decorator]
def _days(year: Any, month: Any, day: Any) -> Any:
    """Days since the epoch, years beginning with March (Hinnant, chrono algorithms); `_NO_DAY` for no legal day."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= _last_day(year, month)):
        return _NO_DAY
    year -= month <= 2
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - _BEFORE_EPOCH


@register_jitable  # type: ignore[untyped-decorator]
def _clock(word: Any) -> Any:
    """Seconds of `09:30:00`; negative for no time of day."""
    word ^= _MIDNIGHT
    if (word | word + _OVER_CLOCK) & _HIGH != _at(0):
        return -1
    hour = np.int64((word & _BYTE) * _at(10) + (word >> _at(8) & _BYTE))
    minute = np.int64((word >> _at(24) & _BYTE) * _at(10) + (word >> _at(32) & _BYTE))
    second = np.int64((word >> _at(48) & _BYTE) * _at(10) + (word >> _at(56)))
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else -1


@register_jitable  # type: ignore[untyped-decorator]
def _eight(word: Any) -> Any:
    """The number of eight digits; negative if they are none (Lemire, fast_float: all at once by multiplying)."""
    word ^= _ZEROS
    if (word | word + _OVER_NINE) & _HIGH != _at(0):
        return -1
    word = (word * _at(10) + (word >> _at(8))) & _at(0x00FF00FF00FF00FF)
    word = (word * _at(100) + (word >> _at(16))) & _at(0x0000FFFF0000FFFF)
    return np.int64((word * _at(10_000) + (word >> _at(32))) & _at(0xFFFFFFFF))


@compiled
def _read_instants(data: Any, offsets: Any, row: int, t: Any) -> Any:  # noqa: C901 - no helper takes an array
    """Fill *t* from *row* on, up to the first text of another shape than UTC; the row of that."""
    day, day_starts, day_ends = np.int64(_NO_DAY), _at(0), _at(0)
    for at_row in range(_at(row), _at(len(t))):
        at, end = _at(offsets[at_row]), _at(offsets[at_row + _at(1)])
        size = end - at
        if size < _at(_HEAD + 1) or size > _at(_LONGEST) or size == _at(_HEAD + 2):
            return np.int64(at_row)
        starts, ends = word_at(data, at), word_at(data, at + _at(3))
        if starts != day_starts or ends != day_ends:  # another day than the row before
            day, day_starts, day_ends = np.int64(_NO_DAY), starts, ends
            if data[at + _at(4)] == data[at + _at(7)] == ord("-") and data[at + _at(10)] == ord("T"):
                day = _days(
                    _two(data[at], data[at + _at(1)]) * 100 + _two(data[at + _at(2)], data[at + _at(3)]),
                    _two(data[at + _at(5)], data[at + _at(6)]),
                    _two(data[at + _at(8)], data[at + _at(9)]),
                )
        seconds = _clock(word_at(data, at + _at(11)))
        if day == _NO_DAY or seconds < 0 or data[end - _at(1)] != ord("Z"):
            return np.int64(at_row)
        fraction: Any = np.int64(0)
        weight = np.int64(SECOND)
        if size > _at(_HEAD + 1):
            if data[at + _at(_HEAD)] != ord("."):
                return np.int64(at_row)
            at += _at(_HEAD + 1)
            if size == _at(_LONGEST):
                fraction, weight = _eight(word_at(data, at)) * np.int64(10), np.int64(10)
                at += _at(8)
            while at < end - _at(1) and fraction >= 0:
                digit = np.int64(data[at]) - ord("0")
                weight //= 10
                fraction = fraction + digit * weight if 0 <= digit <= 9 else -1
                at += _at(1)
            if fraction < 0:
                return np.int64(at_row)
        t[at_row] = (day * 86_400 + seconds) * SECOND + fraction
    return len(t)

"""Raw texts: a column of JSON values as they are written, read where they lie."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np
from numba.extending import register_jitable

from detector.bulk.doubt import Doubt
from detector.columnar.compiled import compiled
from detector.instant import FIRST_YEAR, LAST_YEAR, SECOND, InstantError, parse_instant

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_UUID: Final = 26
_HEAD: Final = len('"2026-01-31T09:30:00')
_MOST_DIGITS: Final = 9
_NO_NUMBER: Final = 1_000_000
_NO_INSTANT: Final = -(2**63)
_BEFORE_EPOCH: Final = 719_468
"""Days from 0000-03-01 to 1970-01-01."""


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

    def text(self, row: int) -> bytes:
        """The text of a row."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def are_uuids(self) -> bool:
        """Whether each is a string of 26 characters of base32, as `detector.lens` has it, without escapes.

        >>> RawTexts(np.frombuffer(b'"56YE2TYN2VFYRLNSHKPW5NVT5E"', np.uint8), np.array([0, 28], np.int32)).are_uuids()
        True
        """
        return bool(_are_uuids(self.data, self.offsets))

    def instants(self) -> "NDArray[np.int64]":
        """`parse_instant` of each. Raises `Doubt` where one is no instant."""
        t = np.empty(len(self.offsets) - 1, np.int64)
        row = 0
        while (row := _read_instants(self.data, self.offsets, row, t)) < len(t):
            try:
                t[row] = parse_instant(msgspec.json.decode(self.text(row), type=str))
            except (InstantError, msgspec.DecodeError) as error:
                raise Doubt from error
            row += 1
        return t


@compiled
def _are_uuids(data: Any, offsets: Any) -> bool:
    for row in range(len(offsets) - 1):
        start = offsets[row]
        if offsets[row + 1] - start != _UUID + 2 or data[start] != ord('"') or data[start + _UUID + 1] != ord('"'):
            return False
        wrong: Any = False
        for place in range(start + 1, start + 1 + _UUID):
            letter = (data[place] | np.uint8(0x20)) - np.uint8(ord("a"))
            digit = data[place] - np.uint8(ord("2"))
            wrong |= (np.uint8(letter) > 25) & (np.uint8(digit) > 5)
        if wrong:
            return False
    return True


@register_jitable  # type: ignore[untyped-decorator]
def _two(tens: Any, ones: Any) -> Any:
    """The number of two digits; more than a hundred if they are none."""
    tens, ones = np.int64(tens) - ord("0"), np.int64(ones) - ord("0")
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else _NO_NUMBER


@register_jitable  # type: ignore[untyped-decorator]
def _days(year: Any, month: Any, day: Any) -> Any:
    """Days since the epoch in the Gregorian calendar, years beginning with March (Hinnant, chrono algorithms)."""
    year -= month <= 2
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - _BEFORE_EPOCH


@register_jitable  # type: ignore[untyped-decorator]
def _last_day(year: Any, month: Any) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@register_jitable  # type: ignore[untyped-decorator]
def _seconds(year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any) -> Any:
    """Seconds since the epoch; `_NO_INSTANT` for what `parse_instant` refuses."""
    of_calendar = FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= _last_day(year, month)
    if not of_calendar or hour > 23 or minute > 59 or second > 59:
        return _NO_INSTANT
    return _days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second


@compiled
def _read_instants(data: Any, offsets: Any, row: int, t: Any) -> int:
    """Fill *t* from *row* on, up to the first text of another shape than UTC without escapes; the row of that."""
    while row < len(t):
        at, end = offsets[row], offsets[row + 1] - 2
        if not _HEAD <= end - at <= _HEAD + 1 + _MOST_DIGITS or end - at == _HEAD + 1:
            return row
        marks = data[at] == data[end + 1] == ord('"') and data[at + 5] == data[at + 8] == ord("-")
        more_marks = data[at + 11] == ord("T") and data[at + 14] == data[at + 17] == ord(":") and data[end] == ord("Z")
        seconds = _seconds(
            _two(data[at + 1], data[at + 2]) * 100 + _two(data[at + 3], data[at + 4]),
            _two(data[at + 6], data[at + 7]),
            _two(data[at + 9], data[at + 10]),
            _two(data[at + 12], data[at + 13]),
            _two(data[at + 15], data[at + 16]),
            _two(data[at + 18], data[at + 19]),
        )
        if not (marks and more_marks) or seconds == _NO_INSTANT or (end - at > _HEAD and data[at + _HEAD] != ord(".")):
            return row
        fraction: Any = 0
        weight = SECOND
        for place in range(at + _HEAD + 1, end):
            digit = np.int64(data[place]) - ord("0")
            if not 0 <= digit <= 9:
                return row
            weight //= 10
            fraction += digit * weight
        t[row] = seconds * SECOND + fraction
        row += 1
    return row

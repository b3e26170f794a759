"""Instants: RFC 3339 text <-> integer nanoseconds since the epoch, UTC.

1Password writes Go's RFC3339Nano: `Z`, up to nine fraction digits, trailing zeros trimmed; offsets are legal too.
Python's and DuckDB's own timestamps hold microseconds only, hence this module.
"""

import re
from datetime import date, datetime, timedelta
from typing import Final

SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND

FIRST_YEAR: Final = 1678
LAST_YEAR: Final = 2261
"""Whole years that int64 nanoseconds can hold, with room for the longest window (30 days) on either side."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC throughout; a zone would be written behind it
_SHAPE = re.compile(
    r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_SCALE: list[int] = [10 ** (9 - digits) for digits in range(10)]
_MINUTE = 60 * SECOND
_SECONDS = {f"{second:02d}.": second * SECOND for second in range(60)}
_MINUTES_KEPT = 50_000


class InstantError(ValueError):
    """The text is not an instant; the message says what was found and what is legal."""

    def __init__(self, text: str, why: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(f"found {text[:60]!r}{reason}; legal: RFC 3339, such as 2026-01-31T09:30:00.123456789Z")


def parse_instant(text: str) -> int:
    """Nanoseconds since the epoch. Raises `InstantError` on anything but RFC 3339 with 0 to 9 fraction digits.

    >>> parse_instant("1970-01-01T00:00:01.000000002Z")
    1000000002
    >>> parse_instant("1970-01-01T01:00:00+01:00")
    0
    """
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise InstantError(text)
    day, hours, minutes, seconds, fraction, zone = shape.groups()
    total = _days(day, text) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds) - _offset(zone)
    nanoseconds = int(fraction) * _SCALE[len(fraction)] if fraction else 0
    return total * SECOND + nanoseconds


def parse_day_or_instant(text: str) -> int:
    """An instant, or a bare date, which means its first moment in UTC.

    >>> parse_day_or_instant("1970-01-02") == DAY
    True
    """
    return parse_instant(f"{text}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text)


class InstantReader:
    """Parses the instants of one stream; remembers its minutes, which busy streams repeat, to be quick about it.

    >>> InstantReader().read("1970-01-01T00:00:00.5Z")
    500000000
    """

    def __init__(self) -> None:
        self._minutes: dict[str, int] = {}

    def read(self, text: str) -> int:
        """Exactly `parse_instant`, in about a third of the time on text with a fraction that ends in `Z`."""
        digits = text[20:-1]
        if text[-1:] != "Z" or not (digits.isdigit() and digits.isascii()):
            return parse_instant(text)
        try:
            return self._minutes[text[:17]] + _SECONDS[text[17:20]] + int(digits) * _SCALE[len(digits)]
        except (KeyError, IndexError):
            return self._read_first(text)

    def _read_first(self, text: str) -> int:
        instant = parse_instant(text)
        if len(self._minutes) >= _MINUTES_KEPT:
            self._minutes.clear()
        self._minutes[text[:17]] = instant - instant % _MINUTE
        return instant


def instant_text(instant: int) -> str:
    """RFC 3339 in UTC, trailing zeros of the fraction trimmed, as 1Password writes it.

    >>> instant_text(1_500_000_000), instant_text(-SECOND)
    ('1970-01-01T00:00:01.5Z', '1969-12-31T23:59:59Z')
    """
    seconds, nanoseconds = divmod(instant, SECOND)
    moment = _EPOCH + timedelta(0, seconds)
    fraction = f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""
    return f"{moment.isoformat()}{fraction}Z"  # strftime would take four times as long


def _days(day_text: str, text: str) -> int:
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        raise InstantError(text, "no day of the calendar") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InstantError(text, f"int64 nanoseconds hold the years {FIRST_YEAR} to {LAST_YEAR}")
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return -seconds if zone[0] == "-" else seconds

"""Lengths of time as scenario files write them."""

import re
from abc import ABC
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

MILLISECOND: Final = 1_000_000
SECOND: Final = 1000 * MILLISECOND
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
"""Nanoseconds; a day is 24 hours."""

UNITS: Final[dict[str, int]] = {"ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
"""The units that a scenario file knows, in nanoseconds, the smallest first."""

_WRITTEN = re.compile(r"(\d{1,9})(ms|s|m|h|d)", re.ASCII)


class Duration(int):
    """A length of time in whole nanoseconds, never negative."""

    LEGAL: Final = "a duration like 300ms, 0s, 15m, 8h or 14d"

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the duration that *text* writes: a whole number and one of ``ms s m h d``.

        A day is 24 hours. Raise ValueError for anything else, numbers without a unit included.

        >>> Duration.parse("15m")
        900000000000
        """
        parts = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
        if parts is None:
            raise ValueError(f"found {text!r}; legal: {cls.LEGAL}")
        return cls(int(parts[1]) * UNITS[parts[2]])

    @property
    def written(self) -> str:
        """It as a scenario file writes it, in the largest unit of which it is a whole number.

        >>> Duration.parse("7200s").written, Duration.parse("90s").written, Duration(0).written
        ('2h', '90s', '0s')
        """
        if not self:
            return "0s"
        unit, size = next((unit, size) for unit, size in reversed(UNITS.items()) if self % size == 0)
        return f"{self // size}{unit}"


if TYPE_CHECKING:
    Pace: TypeAlias = Duration | Literal["active-day"]
else:  # msgspec knows no union of a type of ours and a text, but does ask a class what its instances are

    class Pace(ABC):  # noqa: B024 - it is only ever asked, never made
        """How repetitions follow one another: so long after each other, or one on each day of activity."""

        LEGAL: Final = f"{Duration.LEGAL}, or active-day"

        @staticmethod
        def parse(text: object) -> "Duration | str":
            """Return the pace that *text* writes; raise ValueError as `Duration.parse` does."""
            return text if text == "active-day" else Duration.parse(text)

    Pace.register(Duration)
    Pace.register(str)

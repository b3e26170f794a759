"""Lengths of time as scenario files write them."""

import re
from typing import Final, Self

_NANOSECONDS: Final = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
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
        return cls(int(parts[1]) * _NANOSECONDS[parts[2]])

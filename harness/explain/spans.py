"""Spans: how long something was, in the two units that a person would name."""

from typing import Final

from detector.instant import DAY, SECOND

_UNITS: Final = (("d", DAY), ("h", 3600 * SECOND), ("min", 60 * SECOND), ("s", SECOND), ("ms", SECOND // 1000))


def span_text(nanoseconds: int) -> str:
    """A span, never rounded up: what lacks a nanosecond of 28 days is not yet 28 days.

    >>> span_text(28 * DAY), span_text(28 * DAY - 1), span_text(3 * DAY + 5 * SECOND), span_text(90 * SECOND)
    ('28 d', '27 d 23 h', '3 d', '1 min 30 s')
    >>> span_text(1_500_000), span_text(7), span_text(0)
    ('1 ms', '7 ns', '0 s')
    """
    for place, (unit, length) in enumerate(_UNITS):
        count, rest = divmod(nanoseconds, length)
        if not count:
            continue
        smaller, size = _UNITS[place + 1] if place + 1 < len(_UNITS) - 1 else ("", rest + 1)
        return f"{count} {unit}" + (f" {rest // size} {smaller}" if rest // size else "")
    return f"{nanoseconds} ns" if nanoseconds else "0 s"

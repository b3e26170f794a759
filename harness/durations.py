"""Durations as a person says them."""

from typing import Final

from scenarios.duration import DAY, HOUR, MINUTE, SECOND, UNITS, Duration

UNDEFINED: Final = "undefined"
_TENS: Final = 10
_SMALL: Final = 180  # nobody divides 110 s by sixty, everybody would have to divide 821 s
_SPOKEN: Final = {unit: "min" if unit == "m" else unit for unit in reversed(UNITS)}


def seconds_text(seconds: float | None) -> str:
    """A measured duration, rounded, in the unit that suits its size.

    >>> seconds_text(0), seconds_text(0.5), seconds_text(14.3), seconds_text(90), seconds_text(3 * 86400)
    ('0 s', '0.5 s', '14 s', '1.5 min', '3.0 d')
    """
    if seconds is None:
        return UNDEFINED
    for unit, length in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= (size := length // SECOND):
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s" if not seconds or seconds >= _TENS else f"{seconds:.1f} s"


def duration_text(duration: Duration) -> str:
    """A written duration, exactly: in one unit while the number is small, else in several.

    >>> [duration_text(Duration.parse(text)) for text in ("110s", "120s", "821s", "3457280s", "400ms")]
    ['110 s', '2 min', '13 min 41 s', '40 d 21 min 20 s', '400 ms']
    """
    written = duration.written
    unit = written.lstrip("0123456789")
    number = int(written.removesuffix(unit))
    if number < _SMALL:
        return f"{number} {_SPOKEN[unit]}"
    parts, rest = [], int(duration)
    for name, text in _SPOKEN.items():
        count, rest = divmod(rest, UNITS[name])
        parts += [f"{count} {text}"] if count else []
    return " ".join(parts)

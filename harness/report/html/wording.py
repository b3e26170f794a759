"""Wording: figures as the report writes them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from markupsafe import Markup, escape

from detector.instant import SECOND
from harness.durations import UNDEFINED, seconds_text
from harness.plain import plain
from harness.report.html.report import Fate

_CODE = re.compile(r"`([^`]+)`")
CAUSES: Final = {
    "attack": "Attack",
    "look-alike": "Staged look-alike",
    "forgotten": "Forgotten value",
    "habit": "Plain habit",
}


def percent(value: float | None) -> str:
    """A share; one below a hundredth keeps two digits.

    >>> percent(4 / 13), percent(0.00528), percent(0.000341), percent(0.0), percent(None)
    ('30.8%', '0.53%', '0.034%', '0.0%', 'undefined')
    """
    if value is None:
        return UNDEFINED
    return f"{value * 100:.2g}%" if 1e-6 <= value < 0.00995 else f"{value:.1%}"


def number(value: float | None) -> str:
    """A rate: one decimal below a hundred, else none.

    >>> number(29.71), number(0.004), number(12345.6), number(0.0), number(None)
    ('29.7', '0.004', '12,346', '0', 'undefined')
    """
    if value is None:
        return UNDEFINED
    if not value or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.1 else f"{value:.1g}"


def interval(low: float | None, high: float | None, written: Callable[[float | None], str] = percent) -> str:
    """The ends of an interval; empty where there is none.

    >>> interval(0.127, 0.576), interval(None, None), interval(12.3, 45.6, number)
    ('12.7 to 57.6%', '', '12.3 to 45.6')
    """
    if low is None or high is None:
        return ""
    return f"{written(low).removesuffix('%')} to {written(high)}"


def breakable(name: str) -> Markup:
    """A name that may be broken before its @.

    >>> breakable("ana@example.com")
    Markup('ana<wbr>@example.com')
    """
    return Markup("<wbr>@").join(escape(part) for part in name.split("@"))


def coded(text: str) -> Markup:
    """A text, what stands between backticks set as code.

    >>> coded("`fill` was <new>")
    Markup('<code>fill</code> was &lt;new&gt;')
    """
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def day(t: int) -> str:
    """The day of a time in nanoseconds since the epoch, UTC.

    >>> day(0)
    '1 Jan 1970'
    """
    return f"{_utc(t):%-d %b %Y}"


def moment(t: int) -> str:
    """The minute of a time in nanoseconds since the epoch, UTC.

    >>> moment(60_000_000_000)
    '1 Jan 1970, 00:01'
    """
    return f"{_utc(t):%-d %b %Y, %H:%M}"


def size(count: int | None) -> str:
    """Bytes, in the unit that suits; the terminal's table has MiB too.

    >>> size(None), size(900), size(3_500_000)
    ('undefined', '900 B', '3.3 MiB')
    """
    if count is None:
        return UNDEFINED
    for unit, length in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count} B"


def cause(name: str) -> str:
    """A cause as a heading has it.

    >>> cause("attack"), cause("role-change")
    ('Attack', 'Role change')
    """
    return CAUSES.get(name) or plain(name).replace("-", " ").capitalize()


def fate(told: Fate) -> str:
    """What became of an incident, in a few words."""
    outcome = told.outcome
    if outcome.found is None:
        return "not scored: the rule was still learning"
    if not outcome.found:
        return "no signal"
    if not outcome.latency_seconds:
        return f"signal at once, {seconds_text(outcome.seconds_from_start)} into it"
    later, into = seconds_text(outcome.latency_seconds), seconds_text(outcome.seconds_from_start)
    return f"signal after {later}, {into} into it"


def _utc(t: int) -> datetime:
    return datetime.fromtimestamp(t // SECOND, UTC)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "percent": percent,
    "number": number,
    "day": day,
    "moment": moment,
    "size": size,
    "cause": cause,
    "fate": fate,
    "breakable": breakable,
    "coded": coded,
    "seconds": seconds_text,
}
"""By the name that the templates call them."""

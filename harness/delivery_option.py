"""`--delivery`: what comes between an event and its record's arrival at the collector."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from scenarios.duration import DAY, MILLISECOND, Duration

if TYPE_CHECKING:
    from simulator.delivery import Delivery
    from simulator.profile import Profile

_LONGEST_MS = 24 * DAY // MILLISECOND  # simulator.draws.quantile takes steps below 2**31
_MOST_DAYS = 365
_MOST_OUTAGES = 365
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_DAYS = re.compile(r"([1-9]\d{0,2})(?:-([1-9]\d{0,2}))?", re.ASCII)


class DeliveryError(ValueError):
    """A `--delivery` that cannot be read: one line with what was found and what is legal."""


class Knob(NamedTuple):
    """What a key sets: *field* of `Delivery`, to what *read* makes of the text; that raises ValueError.

    *needs* is the key without which this one would change nothing.
    """

    field: str
    read: Callable[[str], object]
    legal: str
    needs: str = ""


def _milliseconds(text: str) -> int:
    ms = Duration.parse(text) // MILLISECOND
    if ms > _LONGEST_MS:
        raise ValueError(text)
    return ms


def _up_to(text: str) -> tuple[int, int]:
    return 0, _milliseconds(text)


def _exactly(text: str) -> tuple[int, int]:
    return _milliseconds(text), _milliseconds(text)


def _share(text: str, most: float = 1) -> float:
    if not _DECIMAL.fullmatch(text) or float(text) > most:
        raise ValueError(text)
    return float(text)


def _outages(text: str) -> float:
    return _share(text, _MOST_OUTAGES)


def _factor(text: str) -> float:
    if _share(text) == 0:
        raise ValueError(text)
    return _share(text)


def _days(text: str) -> tuple[int, int]:
    parts = _DAYS.fullmatch(text)
    least, most = (int(parts[1]), int(parts[2] or parts[1])) if parts else (1, 0)
    if not least <= most <= _MOST_DAYS:
        raise ValueError(text)
    return least, most


_A_DURATION = "a duration of at most 24d, like 90s, 15m or 2h"
_A_SHARE = "a share from 0 to 1, like 0.01"

KNOBS: Final = {
    "sync-delay": Knob("sync_ms", _up_to, _A_DURATION),
    "offline": Knob("offline", _share, _A_SHARE),
    "offline-days": Knob("offline_days", _days, f"N or N-M days from 1 to {_MOST_DAYS}, like 2 or 1-5", "offline"),
    "disorder": Knob("disorder_ms", _up_to, _A_DURATION),
    "duplicates": Knob("duplicates", _share, _A_SHARE),
    "outages": Knob("outages", _outages, f"outages a year, from 0 to {_MOST_OUTAGES}, like 4"),
    "outage": Knob("outage_ms", _exactly, _A_DURATION, "outages"),
    "catch-up": Knob("catch_up", _factor, "a factor above 0 and at most 1, like 0.1", "outages"),
}
"""*sync-delay* and *disorder* are the greatest, all below being as likely; *outage* is the length of each outage."""

_LEGAL = f"off or realistic first, KEY=VALUE with a KEY of {', '.join(KNOBS)}"


def delivery_option(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--delivery` as the text *delivery*, which `parse_delivery` reads once the profile is known."""
    option = click.option(
        "--delivery",
        default="off",
        show_default=True,
        metavar="off|realistic|KEY=VALUE[,KEY=VALUE...]",
        help=f"How records arrive: at once, as the profile has it, or by number: {', '.join(KNOBS)}."
        "\n\n\b\nExample: sync-delay=30s,duplicates=0.01,outages=4\n\n"  # click would break it at its hyphen
        "That is at most 30 seconds, 1 in 100, 4 a year. Numbers alone start from off; after `realistic,` they"
        " change it.",
    )
    return option(verb)


def parse_delivery(text: str, profile: "Profile") -> "Delivery":
    """Return the delivery that *text* asks for: ``off``, ``realistic``, and then what differs by number.

    Numbers alone start from ``off``; blanks around a comma do not count. Raise DeliveryError for anything else,
    also for a number that could change nothing, such as an outage's length where there are no outages.
    """
    from msgspec.structs import replace

    from simulator.delivery import Delivery

    first, *rest = (part.strip() for part in text.split(","))
    settings = rest if first in ("off", "realistic") else [first, *rest]
    start = Delivery.of(profile) if first == "realistic" else Delivery.off()
    read: dict[str, object] = {}
    for setting in settings:
        key, value = _setting(setting)
        if key in read:
            raise DeliveryError(f"--delivery: {key}: found it twice; legal: once")
        read[key] = value
    delivery = replace(start, **{KNOBS[key].field: value for key, value in read.items()})
    for key in read:
        needed = KNOBS[key].needs
        if needed and not getattr(delivery, KNOBS[needed].field):
            raise DeliveryError(f"--delivery: {key}: found {needed}=0; legal: {needed} above 0 with it")
    return delivery


def _setting(setting: str) -> tuple[str, object]:
    """Return the key of *setting* and the value of its field."""
    key, equals, value = setting.partition("=")
    if not equals or key not in KNOBS:
        raise DeliveryError(f"--delivery: found {setting[:60]!r}; legal: {_LEGAL}")
    try:
        return key, KNOBS[key].read(value)
    except ValueError:
        raise DeliveryError(f"--delivery: {key}: found {value[:60]!r}; legal: {KNOBS[key].legal}") from None

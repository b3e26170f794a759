"""An actor: what one person did in a stream, counted, so that a scenario can be played in character."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from scenarios.vocabulary import COMMAND_LINES, DESKTOP_APPS

DAY = 86_400_000_000_000
HOUR = 3_600_000_000_000
"""Nanoseconds; a day is 24 hours."""

_NIGHT = 8  # hours that people sleep: assumption

_Counted = TypeVar("_Counted", str, "Setting")


@dataclass(frozen=True, order=True, slots=True)
class Setting:
    """A client and the place it acted from, each as the JSON seen in the stream; empty if there was none."""

    client: bytes
    location: bytes

    @property
    def details(self) -> dict[str, Any]:
        """The client, decoded."""
        return msgspec.json.decode(self.client, type=dict[str, Any]) if self.client else {}


@dataclass(slots=True)
class Actor:
    """One person, known by email. Times are nanoseconds since the epoch; days and hours are UTC.

    ``user`` is the JSON of the user object seen first; ``began`` says when each action was first done.
    """

    email: str
    user: bytes
    first: int
    last: int
    events: int = 0
    days: set[int] = field(default_factory=set)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    actions: Counter[str] = field(default_factory=Counter)
    began: dict[str, int] = field(default_factory=dict)
    vaults: Counter[str] = field(default_factory=Counter)
    settings: Counter[Setting] = field(default_factory=Counter)

    def note(self, at: int, action: str | None, vault: str, setting: Setting) -> None:
        """Count one item usage of theirs."""
        self.events += 1
        self.first, self.last = min(self.first, at), max(self.last, at)
        self.days.add(at // DAY)
        self.hours[at % DAY // HOUR] += 1
        self.vaults[vault] += 1
        self.settings[setting] += 1
        if action is not None:
            self.actions[action] += 1
            self.began[action] = min(at, self.began.get(action, at))

    @property
    def identity(self) -> dict[str, str]:
        """Their ``{uuid, name, email}``, as sign-ins and audit events name them; empty where unknown."""
        known = msgspec.json.decode(self.user, type=dict[str, Any])
        return {name: str(known.get(name, "")) for name in ("uuid", "name", "email")}

    @property
    def setting(self) -> Setting:
        """The client and place they used most; a command line only where they used nothing else."""
        return self._most_used(lambda app: app not in COMMAND_LINES) or most(self.settings)

    @property
    def has_screen(self) -> bool:
        """Whether some client of theirs can show an item; machines and pure command lines only fetch."""
        return any(setting.details.get("app_name") not in COMMAND_LINES for setting in self.settings)

    @property
    def desktop(self) -> Setting | None:
        """The desktop app and place they used most, or None if they used none."""
        return self._most_used(DESKTOP_APPS.__contains__)

    def _most_used(self, wanted: Callable[[object], bool]) -> Setting | None:
        found = [setting for setting in self.settings if wanted(setting.details.get("app_name"))]
        return most(Counter({setting: self.settings[setting] for setting in found})) if found else None

    @property
    def night(self) -> frozenset[int]:
        """Their eight hours of night: those around the hour opposite to the mean of their activity.

        The mean of times of day is a circular one (Mardia and Jupp, "Directional Statistics", 2000); rounded,
        so that the last bit of a sine decides nothing.
        """
        turn = math.tau / 24
        east = sum(n * math.cos((hour + 0.5) * turn) for hour, n in enumerate(self.hours))
        north = sum(n * math.sin((hour + 0.5) * turn) for hour, n in enumerate(self.hours))
        middle = round(math.atan2(north, east) / turn + 12, 6)
        return frozenset(math.floor(middle - _NIGHT / 2 + k + 0.5) % 24 for k in range(_NIGHT))


def most(counts: Counter[_Counted]) -> _Counted:
    """Return what *counts* has most of; of equals the least, so that the order of counting is no matter.

    >>> most(Counter("cabab"))
    'a'
    """
    return min(counts, key=lambda each: (-counts[each], each))

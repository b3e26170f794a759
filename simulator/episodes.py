"""Episodes: sessions that a process brings about, beside those of habit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.activity import Columns
from simulator.clients import SLOTS
from simulator.draws import Floats, Ints
from simulator.profile import HABITS

FIRST_NUMBER: Final = 1024
"""Episodes of a person's day are numbered from here; its ordinary sessions stay below."""

_MIXES: Final[Mapping[str, Mapping[str, float]]] = {
    "take": {"export": 0.7, "reveal": 0.2, "secure-copy": 0.1},
    "rotate": {"enter-item-edit-mode": 0.5, "server-update": 0.4, "reveal": 0.1},
    "rescue": {"reveal": 0.5, "secure-copy": 0.3, "fill": 0.2},
    "move": {"server-create": 0.45, "server-fetch": 0.3, "reveal": 0.15, "secure-copy": 0.1},
}
"""What is done in an episode: weight of each action (assumption)."""

AS_USUAL: Final = -1
TAKE, ROTATE, RESCUE, MOVE = range(len(_MIXES))
"""Values of `Episodes.mix`; `AS_USUAL` leaves the choice of actions to the person's habits."""

MIX_WEIGHTS: Final[Floats] = np.array([[mix.get(action, 0.0) for action in HABITS] for mix in _MIXES.values()])
"""A row for each mix, a column for each of `HABITS`."""

_DAYS = 1 << 32
_OF_A_PART = 256  # episodes of a person's day and of one part stay below this


@dataclass(frozen=True, slots=True)
class Episodes(Columns):
    """Columns by episode; *moment_ms* and *length_ms* in milliseconds, the first since local midnight.

    *slot* is a row of `SLOTS`; with *walk* the items of one vault are gone through one after the other.
    """

    person: Ints
    day: Ints
    number: Ints
    cause: Ints
    slot: Ints
    moment_ms: Ints
    length_ms: Ints
    usages: Ints
    mix: Ints
    walk: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.person)

    def on(self, days: range) -> Ints:
        """Return the rows of the episodes on *days*."""
        return np.flatnonzero((self.day >= days.start) & (self.day < days.stop))


def episodes(
    person: Ints,
    day: Ints,
    *,
    cause: int,
    slot: Ints | int,
    moment_ms: Ints,
    usages: Ints | int = 0,
    mix: int = AS_USUAL,
    length_ms: Ints | int = 600_000,
    walk: bool = False,
) -> Episodes:
    """Return episodes of one process; `numbered` gives them their numbers."""
    full = np.broadcast_to
    return Episodes(
        person=person,
        day=day,
        number=np.zeros(len(person), dtype=np.int64),
        cause=np.full(len(person), cause),
        slot=full(np.asarray(slot), person.shape),
        moment_ms=moment_ms,
        length_ms=full(np.asarray(length_ms), person.shape),
        usages=full(np.asarray(usages), person.shape),
        mix=np.full(len(person), mix),
        walk=np.full(len(person), walk),
    )


def joined(parts: Sequence[Episodes]) -> Episodes:
    """Return all episodes of *parts*."""
    return Episodes(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Episodes)))


def numbered(parts: Sequence[Episodes]) -> Episodes:
    """Return all episodes of *parts*, numbered within their person's day: each part has numbers of its own.

    So one episode more of a part leaves those of the others what they are.
    """
    return joined([replace(part, number=_numbers(part) + at * _OF_A_PART) for at, part in enumerate(parts)])


def _numbers(part: Episodes) -> Ints:
    name = part.person * _DAYS + part.day
    order = np.argsort(name, kind="stable")
    number = np.zeros(len(name), dtype=np.int64)
    number[order] = FIRST_NUMBER + np.arange(len(order)) - np.searchsorted(name[order], name[order])
    return number


def first_of(shares: Floats, preference: Sequence[str]) -> Ints:
    """Return for each row of client shares the first of *preference* that is owned, else the last of it."""
    weights = np.diff(shares, axis=1, prepend=0.0)
    slots = np.array([SLOTS.index(name) for name in preference])
    owned = weights[:, slots] > 0
    first: Ints = np.where(owned.any(axis=1), slots[owned.argmax(axis=1)], slots[-1])
    return first

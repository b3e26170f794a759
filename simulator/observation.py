"""Records seen, as counts by person: all that marginals and a fitted profile are made of, and no text but app names.

People and clients are numbered by whoever reads the records, so no name, address or identifier comes this far.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.lateness import Lateness
from simulator.profile import ACTIONS
from simulator.timeline import DAY, HOUR, SECOND

Bools = NDArray[np.bool_]
Kind = tuple[str, str]
Number = TypeVar("Number", np.uint32, np.int64)

NEVER: Final = 2**63 - 1
"""The time of what did not happen."""

WEEK_HOURS: Final = 168

OFFLINE: Final = 12 * HOUR
"""What arrives later than this, in nanoseconds, waited offline rather than for a slow sync (assumption)."""

_MOST_DAYS = 3_653  # ten years; beyond, a clock was wrong rather than a log long (assumption)
_PAUSE = 30 * 60 * SECOND  # of a person on one client, from which a session counts as another (assumption)
_MACHINE_HOURS = 8.0  # active hours an active day, beyond which nobody merely types commands (assumption)
_FETCH = ACTIONS.index("server-fetch")
_MACHINE_CLIENTS = ("1Password SDK", "1Password Connect")
_TYPES = ("credentials_ok", "mfa_ok", "federated")
_SUCCESSES = {
    (category, kind): column
    for column, kind in enumerate(_TYPES)
    for category in ("success", "firewall_reported_success")
}


class ObservationError(ValueError):
    """Records cannot be counted; the text is one line with what was found and what is legal."""


class Observation:
    """Counts of records; columns by person unless they say otherwise, days and hours of UTC.

    *usages* by person and day (from *first_day*, days since the epoch) and *active* hours of it as bits; *actions* by
    person and `ACTIONS`, *first* the time of the first of each; *clients* by person and client; *hours* by person and
    hour of the week, *starts* the same for what begins a session; *spans* the nanoseconds from first to last usage of
    sessions, in all; *offline* how many came more than `OFFLINE` late;
    *successes* of sign-ins by `credentials_ok`, `mfa_ok` and `federated`. *repeats* counts records that came again.
    Memory grows with people times days.
    """

    def __init__(self) -> None:
        self.client_names: Sequence[str] = ()
        self.first_day = 0
        self.repeats = 0
        self.usages = np.zeros((0, 0), dtype=np.uint32)
        self.active = np.zeros((0, 0), dtype=np.uint32)
        self.actions = np.zeros((0, len(ACTIONS)), dtype=np.int64)
        self.first = np.full((0, len(ACTIONS)), NEVER, dtype=np.int64)
        self.clients = np.zeros((0, 0), dtype=np.int64)
        self.hours = np.zeros((0, WEEK_HOURS), dtype=np.uint32)
        self.starts = np.zeros((0, WEEK_HOURS), dtype=np.uint32)
        self.successes = np.zeros((0, len(_TYPES)), dtype=np.int64)
        self.sign_ins: Counter[Kind] = Counter()
        self.audit_events: Counter[Kind] = Counter()
        self.lateness = Lateness()
        self.begin, self.end = NEVER, -NEVER
        self.offline = np.zeros(0, dtype=np.int64)
        self.spans = np.zeros(0, dtype=np.int64)
        self._last = np.zeros((0, 2), dtype=np.int64)

    @property
    def records(self) -> int:
        """How many item usages were counted."""
        return int(self.actions.sum())

    @property
    def days(self) -> int:
        """How many days of UTC there are from the first item usage to the last, both included."""
        return self.usages.shape[1]

    def add_usages(self, person: Ints, time: Ints, action: Ints, client: Ints, client_names: Sequence[str]) -> None:
        """Count item usages in order of arrival; *client* is a row of *client_names*, which may only get longer.

        Raise ObservationError where times are too far apart to be of one log.
        """
        if not len(time):
            return
        self.client_names = client_names
        self._make_room(int(person.max()) + 1, time)
        self.begin, self.end = min(self.begin, int(time.min())), max(self.end, int(time.max()))
        day, hour = time // DAY - self.first_day, time // HOUR
        week_hour = (hour + 3 * 24) % WEEK_HOURS  # the epoch was a Thursday
        np.add.at(self.usages, (person, day), 1)
        np.bitwise_or.at(self.active, (person, day), np.uint32(1) << (hour % 24).astype(np.uint32))
        np.add.at(self.actions, (person, action), 1)
        np.minimum.at(self.first, (person, action), time)
        np.add.at(self.clients, (person, client), 1)
        np.add.at(self.hours, (person, week_hour), 1)
        starts = self._begins(person, time, client)
        np.add.at(self.starts, (person[starts], week_hour[starts]), 1)
        late = self.lateness.add(time) > OFFLINE
        np.add.at(self.offline, person[late], 1)

    def add_sign_ins(self, person: Ints, outcome: Ints, outcomes: Sequence[Kind]) -> None:
        """Count sign-ins; *outcome* is a row of *outcomes*: (category, type)."""
        _count(self.sign_ins, outcome, outcomes)
        self.successes = _grown(self.successes, int(person.max(initial=-1)) + 1, len(_TYPES))
        column = np.array([_SUCCESSES.get(kind, -1) for kind in outcomes], dtype=np.int64)[outcome]
        np.add.at(self.successes, (person[column >= 0], column[column >= 0]), 1)

    def add_audit_events(self, kind: Ints, kinds: Sequence[Kind]) -> None:
        """Count audit events; *kind* is a row of *kinds*: (action, object type)."""
        _count(self.audit_events, kind, kinds)

    def machines(self) -> Bools:
        """Return who is a machine, told by behaviour.

        Fetching from the server is all it ever does, and that either from nothing but 1Password's SDK or Connect, or
        in more than 8 hours of a day on which it does anything, on average.
        """
        total = self.actions.sum(axis=1)
        built = [row for row, name in enumerate(self.client_names) if name in _MACHINE_CLIENTS]
        hours = sum(((self.active >> np.uint32(hour)) & np.uint32(1)).sum(axis=1) for hour in range(24))
        busy = hours > _MACHINE_HOURS * (self.usages > 0).sum(axis=1)
        only_fetches = (total > 0) & (self.actions[:, _FETCH] == total)
        machines: Bools = only_fetches & (busy | (self.clients[:, built].sum(axis=1) == total))
        return machines

    def humans(self) -> Bools:
        """Return who used an item and is no machine."""
        humans: Bools = (self.actions.sum(axis=1) > 0) & ~self.machines()
        return humans

    def _begins(self, person: Ints, time: Ints, client: Ints) -> Bools:
        """Return which usages begin a session, a pause or another client lying before them; the others lengthen one."""
        order = np.lexsort((time, person))
        person, time, client = person[order], time[order], client[order]
        first = np.append(True, person[1:] != person[:-1])
        earlier_time = np.where(first, self._last[person, 0], np.append(0, time[:-1]))
        earlier_client = np.where(first, self._last[person, 1], np.append(0, client[:-1]))
        self._last[person] = np.stack([time, client], axis=1)
        gap = time - earlier_time
        fresh = (gap > _PAUSE) | (client != earlier_client)
        np.add.at(self.spans, person[~fresh], np.maximum(gap[~fresh], 0))
        begins = np.empty(len(order), dtype=bool)
        begins[order] = fresh
        return begins

    def _make_room(self, people: int, time: Ints) -> None:
        first, last = int(time.min() // DAY), int(time.max() // DAY)
        if self.days:
            first, last = min(first, self.first_day), max(last, self.first_day + self.days - 1)
        if last - first >= _MOST_DAYS:
            raise ObservationError(f"timestamp: found records {last - first} days apart; legal: up to {_MOST_DAYS}")
        if people > len(self.actions) or first < self.first_day or last >= self.first_day + self.days:
            before = self.first_day - first if self.days else 0
            rows, width = max(people, len(self.actions)), last - first + 1
            self.usages, self.active = (_grown(table, rows, width, before) for table in (self.usages, self.active))
            self.first_day = first
        if people > len(self.actions):
            self.actions = _grown(self.actions, people, len(ACTIONS))
            self.hours, self.starts = (_grown(table, people, WEEK_HOURS) for table in (self.hours, self.starts))
            self.first = _grown(self.first, people, len(ACTIONS), fill=NEVER)
            self._last = _grown(self._last, people, 2, fill=-DAY)
            self.offline, self.spans = (np.pad(each, (0, people - len(each))) for each in (self.offline, self.spans))
        self.clients = _grown(self.clients, len(self.actions), len(self.client_names))


def _count(counts: Counter[Kind], rows: Ints, kinds: Sequence[Kind]) -> None:
    for row, count in enumerate(np.bincount(rows).tolist()):
        if count:
            counts[kinds[row]] += count


def _grown(table: NDArray[Number], rows: int, columns: int, before: int = 0, fill: int = 0) -> NDArray[Number]:
    """Return *table* with at least so many *rows* and *columns*, *before* of the latter in front."""
    height, width = table.shape
    if rows <= height and columns <= width and not before:
        return table
    grown = np.full((max(rows, height), max(columns, width)), fill, dtype=table.dtype)
    grown[:height, before : before + width] = table
    return grown

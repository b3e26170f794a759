"""Companies simulated for tests: their pieces put together, and their records as columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.careers import HUMAN, Staff
from simulator.company import Company, simulate
from simulator.delivery import Delivery
from simulator.draws import Ints
from simulator.profile_file import load_profile
from simulator.records import FEEDS

if TYPE_CHECKING:
    from simulator.profile import Profile

PROFILES = ("startup-50", "midsize-1000", "enterprise-20000")
START = date(2026, 3, 2)
"""A Monday; within 91 days clocks change in North America, Europe and Australia, and Easter is kept."""

HOUR = 3_600 * 10**9
DAY = 24 * HOUR

Names = NDArray[np.str_]


class _User(msgspec.Struct, frozen=True, gc=False):
    email: str


class _Client(msgspec.Struct, frozen=True, gc=False):
    app_name: str = ""


class _Location(msgspec.Struct, frozen=True, gc=False):
    city: str = ""


class _Record(msgspec.Struct, frozen=True, gc=False):
    """What tests look at in a record of any feed."""

    uuid: str
    timestamp: str
    user: _User | None = None
    target_user: _User | None = None
    actor_details: _User | None = None
    action: str = ""
    category: str = ""
    object_type: str = ""
    item_uuid: str = ""
    client: _Client = _Client()
    location: _Location = _Location()


class _Cause(msgspec.Struct, frozen=True, gc=False):
    uuid: str
    process: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Columns of a feed's records; *person* is a row of the staff, *local* the *time* on the clock there, both in ns.

    *what* is the action or the category, *about* the type of object, *cause* the process or "" for habit.
    """

    uuid: Names
    person: Ints
    time: Ints
    local: Ints
    what: Names
    about: Names
    item: Names
    app: Names
    city: Names
    cause: Names

    def where(self, keep: NDArray[np.bool_] | Ints) -> "Feed":
        """Return the records that *keep*, a mask or an index, chooses."""
        return Feed(*(getattr(self, name)[keep] for name in Feed.__slots__))

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.time)

    @property
    def day(self) -> Ints:
        """The local day of each record, since the epoch."""
        return self.local // DAY

    @property
    def hour(self) -> Ints:
        """The local hour of each record."""
        return self.local // HOUR % 24

    @property
    def weekend(self) -> NDArray[np.bool_]:
        """Whether each record is of a Saturday or a Sunday there."""
        return np.asarray((self.day + 3) % 7 >= 5)  # the epoch was a Thursday


@dataclass(frozen=True, slots=True)
class Log:
    """All that a company left behind, in columns, and who works there."""

    company: Company
    staff: Staff
    feeds: dict[str, Feed]

    @property
    def usages(self) -> Feed:
        """The item usages."""
        return self.feeds["itemusages"]

    @property
    def days(self) -> range:
        """The days of the period, since the epoch."""
        return range(self.company.period.begin // DAY, self.company.period.end // DAY)

    @property
    def human(self) -> NDArray[np.bool_]:
        """Which of the staff are people."""
        return np.asarray(self.staff.machine == HUMAN)

    def here(self) -> NDArray[np.bool_]:
        """Return for each person and day of the period whether the person worked for the company."""
        days = np.arange(self.days.start, self.days.stop)
        return (self.staff.hired[:, None] <= days) & (days < self.staff.left[:, None]) & self.human[:, None]


def at_once(profile: "Profile") -> Delivery:
    """Return the delivery of every record at the time of its event, whatever the *profile*."""
    del profile
    return Delivery.off()


def company(
    profile: str,
    people: int,
    days: int,
    seed: int = 7,
    start: date = START,
    *,
    delivery: Callable[["Profile"], Delivery] = at_once,
    **figures: Any,
) -> Company:
    """Return a company with a shipped profile, some *figures* of which are others.

    *delivery* is `at_once`, or `Delivery.of` for what the profile calls realistic.
    """
    theirs = msgspec.structs.replace(load_profile(profile), **figures)
    return Company(people, days, seed, start, theirs, delivery(theirs))


def written(of: Company, **split: Any) -> dict[str, bytes]:
    """Return what each file of a company holds, put together from its blocks."""
    blocks = list(simulate(of, **split))
    return {name: b"".join(block.pieces[name].data for block in blocks) for name in (*FEEDS, "causes")}


@lru_cache(maxsize=4)  # a log takes some 50 MB
def parsed(profile: str, people: int, days: int, seed: int = 7, start: date = START, **figures: Any) -> Log:
    """Return what a `company` leaves behind where every record arrives at once."""
    of = company(profile, people, days, seed, start, **figures)
    files, world = written(of), of.world()
    rows = {person.email: person.number for person in world.directory.people}
    zones = [office.timezone for office in of.profile.offices]
    causes = {line.uuid: line.process for line in _decoded(files["causes"], _Cause)}
    feeds = {feed: _columns(_decoded(files[feed], _Record), rows, zones, world.staff.office, causes) for feed in FEEDS}
    return Log(of, world.staff, feeds)


def local_times(time: Ints, zones: Sequence[str], zone: Ints) -> Ints:
    """Return the wall-clock nanoseconds of each UTC *time*, where *zone*, a row of *zones*, is."""
    moments, which = np.unique(time // HOUR * len(zones) + zone, return_inverse=True)
    offsets = [_offset(zones[moment % len(zones)], moment // len(zones)) for moment in moments.tolist()]
    return time + np.array(offsets, dtype=np.int64)[which]


@lru_cache(maxsize=1 << 18)
def _offset(zone: str, hour: int) -> int:
    offset = datetime.fromtimestamp(hour * 3_600, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * 10**9


def _decoded(lines: bytes, shape: type[Any]) -> list[Any]:
    return msgspec.json.Decoder(shape).decode_lines(lines)


def _columns(
    records: list[_Record], rows: dict[str, int], zones: Sequence[str], office: Ints, causes: dict[str, str]
) -> Feed:
    users = (record.user or record.target_user or record.actor_details for record in records)
    person = np.array([rows[user.email] for user in users if user], dtype=np.int64)
    time = np.array([record.timestamp[:-1] for record in records], dtype="datetime64[ns]").astype(np.int64)
    return Feed(
        uuid=_names(record.uuid for record in records),
        person=person,
        time=time,
        local=local_times(time, zones, office[person]),
        what=_names(record.action or record.category for record in records),
        about=_names(record.object_type for record in records),
        item=_names(record.item_uuid for record in records),
        app=_names(record.client.app_name for record in records),
        city=_names(record.location.city for record in records),
        cause=_names(causes.get(record.uuid, "") for record in records),
    )


def _names(texts: Iterable[str]) -> Names:
    return np.array(list(texts), dtype=np.str_)

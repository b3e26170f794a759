"""Companies simulated for tests: their pieces put together, and their records as columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.careers import HUMAN, Staff
from simulator.company import Company, simulate
from simulator.delivery import Delivery
from simulator.draws import Ints
from simulator.profile import Profile
from simulator.profile_file import load_profile
from simulator.records import FEEDS

PROFILES = ("startup-50", "midsize-1000", "enterprise-20000")
START = date(2026, 2, 16)
"""A Monday; within 91 days clocks change in North America, Europe and Australia, and Easter is kept."""

HOUR = 3_600 * 10**9
DAY = 24 * HOUR

Names = NDArray[np.str_]


class _User(msgspec.Struct, frozen=True):
    email: str


class _Client(msgspec.Struct, frozen=True):
    app_name: str = ""
    app_version: str = ""


class _Location(msgspec.Struct, frozen=True):
    city: str = ""


class _Session(msgspec.Struct, frozen=True):
    uuid: str = ""
    device_uuid: str = ""


class _Record(msgspec.Struct, frozen=True):
    """What tests look at in a record of any feed."""

    uuid: str
    timestamp: str
    user: _User | None = None
    target_user: _User | None = None
    actor_details: _User | None = None
    action: str = ""
    category: str = ""
    object_type: str = ""
    used_version: int = 0
    vault_uuid: str = ""
    item_uuid: str = ""
    client: _Client = _Client()
    location: _Location = _Location()
    session: _Session = _Session()


class _Cause(msgspec.Struct, frozen=True):
    uuid: str
    process: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Columns of a feed's records; *person* is a row of the staff, *time* in nanoseconds, *cause* "" for habit."""

    person: Ints
    time: Ints
    local: Ints
    what: Names
    about: Names
    vault: Names
    item: Names
    app: Names
    version: Names
    city: Names
    device: Names
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


def company(
    profile: str, people: int, days: int, seed: int = 7, start: date = START, *, realistic: bool = False, **figures: Any
) -> Company:
    """Return a company with a shipped profile, some *figures* of which are others; delivery is off or realistic."""
    theirs: Profile = msgspec.structs.replace(load_profile(profile), **figures)
    return Company(people, days, seed, start, theirs, Delivery.of(theirs) if realistic else Delivery.off())


def written(of: Company, **split: Any) -> dict[str, bytes]:
    """Return what each file of a company holds, put together from its blocks."""
    blocks = list(simulate(of, **split))
    return {name: b"".join(block.pieces[name].data for block in blocks) for name in (*FEEDS, "causes")}


@cache
def parsed(profile: str, people: int, days: int, seed: int = 7, start: date = START, **figures: Any) -> Log:
    """Return what a `company` leaves behind where every record arrives at once; simulated once a run of the tests."""
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
    return msgspec.json.Decoder(list[shape]).decode(b"[%b]" % b",".join(lines.splitlines()))


def _columns(
    records: list[_Record], rows: dict[str, int], zones: Sequence[str], office: Ints, causes: dict[str, str]
) -> Feed:
    users = (record.user or record.target_user or record.actor_details for record in records)
    person = np.array([rows[user.email] for user in users if user], dtype=np.int64)
    time = np.array([record.timestamp[:-1] for record in records], dtype="datetime64[ns]").astype(np.int64)
    return Feed(
        person=person,
        time=time,
        local=local_times(time, zones, office[person]),
        what=_names(record.action or record.category for record in records),
        about=_names(record.object_type for record in records),
        vault=_names(record.vault_uuid for record in records),
        item=_names(record.item_uuid for record in records),
        app=_names(record.client.app_name for record in records),
        version=_names(record.client.app_version for record in records),
        city=_names(record.location.city for record in records),
        device=_names(record.session.device_uuid for record in records),
        cause=_names(causes.get(record.uuid, "") for record in records),
    )


def _names(texts: Iterable[str]) -> Names:
    return np.array(list(texts), dtype=np.str_)

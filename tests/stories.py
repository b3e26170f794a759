"""Companies at work as columns: the world of each and all that happens in its period, calm ones among them."""

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from math import sqrt
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.activity import PROCESSES, Activity, AuditEvents, ItemUsages, SignIns
from simulator.behaviour import act
from simulator.careers import HUMAN
from simulator.company import Company
from simulator.delivery import Collector
from simulator.draws import Ints
from simulator.errands import KIND
from simulator.profile import Profile
from simulator.profile_file import load_profile
from simulator.timeline import epoch_day
from simulator.world import World

MONDAY: Final = date(2026, 3, 2)
FIRST_DAY: Final = epoch_day(MONDAY)

NOTHING: Final[dict[str, Any]] = {
    "years_here": 1_000.0,
    "leavers": 0.0,
    "growth": 0.0,
    "role_changes": 0.0,
    "first_cli": 0.0,
    "phones": 0.0,
    "role_trips": {},
    "sso_roll_outs": 0.0,
    "legacy_clients": 0.0,
    "role_rotation": {},
    "role_on_call": {},
    "parental_leaves": 0.0,
    "migrations": 0.0,
}
"""Figures with which none of the harmless processes happens: nobody came here lately, and nothing changes."""

Bools = NDArray[np.bool_]


def calm(**figures: Any) -> Profile:
    """Return the profile of middle size without any change, but for *figures*."""
    return msgspec.structs.replace(_of_middle_size(), **(NOTHING | figures))


@cache
def _of_middle_size() -> Profile:
    return load_profile("midsize-1000")


def everyone(profile: Profile, figure: float) -> dict[str, float]:
    """Return a figure by role that is the same for every role."""
    return dict.fromkeys(profile.role_share, figure)


def near(count: float, mean: float) -> bool:
    """Return whether a Poisson *count* lies within four standard deviations of its *mean*: 1 in 16,000 does not."""
    return abs(count - mean) < 4 * sqrt(mean)


@dataclass(frozen=True)
class Story:
    """A company's world and all that happens in its period."""

    company: Company
    world: World
    activity: Activity

    def person(self, events: ItemUsages | SignIns | AuditEvents) -> Ints:
        """Return whose each event is, rows of the staff."""
        return self.activity.sessions.person[events.session]

    def day(self, events: ItemUsages | SignIns | AuditEvents) -> Ints:
        """Return the local day of each event's session."""
        return self.activity.sessions.day[events.session]

    def caused(self, process: str) -> ItemUsages:
        """Return the item usages that *process* brings about."""
        usages = self.activity.item_usages
        return usages.where(usages.cause == PROCESSES.index(process))

    def audited(self, action: str, object_type: str) -> AuditEvents:
        """Return the audit events of a kind."""
        events = self.activity.audit_events
        return events.where(events.kind == KIND[action, object_type])

    def processes(self) -> set[str]:
        """Return the processes that any event of the three feeds is brought about by."""
        causes = np.unique(np.concatenate([columns.cause for columns in self.activity.feeds().values()]))
        return {PROCESSES[cause] for cause in causes.tolist() if cause >= 0}

    @property
    def human(self) -> Bools:
        """Which sessions are a person's."""
        return np.asarray(self.world.staff.machine[self.activity.sessions.person] == HUMAN)


@lru_cache(maxsize=8)  # a story takes some 20 MB
def _told(profile: bytes, people: int, days: int, seed: int, start: date) -> Story:
    of = Company(people, days, seed, start, msgspec.json.decode(profile, type=Profile))
    world = of.world()
    collector = Collector(of.delivery, seed, of.period)
    return Story(of, world, act(world, np.arange(len(world.staff)), of.period, collector))


def told(profile: Profile, people: int, days: int, seed: int = 7, start: date = MONDAY) -> Story:
    """Return the story of a company, told once for the same arguments."""
    return _told(msgspec.json.encode(profile), people, days, seed, start)


def built(profile: Profile, people: int, days: int, seed: int = 7, start: date = MONDAY) -> World:
    """Return the world of a company before it goes to work."""
    return Company(people, days, seed, start, profile).world()

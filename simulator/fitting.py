"""Fitting: a profile from records, so that a simulated company looks like a real one from every side `marginals` knows.

What records cannot tell is taken from the shipped profile nearest in headcount, and says so. There is one role, for
records name none. A fitted profile holds counts and shares and nothing else of the records: no name, no address.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from simulator.clocks import clocks
from simulator.fitted_feeds import audit_figures, delivery_figures, machine_figures, sign_in_figures
from simulator.fitted_figures import as_figures
from simulator.fitted_habits import (
    NEVER_UPGRADED,
    action_figures,
    client_figures,
    events_a_day,
    events_a_session,
    legacy_share,
    upgrade_days,
)
from simulator.observation import Observation
from simulator.presence import presence
from simulator.profile import Profile
from simulator.profile_file import ProfileFile, read_profile, shipped_profiles
from simulator.profile_rules import units
from simulator.timeline import YEAR

ROLE: Final = "everyone"
"""The one role of a fitted profile."""

FEWEST_PEOPLE: Final = 2
FEWEST_DAYS: Final = 7
"""The least that a profile is fitted to."""

_OF_NO_ROLE: Final = ("role_share", "role_activity", "role_weekend", "role_actions")
_OF_MEANS: Final = ("role_trips", "role_rotation", "role_on_call")
_STAFF_YEARS = 5  # from which comings and goings are more than chance (assumption)
_SUSPENSION: Final = ("suspend", "user")
_ZONES: Final = "; places are examples of their time zones, which keep no summer time"
_NO_HOLIDAYS: Final = "assumption: quiet days are already in the fitted rhythm, so holidays take nothing away"
_NO_SPREAD: Final = "assumption: the fitted hours are of all people together, so their spread is in them already"
_NO_UPGRADE: Final = "assumption: never, for nobody who said `other` said anything else within the log"
_WEIGHED: Final = "with thirty years of a person at the rate of"


class FitError(ValueError):
    """No profile can be fitted to the records; the text is one line with field, found and legal."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A profile and the source of each of its figures, for `profile_file.dump_profile`."""

    profile: Profile
    sources: dict[str, str]


def fit(seen: Observation, name: str) -> Fit:
    """Return the profile of what was *seen*, before any calibration; raise `FitError` where there is too little."""
    people = _enough(seen)
    base = nearest(people)
    fitted = as_figures(_fitted(seen, base.profile))
    figures = {field: getattr(base.profile, field) for field in units()} | _one_role(base.profile) | fitted
    sources = {field: f"{source} (not in the logs)" for field, source in base.sources.items()}
    sources |= {field: f"{sources[field]}, mean over roles" for field in _OF_MEANS}
    sources |= dict.fromkeys(fitted, evidence(seen))
    sources["offices"] += _ZONES
    sources |= dict.fromkeys(_OF_NO_ROLE, "assumption: records name no roles")
    sources |= {"holiday_activity": _NO_HOLIDAYS, "work_starts_spread": _NO_SPREAD}
    if figures["upgrade_days"] == NEVER_UPGRADED:
        sources["upgrade_days"] = _NO_UPGRADE
    if "leavers" in fitted:
        sources |= {field: f"{sources[field]}, {_WEIGHED} {base.profile.name}" for field in ("leavers", "growth")}
    description = (
        f"Fitted to records of {people} people in {seen.days} days; what they do not tell is {base.profile.name}'s."
    )
    profile = Profile(name=name, description=description, **figures)
    return Fit(msgspec.convert(msgspec.to_builtins(profile), Profile), sources)


def nearest(people: int) -> ProfileFile:
    """Return the shipped profile whose headcount is nearest, as a factor.

    >>> nearest(300).profile.name
    'midsize-1000'
    """
    shipped = [read_profile(name) for name in shipped_profiles()]
    return min(shipped, key=lambda file: abs(np.log(file.profile.people / people)))


def evidence(seen: Observation) -> str:
    """Return the source of what was fitted."""
    records = seen.records + seen.sign_ins.total() + seen.audit_events.total()
    return f"fitted: {records} records of {int(seen.humans().sum())} people, {seen.days} days"


def _enough(seen: Observation) -> int:
    if not seen.records:
        raise FitError("records: found no item usages; legal: records of the Events API, some of them item usages")
    people = int(seen.humans().sum())
    if people < FEWEST_PEOPLE:
        raise FitError(f"people: found {people} with item usages; legal: {FEWEST_PEOPLE} or more, machines not counted")
    if seen.days < FEWEST_DAYS:
        raise FitError(f"days: found item usages of {seen.days}; legal: {FEWEST_DAYS} or more")
    return people


def _fitted(seen: Observation, base: Profile) -> dict[str, Any]:
    """Return the figures that the records tell."""
    here, clock = presence(seen), clocks(seen)
    action_people, action_per_fill, strength = action_figures(seen)
    owns, sessions, computers = client_figures(seen)
    figures: dict[str, Any] = {
        "people": here.staff,
        "offices": clock.offices,
        "work_starts": float(clock.work_starts),
        "work_starts_spread": 0.0,
        "hours": clock.hours,
        "weekdays": clock.weekdays,
        "holiday_activity": 1.0,
        "events_a_day": events_a_day(seen, here, clock.weekdays),
        "events_a_session": events_a_session(seen, here, clock.weekdays),
        "action_people": action_people,
        "action_per_fill": action_per_fill,
        "role_command_line": {ROLE: owns["cli"]},
        "client_sessions": base.client_sessions | sessions,
        "legacy_clients": legacy_share(seen),
        **{slot: owns[slot] for slot in ("extension", "desktop", "mobile", "web")},
    }
    if here.staff * here.days / YEAR >= _STAFF_YEARS:
        suspended = seen.audit_events[_SUSPENSION] if seen.audit_events else None
        figures["leavers"], figures["growth"] = here.rates(base, suspended)
    optional = {
        "weeks_away": here.weeks_away,
        "action_strength": strength,
        "computers": computers,
        "upgrade_days": upgrade_days(seen),
    }
    figures |= {field: value for field, value in optional.items() if value is not None}
    feeds = (sign_in_figures(seen), audit_figures(seen), machine_figures(seen, base), delivery_figures(seen))
    for told in feeds:
        figures |= told
    return figures


def _one_role(base: Profile) -> dict[str, Any]:
    """Return the figures by role of *base* for the one role: means over its staff, and no factors."""
    share = np.array(list(base.role_share.values())) / sum(base.role_share.values())

    def mean(field: str) -> dict[str, float]:
        values = getattr(base, field)
        return {ROLE: round(float(share @ [values.get(role, 0.0) for role in base.role_share]), 4)}

    return {
        "role_share": {ROLE: 1.0},
        "role_activity": {ROLE: 1.0},
        "role_weekend": {ROLE: 1.0},
        "role_actions": {},
        **{field: mean(field) for field in _OF_MEANS},
    }

"""What a profile must be beyond its types: the names that go together, what must ascend, and which places there are."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from simulator.activity import OUTCOMES
from simulator.clients import SDK, SLOTS
from simulator.profile import HABITS, Office, Profile
from simulator.shape import Mismatch, misnamed, shown

COMPUTERS: Final = ("mac", "windows", "linux")
"""What `Profile.computers` names."""

VAULTS: Final = ("company", "team", "project")
"""What `Profile.vault_use` names."""

FAILURES: Final = tuple(outcome.failure for outcome in OUTCOMES if outcome.failure)
"""What `Profile.failures` names."""

MOST_A_DAY: Final = 100_000
"""Item usages a day of the busiest person: beyond, a company does not fit a computer's memory (assumption)."""

READS_AN_HOUR: Final = 10_000
"""What a service account's token may read (https://developer.1password.com/docs/service-accounts/rate-limits)."""

DOCUMENTATION: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
"""The networks that belong to nobody: RFC 5737 and RFC 3849."""

_STEP = 2**31  # milliseconds: see `simulator.draws.quantile`
_OF_ROLES = ("role_activity", "role_weekend", "role_command_line")
_OF_SOME_ROLES = ("role_actions", "role_rotation", "role_on_call", "role_trips")
_WEIGHTS = ("role_share", "weekdays", "hours", "computers", "client_sessions", "vault_use")


@cache
def units() -> dict[str, str]:
    """Return the unit of each figure of a profile, by the name of the field.

    >>> units()["years_here"]
    'years, mean tenure of those here on the first day'
    """
    fields = msgspec.inspect.type_info(Profile).fields  # type: ignore[attr-defined]
    return {field.encode_name: extra["unit"] for field in fields if (extra := getattr(field.type, "extra", None))}


def conflict(profile: Profile) -> Mismatch | None:
    """Return the first thing in *profile* that the simulator cannot work with, or None.

    >>> from simulator.profile_file import load_profile
    >>> conflict(load_profile("startup-50")) is None
    True
    """
    return next((found for rule in _RULES for found in rule(profile)), None)


def _roles(profile: Profile) -> Iterator[Mismatch]:
    at = ("role_share", "value")
    if not profile.role_share:
        yield Mismatch(at, "no role", "a mapping of one role or more, each to a number")
    # Three that name the same roles are likelier right than the one that does not.
    named, *others = (getattr(profile, field) for field in _OF_ROLES)
    if named and all(set(other) == set(named) for other in others):
        wrong = misnamed(profile.role_share, at, dict.fromkeys(named, "a number"), list(named))
        if wrong:
            yield wrong


def _names(profile: Profile) -> Iterator[Mismatch]:
    roles = tuple(profile.role_share)
    exact = dict.fromkeys(_OF_ROLES, roles) | {
        "action_people": HABITS,
        "action_per_fill": HABITS,
        "computers": COMPUTERS,
        "client_sessions": SLOTS[:SDK],
        "failures": FAILURES,
        "vault_use": VAULTS,
    }
    for field, names in exact.items():
        yield from _misnamed(profile, (field,), names, names)
    for field in _OF_SOME_ROLES:
        yield from _misnamed(profile, (field,), roles, ())
    for role in profile.role_actions:
        yield from _misnamed(profile, ("role_actions", role), HABITS, ())


def _misnamed(profile: Profile, at: tuple[str, ...], names: Iterable[str], needed: Iterable[str]) -> Iterator[Mismatch]:
    """Yield the first complaint about the keys of the mapping *at* (field, inner keys)."""
    value = getattr(profile, at[0])
    for key in at[1:]:
        value = value[key]
    found = misnamed(value, (at[0], "value", *at[1:]), dict.fromkeys(needed, "a number"), list(names))
    if found:
        yield found


def _weights(profile: Profile) -> Iterator[Mismatch]:
    for field in _WEIGHTS:
        value = getattr(profile, field)
        if not sum(value.values() if isinstance(value, dict) else value):
            yield Mismatch((field, "value"), "zeros alone", "a sum above 0")
    if not sum(office.share for office in profile.offices):
        yield Mismatch(("offices", "value", 0, "share"), "zeros alone", "shares whose sum is above 0")


def _quantiles(profile: Profile) -> Iterator[Mismatch]:
    for field, unit in units().items():
        table = getattr(profile, field)
        if "quantiles" not in unit:
            continue
        if (len(table) - 1).bit_count() != 1:
            yield Mismatch((field, "value"), f"{len(table)} quantiles", "2, 3, 5, 9, 17, 33, 65, ... of them")
        yield from _descents(field, table)
        steps = [(index, high - low) for index, (low, high) in enumerate(pairwise(table), start=1)]
        if wide := next((step for step in steps if step[1] >= _STEP), None):
            yield Mismatch((field, "value", wide[0]), f"a step of {wide[1]}", f"steps below {_STEP}")


def _pairs(profile: Profile) -> Iterator[Mismatch]:
    for field, unit in units().items():
        if "least and most" in unit:
            yield from _descents(field, getattr(profile, field))


def _descents(field: str, table: tuple[float, ...]) -> Iterator[Mismatch]:
    for index, (low, high) in enumerate(pairwise(table), start=1):
        if high < low:
            yield Mismatch((field, "value", index), f"{high} after {low}", "ascending numbers")


def _places(profile: Profile) -> Iterator[Mismatch]:
    for index, office in enumerate(profile.offices):
        for field, legal, known in _OFFICE:
            if not known(office):
                yield Mismatch(("offices", "value", index, field), shown(getattr(office, field)), legal)


def _has_clock(office: Office) -> bool:
    try:
        ZoneInfo(office.timezone)
    except (KeyError, ValueError, OSError):  # OSError: a directory of zones, such as America
        return False
    return True


def _has_documentation_address(office: Office) -> bool:
    try:
        address = ip_address(office.ip)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in DOCUMENTATION)


def _has_holidays(office: Office) -> bool:
    return _knows_holidays(office.country_code, None)


def _has_own_holidays(office: Office) -> bool:
    return not office.subdivision or _knows_holidays(office.country_code, office.subdivision)


def _knows_holidays(country: str, subdivision: str | None) -> bool:
    import holidays  # late: it takes longer to import than a profile to read

    try:
        holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return False
    return True


def _caps(profile: Profile) -> Iterator[Mismatch]:
    # Even if all jobs of a day fell within one hour.
    jobs = READS_AN_HOUR / max(profile.service_fetches, 1e-9)
    limits = {"service_sessions": jobs, "connect_fetches": READS_AN_HOUR}
    for field, most in limits.items():
        table = getattr(profile, field)
        if table[-1] > most:
            legal = f"at most {most:.0f}, for {READS_AN_HOUR} server-fetch an hour"
            yield Mismatch((field, "value", len(table) - 1), f"{table[-1]:g}", legal)


def _busiest(profile: Profile) -> Iterator[Mismatch]:
    by_role = [max(1.0, profile.role_weekend[role]) * factor for role, factor in profile.role_activity.items()]
    most = profile.events_a_day[-1] * max(by_role) * max(profile.weekdays)
    if most > MOST_A_DAY:
        found = f"{most:.0f} a day with the factors of role and weekday"
        yield Mismatch(("events_a_day", "value", len(profile.events_a_day) - 1), found, f"at most {MOST_A_DAY}")


_OFFICE: Final[tuple[tuple[str, str, Callable[[Office], bool]], ...]] = (
    ("timezone", "a zone of the IANA time zone database", _has_clock),
    ("ip", f"a documentation address, in {', '.join(DOCUMENTATION)}", _has_documentation_address),
    ("country_code", "a country that `holidays` knows", _has_holidays),
    ("subdivision", "a subdivision of the country that `holidays` knows", _has_own_holidays),
)
_RULES: Final = (_roles, _names, _weights, _quantiles, _pairs, _places, _caps, _busiest)

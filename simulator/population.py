"""Who exists: people with their roles, places, devices and habits, and the vaults they share."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from statistics import NormalDist

import numpy as np
from faker.providers.person.en_US import Provider as Names

from simulator.clients import ACTIONS_OF
from simulator.devices import Device, build_devices
from simulator.draws import choose, cumulative, stream, uniform, words
from simulator.profile import ACTIONS, DEFAULT, Office, Profile, Role
from simulator.records import upper_uuid
from simulator.vaults import Vault, build_vaults

_DOMAIN = "example.com"  # RFC 2606
_HOMES_V4 = tuple(int(IPv4Address(net)) for net in ("198.51.100.0", "203.0.113.0"))  # RFC 5737
_HOMES_V6 = int(IPv6Address("2001:db8::"))  # RFC 3849
_HOSTS_V4 = 254  # of a /24; people beyond share an address, as behind a carrier's NAT
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here.

    *propensity* gives the weight of each of `ACTIONS` in what the person does, 0 for never;
    *events_a_day* the mean number of item usages on a working day; *work_starts* a local hour;
    *office_days* the share of working days spent in the office.
    """

    index: int
    uuid: str
    name: str
    email: str
    role: Role
    office: Office
    home_ip: str
    devices: tuple[Device, ...]
    propensity: tuple[float, ...]
    events_a_day: float
    work_starts: float
    office_days: float
    two_factor: bool


@dataclass(frozen=True, slots=True)
class Population:
    """Everyone and everything that exists before the first day."""

    seed: int
    profile: Profile
    people: tuple[Person, ...]
    vaults: tuple[Vault, ...]


def build_population(people: int, seed: int, profile: Profile = DEFAULT) -> Population:
    """Return a company of *people* persons, the same for the same arguments.

    Raise ValueError unless *people* is at least 1. A person's own traits do not depend on how many
    others there are; vaults and their members do.

    >>> build_population(2, seed=7).people[0].email.endswith("@example.com")
    True
    """
    if people < 1:
        raise ValueError(f"people: found {people}; legal: 1 or more")
    roles = [profile.roles[at] for at in _pick(people, seed, "role", (role.share for role in profile.roles))]
    staff = tuple(_staff(roles, seed, profile))
    return Population(seed, profile, staff, build_vaults([role.name for role in roles], seed, profile))


def _staff(roles: list[Role], seed: int, profile: Profile) -> Iterator[Person]:
    people = len(roles)
    names, devices = _names(people, seed), build_devices(roles, seed, profile)
    emails = _emails(names)
    offices = _pick(people, seed, "office", (office.share for office in profile.offices))
    rates, starts = _normal(people, seed, "rate"), _normal(people, seed, "start")
    at_office, factors, networks = (_uniform(people, seed, name) for name in ("office days", "factor", "network"))
    high, low = (words(stream(seed, f"person {half}"), np.arange(people)).tolist() for half in ("high", "low"))
    habits = _propensities(roles, devices, seed, profile)
    for index, role in enumerate(roles):
        rate = profile.events_a_day * role.activity * math.exp(profile.events_spread * rates[index])
        yield Person(
            index=index,
            uuid=upper_uuid(high[index], low[index]),
            name=names[index],
            email=emails[index],
            role=role,
            office=profile.offices[offices[index]],
            home_ip=_home_ip(index, ipv6=networks[index] < profile.home_ipv6),
            devices=devices[index],
            propensity=habits[index],
            events_a_day=round(min(rate, profile.events_most), 4),
            work_starts=round(profile.work_starts + profile.work_starts_spread * starts[index], 2),
            office_days=round(min(1.0, 2 * profile.office_days * at_office[index]), 3),
            two_factor=factors[index] < profile.two_factor,
        )


def _pick(people: int, seed: int, name: str, weights: Iterable[float]) -> list[int]:
    """Return for each person the index drawn from *weights*."""
    picked: list[int] = choose(cumulative(list(weights)), np.asarray(_uniform(people, seed, name))).tolist()
    return picked


def _uniform(people: int, seed: int, name: str) -> list[float]:
    drawn: list[float] = uniform(words(stream(seed, name), np.arange(people))).tolist()
    return drawn


def _normal(people: int, seed: int, name: str) -> list[float]:
    return [_NORMAL.inv_cdf(max(at, 2.0**-53)) for at in _uniform(people, seed, name)]


def _names(people: int, seed: int) -> list[str]:
    """Draw from the census lists Faker carries; its own generator would tie each name to all before it."""
    drawn = []
    for part, census in (("first name", Names.first_names), ("last name", Names.last_names)):
        choices = tuple(census)
        drawn.append([choices[at] for at in _pick(people, seed, part, census.values())])
    return [f"{first} {last}" for first, last in zip(*drawn, strict=True)]


def _emails(names: list[str]) -> list[str]:
    """Return ``first.last@example.com``, with ``.2``, ``.3`` ... for namesakes in order."""
    seen: Counter[str] = Counter()
    emails = []
    for name in names:
        local = ".".join(re.sub(r"[^a-z]", "", part) for part in name.lower().split(" ", 1))
        seen[local] += 1
        emails.append(f"{local}{f'.{seen[local]}' if seen[local] > 1 else ''}@{_DOMAIN}")
    return emails


def _home_ip(index: int, *, ipv6: bool) -> str:
    if ipv6:
        return str(IPv6Address(_HOMES_V6 + ((index + 1) << 64) + 1))
    block, host = divmod(index % (_HOSTS_V4 * len(_HOMES_V4)), _HOSTS_V4)
    return str(IPv4Address(_HOMES_V4[block] + host + 1))


def _propensities(
    roles: list[Role], devices: list[tuple[Device, ...]], seed: int, profile: Profile
) -> list[tuple[float, ...]]:
    """Give each person few habits of their own: whether at all, then how strong (log-normal)."""
    per_action = {habit.action: habit for habit in profile.habits}
    possible = [{action for device in owned for action in ACTIONS_OF[device.kind]} for owned in devices]
    columns = []
    for action in ACTIONS:
        habit = per_action[action]
        have = _uniform(len(roles), seed, f"has {action}")
        strength = _normal(len(roles), seed, f"strength {action}")
        chances = [habit.people * dict(role.habits).get(action, 1.0) for role in roles]
        columns.append(
            [
                round(habit.per_fill * math.exp(profile.habit_spread * strength[at]), 4)
                if action in possible[at] and have[at] < chances[at]
                else 0.0
                for at in range(len(roles))
            ]
        )
    return list(zip(*columns, strict=True))

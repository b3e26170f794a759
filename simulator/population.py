"""Who uses the vaults: the people of the staff, and its machines, with what stays the same about each of them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from faker.providers.person.en_US import Provider as Census

from simulator.careers import CONNECT, HUMAN, Staff
from simulator.draws import Ints, choose, cumulative, stream, uniform, words
from simulator.places import cloud_addresses, home_addresses
from simulator.profile import Profile
from simulator.records import upper_uuid

MACHINES: Final = ("", "service", "connect")
"""What `Person.machine` says, by `Staff.machine`."""

_DOMAIN = "example.com"  # RFC 2606
_ERRANDS = ("ci-deploy", "ci-build", "ci-test", "terraform", "ansible", "backup", "monitoring")  # assumption
_COMPUTER_OF_MACHINES = "linux"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or some machine, with an account.

    *number* is the row, *key* the counter of every draw, which does not depend on how many others there are;
    *machine* is "" for a human, "service" for a service account, "connect" for a Connect server; *computer* is "mac",
    "windows" or "linux"; *office* a row of the profile's; *home_ip* a machine's address in its data centre.
    """

    number: int
    key: int
    uuid: str
    name: str
    email: str
    machine: str
    computer: str
    office: int
    home_ip: str
    two_factor: bool


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody who works for the company at some time, in the rows of its staff."""

    seed: int
    profile: Profile
    people: tuple[Person, ...]


def build_population(staff: Staff, seed: int, profile: Profile) -> Population:
    """Return the people of *staff*, the same for the same arguments.

    A person is the same in every company with its key, but for the number that tells namesakes apart.
    """
    keys, machine = staff.key, staff.machine.tolist()
    high, low = (words(stream(seed, f"person {half}"), keys) for half in ("high", "low"))
    names = _names(keys, machine, seed)
    homes, clouds = (addresses(keys, staff.office, seed, profile) for addresses in (home_addresses, cloud_addresses))
    computers = _pick(keys, seed, "computer", tuple(profile.computers), tuple(profile.computers.values()))
    factors = (uniform(words(stream(seed, "factor"), keys)) < profile.two_factor) & (staff.machine == HUMAN)
    columns = zip(
        range(len(keys)),
        keys.tolist(),
        map(upper_uuid, high.tolist(), low.tolist()),
        names,
        _emails(names),
        [MACHINES[kind] for kind in machine],
        [_COMPUTER_OF_MACHINES if kind else computer for kind, computer in zip(machine, computers, strict=True)],
        staff.office.tolist(),
        [cloud if kind else home for kind, home, cloud in zip(machine, homes, clouds, strict=True)],
        factors.tolist(),
        strict=True,
    )
    return Population(seed, profile, tuple(Person(*row) for row in columns))


def _names(keys: Ints, machine: Sequence[int], seed: int) -> list[str]:
    """Draw from the census lists Faker carries; its own generator would tie each name to all before it."""
    firsts = _pick(keys, seed, "first name", tuple(Census.first_names), tuple(Census.first_names.values()))
    lasts = _pick(keys, seed, "last name", tuple(Census.last_names), tuple(Census.last_names.values()))
    errands = _pick(keys, seed, "errand", _ERRANDS, (1.0,) * len(_ERRANDS))
    seen: Counter[str] = Counter()
    names = []
    for kind, first, last, errand in zip(machine, firsts, lasts, errands, strict=True):
        if kind == HUMAN:
            names.append(f"{first} {last}")
            continue
        errand = "connect" if kind == CONNECT else errand
        seen[errand] += 1
        names.append(f"{errand}-{seen[errand]}")
    return names


def _pick(keys: Ints, seed: int, name: str, choices: Sequence[str], weights: Sequence[float]) -> list[str]:
    """Return what each person draws from *choices*."""
    picked = choose(cumulative(np.asarray(weights)), uniform(words(stream(seed, name), keys)))
    return [choices[at] for at in picked.tolist()]


def _emails(names: Sequence[str]) -> list[str]:
    """Return ``first.last@example.com``, with ``.2``, ``.3`` ... for namesakes in order; machines have one word."""
    seen: Counter[str] = Counter()
    emails = []
    for name in names:
        local = ".".join(re.sub(r"[^a-z0-9-]", "", part) for part in name.lower().split(" ", 1))
        seen[local] += 1
        emails.append(f"{local}{f'.{seen[local]}' if seen[local] > 1 else ''}@{_DOMAIN}")
    return emails

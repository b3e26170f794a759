"""People are unique, plausible, and the same whoever else works for the company."""

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import numpy as np
import pytest

from simulator.careers import CONNECT, HUMAN, SERVICE, Staff
from simulator.draws import stream, words
from simulator.population import Person, Population, build_population
from simulator.profile import Office, Profile
from simulator.records import upper_uuid

PEOPLE, MACHINES = 1_500, 60
DOCUMENTATION = [ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
TORONTO = Office("Canada", "CA", "Ontario", "Toronto", 43.6532, -79.3832, "America/Toronto", 0.6, "198.51.100.7")
BERLIN = Office("Germany", "DE", "Berlin", "Berlin", 52.52, 13.405, "Europe/Berlin", 0.4, "192.0.2.200")


def profile_with(**figures: Any) -> Profile:
    """Return a profile of which only what says who people are is filled in."""
    blank: dict[str, Any] = dict.fromkeys(Profile.__struct_fields__)
    telling = {
        "computers": {"mac": 0.5, "windows": 0.4, "linux": 0.1},
        "home_ipv6": 0.45,
        "two_factor": 0.6,
        "offices": (TORONTO, BERLIN),
    }
    return Profile(**(blank | telling | figures))


def staff_with(keys: list[int], machines: list[int]) -> Staff:
    rows = np.arange(len(keys), dtype=np.int64)
    kinds = np.array(machines, dtype=np.int64)
    return Staff(
        key=np.array(keys, dtype=np.int64), machine=kinds, role=rows * 0, office=rows % 2, hired=rows, left=rows + 9
    )


def humans(keys: list[int], seed: int = 7, **figures: Any) -> tuple[Person, ...]:
    return build_population(staff_with(keys, [HUMAN] * len(keys)), seed, profile_with(**figures)).people


@pytest.fixture(scope="module")
def company() -> Population:
    keys = [*range(PEOPLE), *range(2**60, 2**60 + MACHINES)]
    kinds = [HUMAN] * PEOPLE + [SERVICE] * (MACHINES - 10) + [CONNECT] * 10
    return build_population(staff_with(keys, kinds), 7, profile_with())


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    assert humans([0, 1, 2]) == humans([0, 1, 2])
    assert not set(humans([0, 1, 2])) & set(humans([0, 1, 2], seed=8))


def test_a_person_is_the_same_whoever_else_works_here() -> None:
    alone, among = humans([2**44 + 3])[0], humans([4, 2**44 + 3, 5])[1]
    told = {field: getattr(alone, field) for field in ("key", "uuid", "name", "computer", "home_ip", "two_factor")}
    assert told == {field: getattr(among, field) for field in told}
    assert alone.email == among.email


def test_rows_and_offices_are_the_staffs(company: Population) -> None:
    assert [person.number for person in company.people] == list(range(PEOPLE + MACHINES))
    assert [person.office for person in company.people[:4]] == [0, 1, 0, 1]


def test_a_persons_identifier_is_drawn_from_seed_and_key() -> None:
    high, low = (words(stream(7, f"person {half}"), 5).item() for half in ("high", "low"))
    assert humans([5])[0].uuid == upper_uuid(high, low)


def test_no_two_share_an_identifier_or_an_email(company: Population) -> None:
    assert len({person.uuid for person in company.people}) == PEOPLE + MACHINES
    assert len({person.email for person in company.people}) == PEOPLE + MACHINES


def test_humans_are_named_by_first_and_last_name(company: Population) -> None:
    for person in company.people[:PEOPLE]:
        first, last = person.name.lower().split(" ")
        assert re.fullmatch(rf"{first}\.{last}(\.[2-9]\d*)?@example\.com", person.email)
        assert person.machine == ""


def test_namesakes_are_numbered_by_row(company: Population) -> None:
    by_name: dict[str, list[str]] = {}
    for person in company.people[:PEOPLE]:
        by_name.setdefault(person.name, []).append(person.email)
    several = [emails for emails in by_name.values() if len(emails) > 1]
    assert several
    for emails in several:
        local = emails[0].removesuffix("@example.com")
        assert emails[1:] == [f"{local}.{number}@example.com" for number in range(2, len(emails) + 1)]


def test_machines_have_the_name_of_an_errand_and_run_linux(company: Population) -> None:
    services, servers = company.people[PEOPLE:-10], company.people[-10:]
    assert {person.machine for person in services} == {"service"}
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)?-[1-9]\d*", person.name) for person in services)
    assert [(person.machine, person.name) for person in servers] == [("connect", f"connect-{n}") for n in range(1, 11)]
    for machine in (*services, *servers):
        assert machine.email == f"{machine.name}@example.com"
        assert (machine.computer, machine.two_factor) == ("linux", False)


def test_every_address_is_reserved_for_documentation_and_no_offices(company: Population) -> None:
    used = {person.home_ip for person in company.people}
    assert all(any(ip_address(ip) in net for net in DOCUMENTATION) for ip in used)
    assert all(str(ip_address(ip)) == ip for ip in used)
    assert not used & {TORONTO.ip, BERLIN.ip}


def test_homes_with_ipv6_have_their_own_and_machines_are_elsewhere(company: Population) -> None:
    homes = [person.home_ip for person in company.people[:PEOPLE]]
    own = [home for home in homes if ":" in home]
    assert len(own) == len(set(own))
    assert len(set(homes)) < len(homes)
    assert not set(homes) & {person.home_ip for person in company.people[PEOPLE:]}


def test_an_own_address_ends_with_the_key_so_that_it_is_nobody_elses() -> None:
    keys = [0, 8, 2**44 + 8, 2**32]
    addresses = [int(IPv6Address(person.home_ip)) for person in humans(keys, home_ipv6=1.0)]
    assert [address % 2**64 for address in addresses] == [key + 1 for key in keys]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_shares_of_none_and_of_all_are_exact(share: float) -> None:
    people = humans(list(range(50)), home_ipv6=share, two_factor=share)
    assert all((":" in person.home_ip, person.two_factor) == (bool(share), bool(share)) for person in people)


def test_shares_are_the_profiles(company: Population) -> None:
    people = company.people[:PEOPLE]
    for computer, share in company.profile.computers.items():
        assert sum(person.computer == computer for person in people) / PEOPLE == pytest.approx(share, abs=0.05)
    assert sum(":" in person.home_ip for person in people) / PEOPLE == pytest.approx(0.45, abs=0.05)
    assert sum(person.two_factor for person in people) / PEOPLE == pytest.approx(0.6, abs=0.05)


def test_a_company_may_have_nobody() -> None:
    assert humans([]) == ()

"""Codes of clients and places stand for what the API tells of them, the same in every company with that person."""

import re
from datetime import date
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import numpy as np
import pytest

from simulator.careers import CONNECT, HUMAN, SERVICE, Staff
from simulator.clients import SLOTS, describe, pack
from simulator.company import Company
from simulator.directory import Directory
from simulator.places import (
    CLOUD_BASE,
    GUESTS,
    HOME_BASE,
    cloud_code,
    data_centre,
    home_code,
    hotel_address,
    hotel_code,
)
from simulator.population import build_population
from simulator.profile import Office, Place, Profile
from simulator.profile_file import load_profile
from simulator.records import upper_uuid

EXTENSION, DESKTOP, MOBILE, CLI, WEB, SECOND, SDK, SERVER = range(len(SLOTS))
TORONTO = Office("Canada", "CA", "Ontario", "Toronto", 43.6532, -79.3832, "America/Toronto", 0.6, "192.0.2.10")
BERLIN = Office("Germany", "DE", "Berlin", "Berlin", 52.52, 13.405, "Europe/Berlin", 0.4, "192.0.2.130")
PARIS = Place("France", "FR", "Ile-de-France", "Paris", 48.8566, 2.3522)
TOKYO = Place("Japan", "JP", "Tokyo", "Tokyo", 35.6762, 139.6503)
HUMANS = 40
RUNNER, CONNECTOR = HUMANS, HUMANS + 1


def directory_of(keys: list[int], machines: list[int], **figures: Any) -> Directory:
    blank: dict[str, Any] = dict.fromkeys(Profile.__struct_fields__)
    telling = {
        "computers": {"mac": 1.0, "windows": 0.0, "linux": 0.0},
        "home_ipv6": 0.5,
        "two_factor": 0.5,
        "offices": (TORONTO, BERLIN),
        "destinations": (PARIS, TOKYO),
        "release_days": 14,
    }
    rows = np.arange(len(keys), dtype=np.int64)
    kinds = np.array(machines, dtype=np.int64)
    staff = Staff(
        key=np.array(keys, dtype=np.int64), machine=kinds, role=rows * 0, office=rows % 2, hired=rows, left=rows + 9
    )
    return Directory(build_population(staff, 7, Profile(**(blank | telling | figures))))


@pytest.fixture(scope="module")
def directory() -> Directory:
    return directory_of([*range(HUMANS), 2**60, 2**60 + 1], [HUMAN] * HUMANS + [SERVICE, CONNECT])


def codes(*names: tuple[int, int, int, int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return pack(*np.array(names, dtype=np.int64).T)


def test_a_directory_knows_its_people_seed_and_profile(directory: Directory) -> None:
    assert [person.number for person in directory.people] == list(range(HUMANS + 2))
    assert (directory.seed, directory.profile.release_days) == (7, 14)


def test_a_client_moves_with_its_release_and_stays_on_its_machine(directory: Directory) -> None:
    before, after = (directory.client(pack(0, DESKTOP, 0, release)) for release in (10, 11))
    assert before.app_version < after.app_version
    assert (before.platform_name, before.platform_version) == (after.platform_name, after.platform_version)
    assert before.app_name == "1Password for Mac"


def test_a_client_is_one_that_is_described_for_the_persons_computer(directory: Directory) -> None:
    client = directory.client(pack(3, WEB, 0, 20))
    assert client in {describe("web", "mac", model, 20, "") for model in range(64)}


def test_versions_follow_the_profiles_days_between_releases() -> None:
    fast, slow = (directory_of([0], [HUMAN], release_days=days).client(pack(0, DESKTOP, 0, 20)) for days in (7, 28))
    assert fast.app_version == slow.app_version
    assert (fast.os_version, slow.os_version) == ("14.5", "15.5")


@pytest.mark.parametrize(
    ("computer", "pattern"),
    [("mac", "C02[0-9A-F]{9}"), ("windows", "DESKTOP-[0-9A-F]{7}"), ("linux", "ubuntu-[0-9a-f]{9}")],
)
def test_the_desktop_and_the_command_line_of_a_computer_say_the_same_host(computer: str, pattern: str) -> None:
    shares = {"mac": 0.0, "windows": 0.0, "linux": 0.0} | {computer: 1.0}
    found = directory_of([5], [HUMAN], computers=shares)
    names = {found.client(pack(0, slot, 0, 9)).platform_name for slot in (DESKTOP, CLI)}
    assert len(names) == 1
    assert re.fullmatch(pattern, names.pop())


def test_no_two_people_and_no_two_generations_have_the_same_host(directory: Directory) -> None:
    hosts = [
        directory.client(pack(person, DESKTOP, generation, 9)).platform_name
        for person in range(HUMANS)
        for generation in range(64)
    ]
    assert len(set(hosts)) == len(hosts)


def test_machines_run_where_their_names_say(directory: Directory) -> None:
    for slot in (SDK, CLI):
        assert directory.client(pack(RUNNER, slot, 0, 9)).platform_name.startswith("runner-")
    assert directory.client(pack(CONNECTOR, SERVER, 0, 9)).platform_name.startswith("onepassword-connect-")
    assert directory.client(pack(CONNECTOR, SERVER, 0, 9)).os_name == "Linux"


def test_people_differ_in_browsers_and_telephones(directory: Directory) -> None:
    for slot, least in ((EXTENSION, 3), (MOBILE, 5), (SECOND, 3)):
        assert len({directory.client(pack(person, slot, 0, 9)).platform_name for person in range(HUMANS)}) >= least


def test_the_extension_and_the_web_share_a_browser_that_a_second_computer_need_not_have(directory: Directory) -> None:
    browsers = [
        [directory.client(pack(person, slot, 0, 9)).platform_name.split()[0] for slot in (EXTENSION, WEB, SECOND)]
        for person in range(HUMANS)
    ]
    assert all(web == ("Chrome" if extension == "Brave" else extension) for extension, web, _ in browsers)
    assert any(extension != second for extension, _, second in browsers)


def test_an_office_is_itself_at_its_own_address(directory: Directory) -> None:
    place, address = directory.place(0)
    assert type(place) is Place
    assert (place.country, place.country_code, place.region, place.city) == ("Canada", "CA", "Ontario", "Toronto")
    assert (place.latitude, place.longitude, address) == (43.6532, -79.3832, "192.0.2.10")
    assert directory.place(1)[1] == "192.0.2.130"


def test_a_hotel_is_at_its_destination(directory: Directory) -> None:
    assert hotel_code(2, 0, 0) == 2
    assert hotel_code(2, 1, 5) == 2 + GUESTS + 5
    assert directory.place(2)[0] == directory.place(2 + GUESTS - 1)[0] == PARIS
    assert directory.place(2 + GUESTS)[0] == TOKYO
    with pytest.raises(IndexError):
        directory.place(2 + 2 * GUESTS)


def test_hotels_share_some_addresses_and_none_with_homes_offices_and_data_centres(directory: Directory) -> None:
    hotels = [directory.place(hotel_code(2, town, guest))[1] for town in (0, 1) for guest in range(GUESTS)]
    own = [address for address in hotels if ":" in address]
    assert len(own) == len(set(own)) == GUESTS
    assert len(set(hotels)) - len(set(own)) == 61  # of 192.0.2.128/26 without an office's
    others = {address for _, address in map(directory.place, (0, 1))}
    others |= {directory.place(home_code(person))[1] for person in range(HUMANS)}
    others |= {directory.place(cloud_code(person))[1] for person in (RUNNER, CONNECTOR)}
    assert not set(hotels) & others


def test_guests_take_turns_in_the_shared_addresses() -> None:
    assert [hotel_address(0, guest, ("A", "B")) for guest in (0, 2, 4)] == ["A", "B", "A"]


def test_every_address_is_reserved_for_documentation(directory: Directory) -> None:
    nets = [ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
    places = [0, 1, *range(2, 2 + 2 * GUESTS, 97)]
    places += [base + person for base in (HOME_BASE, CLOUD_BASE) for person in range(HUMANS + 2)]
    for code in places:
        address = directory.place(code)[1]
        assert any(ip_address(address) in net for net in nets)
        assert str(ip_address(address)) == address


def test_a_home_is_in_the_offices_town_but_not_at_the_office(directory: Directory) -> None:
    spots = set()
    for person in directory.people[:HUMANS]:
        home, address = directory.place(home_code(person.number))
        office, _ = directory.place(person.office)
        assert (home.city, home.region, home.country_code) == (office.city, office.region, office.country_code)
        assert 0 < abs(home.latitude - office.latitude) <= 0.1201
        assert 0 < abs(home.longitude - office.longitude) <= 0.1201
        assert address == person.home_ip
        spots.add((home.latitude, home.longitude))
    assert len(spots) == HUMANS


def test_coordinates_have_four_decimals_and_stay_on_the_globe() -> None:
    pole = Office("Somewhere", "AQ", "Pole", "Pole", 90.0, 180.0, "UTC", 1.0, "192.0.2.1")
    found = directory_of(list(range(30)), [HUMAN] * 30, offices=(pole, pole))
    for person in range(30):
        home, _ = found.place(home_code(person))
        assert (home.latitude, home.longitude) == (round(home.latitude, 4), round(home.longitude, 4))
        assert home.latitude <= 90
        assert home.longitude <= 180


def test_machines_are_in_the_nearest_data_centre(directory: Directory) -> None:
    towns = [directory.place(cloud_code(machine))[0].city for machine in (RUNNER, CONNECTOR)]
    assert towns == ["Ashburn", "Frankfurt am Main"]
    assert data_centre(Place("Fiji", "FJ", "Rewa", "Suva", -18.1416, -179.5)).city == "Melbourne"  # over the date line
    assert directory.place(cloud_code(RUNNER))[1] == directory.people[RUNNER].home_ip


def test_person_words_are_the_peoples_identifiers(directory: Directory) -> None:
    high, low = directory.person_words(np.array([3, 0]))
    named = [upper_uuid(*pair) for pair in zip(high.tolist(), low.tolist(), strict=True)]
    assert named == [directory.people[3].uuid, directory.people[0].uuid]


def test_a_device_is_the_same_after_an_update_and_another_after_a_replacement(directory: Directory) -> None:
    high, low = directory.device_words(
        codes((0, MOBILE, 0, 9), (0, MOBILE, 0, -1), (0, MOBILE, 1, 9), (0, WEB, 0, 9), (1, MOBILE, 0, 9))
    )
    devices = list(zip(high.tolist(), low.tolist(), strict=True))
    assert devices[0] == devices[1]
    assert len(set(devices)) == 4


def test_people_have_the_same_devices_clients_and_homes_in_another_row(directory: Directory) -> None:
    moved = directory_of([900, 901, 4, 903], [HUMAN] * 4)
    for slot in range(len(SLOTS)):
        here, there = pack(4, slot, 2, 30), pack(2, slot, 2, 30)
        assert directory.client(here) == moved.client(there)
        assert [w.tolist() for w in directory.device_words(codes((4, slot, 2, 30)))] == [
            w.tolist() for w in moved.device_words(codes((2, slot, 2, 30)))
        ]
    assert directory.place(home_code(4)) == moved.place(home_code(2))


def test_codes_may_be_numpy_integers(directory: Directory) -> None:
    column: Any = np.array([0, 7, home_code(3), cloud_code(RUNNER)], dtype=np.int64)
    assert [directory.place(code) for code in column] == [directory.place(code) for code in column.tolist()]
    laptop: Any = codes((0, DESKTOP, 5, 9))[0]
    assert directory.client(laptop) == directory.client(pack(0, DESKTOP, 5, 9))


def test_homes_of_ipv6_lie_apart_from_hotels_of_ipv6(directory: Directory) -> None:
    homes = [person.home_ip for person in directory.people if ":" in person.home_ip]
    assert homes
    assert all(IPv6Address(home) in ip_network("2001:db8::/34") for home in homes)
    assert IPv6Address(directory.place(hotel_code(2, 1, 4095))[1]) in ip_network("2001:db8:8000::/34")


def test_an_address_is_in_one_place() -> None:
    profile = load_profile("midsize-1000")
    company = Company(1_500, 30, 7, date(2026, 1, 5), profile).world().directory
    codes = [HOME_BASE + person.number for person in company.people if not person.machine]
    codes += [CLOUD_BASE + person.number for person in company.people if person.machine]
    offices = len(profile.offices)
    codes += [hotel_code(offices, at, guest) for at in range(len(profile.destinations)) for guest in range(40)]
    cities: dict[str, set[str]] = {}
    for place, ip in map(company.place, codes):
        cities.setdefault(ip, set()).add(place.city)
    assert {len(seen) for seen in cities.values()} == {1}

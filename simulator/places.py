"""Where people use their clients: codes of places, and the addresses that are seen there.

All addresses are reserved for documentation. Homes have IPv6 in 2001:db8::/34 or share the IPv4 addresses of
198.51.100.0/24 and 203.0.113.0/24, as behind a carrier's NAT; hotels have 2001:db8:8000::/34 and 192.0.2.128/26; data
centres 192.0.2.192/26. An IPv4 address that is an office's is nobody else's.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address
from typing import Final, TypeVar

import numpy as np

from simulator.draws import Floats, Ints, Words, stream, uniform, words
from simulator.profile import Office, Place, Profile

GUESTS: Final = 4096
"""Guests of a destination's hotels are numbered below this."""

HOME_BASE: Final = 2**32
CLOUD_BASE: Final = 2**40

DATA_CENTRES: Final = (
    Place("United States", "US", "Virginia", "Ashburn", 39.0438, -77.4874),
    Place("United States", "US", "Oregon", "Boardman", 45.8399, -119.7006),
    Place("Ireland", "IE", "Leinster", "Dublin", 53.3498, -6.2603),
    Place("Germany", "DE", "Hesse", "Frankfurt am Main", 50.1109, 8.6821),
    Place("Singapore", "SG", "Singapore", "Singapore", 1.3521, 103.8198),
    Place("Australia", "AU", "Victoria", "Melbourne", -37.8136, 144.9631),
)
"""Where machines run; towns with many data centres (assumption)."""

_HOMES_V4: Final = ("198.51.100.0/24", "203.0.113.0/24")  # RFC 5737
_HOTELS_V4: Final = ("192.0.2.128/26",)
_CLOUD_V4: Final = ("192.0.2.192/26",)
_HOMES_V6: Final = int(IPv6Address("2001:db8::"))  # RFC 3849
_HOTELS_V6: Final = int(IPv6Address("2001:db8:8000::"))
_SUBNETS: Final = 2**30  # of /64 in a /34
_NEARBY: Final = 0.12  # degrees between an office and a home, at most, some 13 km (assumption)

Codes = TypeVar("Codes", int, Ints)


def hotel_code(offices: int, destination: Codes, guest: Codes) -> Codes:
    """Return the code of *guest*, below `GUESTS`, of the hotels at a row of the profile's destinations.

    Codes below *offices*, how many there are, are the offices themselves.
    """
    return offices + destination * GUESTS + guest


def home_code(person: Codes) -> Codes:
    """Return the code of the home of a row of the population."""
    return HOME_BASE + person


def cloud_code(person: Codes) -> Codes:
    """Return the code of the data centre where a row of the population, a machine, runs."""
    return CLOUD_BASE + person


def home_addresses(keys: Ints, office: Ints, seed: int, profile: Profile) -> list[str]:
    """Return the address at home of each person, named by its key: IPv6 and its own, or IPv4 and shared.

    Only people of one *office*, a row of the profile's, share an address: an address is in one place.
    """
    has_ipv6 = uniform(words(stream(seed, "network"), keys)) < profile.home_ipv6
    bits = words(stream(seed, "home"), keys)
    pools = _apart(shared(_HOMES_V4, profile.offices), len(profile.offices))
    rows = zip(has_ipv6.tolist(), bits.tolist(), keys.tolist(), (pools[at] for at in office.tolist()), strict=True)
    return [_subnet(_HOMES_V6, at % _SUBNETS, key + 1) if own else pool[at % len(pool)] for own, at, key, pool in rows]


def cloud_addresses(keys: Ints, office: Ints, seed: int, profile: Profile) -> list[str]:
    """Return the address from which each machine of an *office*, named by its key, is seen: one of its data centre."""
    pools = _apart(shared(_CLOUD_V4, profile.offices), len(DATA_CENTRES))
    centres = [DATA_CENTRES.index(data_centre(each)) for each in profile.offices]
    bits = words(stream(seed, "cloud"), keys).tolist()
    near_by = (pools[centres[at]] for at in office.tolist())
    return [pool[at % len(pool)] for at, pool in zip(bits, near_by, strict=True)]


def hotel_addresses(profile: Profile) -> list[Sequence[str]]:
    """Return for each destination the IPv4 addresses that its guests share."""
    return _apart(shared(_HOTELS_V4, profile.offices), len(profile.destinations))


def _apart(pool: Sequence[str], places: int) -> list[Sequence[str]]:
    """Return addresses of its own for each of *places*; where there are too few, several places share one."""
    return [pool[at % len(pool) :: max(1, min(places, len(pool)))] for at in range(places)]


def hotel_address(destination: int, guest: int, pool: Sequence[str]) -> str:
    """Return a guest's address: every second one shares the IPv4 addresses of *pool* (assumption).

    >>> hotel_address(0, 3, ("192.0.2.129",))
    '2001:db8:8000:3::1'
    """
    number = destination * GUESTS + guest
    return _subnet(_HOTELS_V6, number, 1) if guest % 2 else pool[guest // 2 % len(pool)]


def shared(networks: Sequence[str], offices: Sequence[Office]) -> tuple[str, ...]:
    """Return the hosts of IPv4 *networks* that are no office's."""
    taken = {office.ip for office in offices}
    return tuple(str(host) for net in networks for host in IPv4Network(net).hosts() if str(host) not in taken)


def town(place: Place) -> Place:
    """Return *place*, which may be an office, as no more than a place."""
    return Place(place.country, place.country_code, place.region, place.city, place.latitude, place.longitude)


def nearby(latitude: Floats, longitude: Floats, bits: Words) -> tuple[Floats, Floats]:
    """Return coordinates a few kilometres away, as 64 random *bits* for each say, to four decimals.

    >>> nearby(np.array([1.0]), np.array([2.0]), np.array([1 << 15], dtype=np.uint64))
    (array([1.]), array([1.88]))
    """
    north, east = (((bits >> np.uint64(shift)) % np.uint64(2**16) / 2**15 - 1) * _NEARBY for shift in (0, 16))
    return (latitude + north).clip(-90, 90).round(4), (longitude + east).clip(-180, 180).round(4)


def data_centre(office: Place) -> Place:
    """Return the data centre that machines of *office* run in: the nearest, as far as degrees tell.

    >>> data_centre(DATA_CENTRES[2]).city
    'Dublin'
    """
    return min(DATA_CENTRES, key=lambda centre: _degrees(office, centre))


def _degrees(one: Place, other: Place) -> float:
    east = abs(one.longitude - other.longitude)
    return (one.latitude - other.latitude) ** 2 + min(east, 360 - east) ** 2


def _subnet(network: int, number: int, host: int) -> str:
    return str(IPv6Address(network + (number << 64) + host))

"""What the codes in columns stand for: the people, clients and places of a population."""

import numpy as np

from simulator.clients import CLI, CONNECT, DESKTOP, MOBILE, SDK, SECOND, SLOTS, Client, describe, model_of, unpack
from simulator.draws import Floats, Ints, Words, stream, words
from simulator.places import (
    CLOUD_BASE,
    GUESTS,
    HOME_BASE,
    data_centre,
    hotel_address,
    hotel_addresses,
    nearby,
    town,
)
from simulator.population import Person, Population
from simulator.profile import Place

_HARDWARE = tuple({MOBILE: 1, SECOND: 2}.get(slot, 0) for slot in range(len(SLOTS)))  # what a slot runs on
_HOSTED = frozenset((DESKTOP, CLI, SDK, CONNECT))  # slots whose client says its host's name


class Directory:
    """Looks up what is fixed about people, clients and places; holds nothing that grows with use."""

    def __init__(self, population: Population) -> None:
        self.people = population.people
        self.seed = population.seed
        self.profile = profile = population.profile
        self._keys = np.array([person.key for person in self.people], dtype=np.int64)
        self._hardware = words(stream(self.seed, "hardware"), self._keys[:, None], np.arange(3))
        self._hosts = words(stream(self.seed, "host"), self._keys)
        self._offices = [(town(office), office.ip) for office in profile.offices]
        self._homes = self._homes_near_offices()
        self._clouds = [data_centre(office) for office in profile.offices]
        self._cloud_addresses = [person.home_ip for person in self.people]
        self._hotel_addresses = hotel_addresses(profile)

    def client(self, code: int) -> Client:
        """Return the client of a code of `clients.pack`, as the API describes it."""
        number, slot, generation, release = unpack(int(code))
        person = self.people[number]
        model = model_of(slot, int(self._hardware[number, _HARDWARE[slot]]), generation)
        host = _host(person, int(self._hosts[number]), generation) if slot in _HOSTED else ""
        return describe(SLOTS[slot], person.computer, model, release, host, self.profile.release_days)

    def place(self, code: int) -> tuple[Place, str]:
        """Return a place and the address it is seen from, of a code of `places`: an office's, hotel's, home's ..."""
        if code >= CLOUD_BASE:
            number = int(code) - CLOUD_BASE
            return self._clouds[self.people[number].office], self._cloud_addresses[number]
        if code >= HOME_BASE:
            person = self.people[int(code) - HOME_BASE]
            office, _ = self._offices[person.office]
            latitude, longitude = (degrees.item(person.number) for degrees in self._homes)
            home = Place(office.country, office.country_code, office.region, office.city, latitude, longitude)
            return home, person.home_ip
        if code < len(self._offices):
            return self._offices[code]
        destination, guest = divmod(int(code) - len(self._offices), GUESTS)
        return self.profile.destinations[destination], hotel_address(
            destination, guest, self._hotel_addresses[destination]
        )

    def device_words(self, codes: Ints) -> tuple[Words, Words]:
        """Return the identifiers of the devices of *codes* of `clients.pack`: a release more is the same device."""
        number, slot, generation, _ = unpack(codes)
        return self._words("device", self._keys[number], slot, generation)

    def person_words(self, numbers: Ints) -> tuple[Words, Words]:
        """Return the identifiers of people, `Person.uuid`, by their rows *numbers*."""
        return self._words("person", self._keys[numbers])

    def _homes_near_offices(self) -> tuple[Floats, Floats]:
        office = np.array([person.office for person in self.people], dtype=np.int64)
        latitude, longitude = np.array([(place.latitude, place.longitude) for place, _ in self._offices]).T
        return nearby(latitude[office], longitude[office], words(stream(self.seed, "home place"), self._keys))

    def _words(self, name: str, *counters: Ints) -> tuple[Words, Words]:
        high, low = (words(stream(self.seed, f"{name} {half}"), *counters) for half in ("high", "low"))
        return high, low


def _host(person: Person, bits: int, generation: int) -> str:
    """Return the name of a person's computer, another for each *generation*, in the form its system proposes."""
    digits = f"{bits * (2 * generation + 1) % 16**9:09x}"  # an odd factor keeps names apart
    match person.machine, person.computer:
        case "service", _:
            return f"runner-{digits}"
        case "connect", _:
            return f"onepassword-connect-{digits}"
        case _, "mac":
            return f"C02{digits.upper()}"  # a serial number, as seen in real records
        case _, "windows":
            return f"DESKTOP-{digits[-7:].upper()}"
        case _:
            return f"ubuntu-{digits}"

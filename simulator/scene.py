"""What the records of a session repeat: who, on what, from where; encoded once and kept while there is room."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from msgspec import json

from simulator.activity import Sessions
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.identifiers import LOWER, UUID, session_words, write_uuids
from simulator.lines import Form, Texts, texts
from simulator.timestamps import TIME, write_times

_KEPT = 2**16  # texts kept of a kind, at most: some 40 MB of the longest
_LOGIN = Form(b',"session":{"uuid":"', ("uuid", UUID), b'","login_time":"', ("time", TIME))
_DEVICE = Form(b'Z","device_uuid":"', ("uuid", UUID))
_K = TypeVar("_K")


class _Kept(dict[_K, bytes]):
    """Texts by what they are made of, made when first asked for; all are let go when there are too many."""

    def __init__(self, make: Callable[[_K], bytes]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: _K) -> bytes:
        if len(self) >= _KEPT:
            self.clear()
        return self.setdefault(key, self._make(key))


@dataclass(frozen=True, slots=True)
class Scene:
    """Texts for each session, by its row; None for sessions that were not asked for.

    *tails* end an item usage and a sign-in with user, client and location; *actors* are an audit event's
    ``actor_uuid`` and ``actor_details``, *ends* its ``session`` and location; *countries* two-letter codes.
    """

    tails: Texts
    actors: Texts
    ends: Texts
    countries: Texts


class Scenery:
    """Makes scenes; the same people meet in every block, so their texts are kept from one to the next."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.users = _Kept(self._user)
        self._actors = _Kept(self._actor)
        self._ips = _Kept(self._ip)
        self._locations = _Kept(self._location)
        self._countries = _Kept(self._country)
        self._exits = _Kept(self._exit)
        self._tails = _Kept(self._tail)

    def scene(self, sessions: Sessions, used: Ints) -> Scene:
        """Return the scene of the rows *used* of *sessions*."""
        held = sessions.where(used)
        people, clients, places = held.person.tolist(), held.client.tolist(), held.place.tolist()
        columns = (
            map(self._tails.__getitem__, zip(people, clients, places, strict=True)),
            map(self._actors.__getitem__, people),
            self._ends(held, places),
            map(self._countries.__getitem__, places),
        )
        return Scene(*(_spread(texts(column), used, len(sessions.key)) for column in columns))

    def _ends(self, held: Sessions, places: list[int]) -> list[bytes]:
        rows = np.arange(len(places))
        logins = _LOGIN.blank(len(rows))
        write_uuids(logins["uuid"], *session_words(self._directory.seed, held, rows, np.zeros_like(rows)))
        write_times(logins["time"], held.start)
        devices = _DEVICE.blank(len(rows))
        write_uuids(devices["uuid"], *self._directory.device_words(held.client), LOWER)
        parts = (_LOGIN.texts(logins).tolist(), _DEVICE.texts(devices).tolist(), map(self._exits.__getitem__, places))
        return list(map(b"".join, zip(*parts, strict=True)))

    def _user(self, row: int) -> bytes:
        person = self._directory.people[row]
        return json.encode({"uuid": person.uuid, "name": person.name, "email": person.email})

    def _actor(self, row: int) -> bytes:
        uuid = json.encode(self._directory.people[row].uuid)
        return b'Z","actor_uuid":%b,"actor_details":%b,"action":"' % (uuid, self.users[row])

    def _ip(self, code: int) -> bytes:
        return json.encode(self._directory.place(code)[1])

    def _country(self, code: int) -> bytes:
        return self._directory.place(code)[0].country_code.encode()

    def _location(self, code: int) -> bytes:
        place, _ = self._directory.place(code)
        return json.encode(
            {
                "country": place.country,
                "region": place.region,
                "city": place.city,
                "latitude": place.latitude,
                "longitude": place.longitude,
            }
        )

    def _exit(self, code: int) -> bytes:
        return b'","ip":%b},"location":%b}\n' % (self._ips[code], self._locations[code])

    def _tail(self, key: tuple[int, int, int]) -> bytes:
        person, client, place = key
        app = json.encode(self._directory.client(client))[:-1]
        return b'%b,"client":%b,"ip_address":%b},"location":%b}\n' % (
            self.users[person],
            app,
            self._ips[place],
            self._locations[place],
        )


def _spread(values: Texts, rows: Ints, size: int) -> Texts:
    column = np.empty(size, dtype=object)
    column[rows] = values
    return column

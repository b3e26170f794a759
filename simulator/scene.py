"""What the records of a session repeat: who, on what, from where; encoded once and kept while there is room."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import add

import numpy as np
from msgspec import json

from simulator.activity import Sessions
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.identifiers import LOWER, UUID, session_words, write_uuids
from simulator.lines import Form, Texts
from simulator.timestamps import TIME, write_times

_KEPT = 2**17  # texts kept of a kind, at most: some 30 MB
_LOGIN = Form(b',"session":{"uuid":"', ("uuid", UUID), b'","login_time":"', ("time", TIME))
_DEVICE = Form(b'Z","device_uuid":"', ("uuid", UUID), b'","ip":')


class _Kept(dict[int, bytes]):
    """Texts by code or row, made when first asked for; all are let go when there are too many."""

    def __init__(self, make: Callable[[int], bytes]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: int) -> bytes:
        if len(self) >= _KEPT:
            self.clear()
        return self.setdefault(key, self._make(key))


@dataclass(frozen=True, slots=True)
class Scene:
    """Texts for each session, by its row; None for sessions that were not asked for.

    *users* are ``{uuid, name, email}``; *clients* a ``client`` up to the address; *exits* an address and all that
    follows; *countries* two-letter codes; *actors* an audit event's ``actor_uuid`` and ``actor_details``, *logins* its
    ``session`` up to the address.
    """

    users: Texts
    clients: Texts
    exits: Texts
    countries: Texts
    actors: Texts
    logins: Texts


class Scenery:
    """Makes scenes; the same people meet in every block, so their texts are kept from one to the next."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.users = _Kept(self._user)
        self._actors = _Kept(self._actor)
        self._clients = _Kept(self._client)
        self._exits = _Kept(self._exit)
        self._countries = _Kept(self._country)

    def scene(self, sessions: Sessions, used: Ints, audited: Ints) -> Scene:
        """Return the scene of the rows *used* of *sessions*, those with audit events being *audited*."""
        people, places = sessions.person[used].tolist(), sessions.place[used].tolist()
        size = len(sessions.key)
        return Scene(
            users=_spread(map(self.users.__getitem__, people), used, size),
            clients=_spread(map(self._clients.__getitem__, sessions.client[used].tolist()), used, size),
            exits=_spread(map(self._exits.__getitem__, places), used, size),
            countries=_spread(map(self._countries.__getitem__, places), used, size),
            actors=_spread(map(self._actors.__getitem__, sessions.person[audited].tolist()), audited, size),
            logins=_spread(self._logins(sessions.where(audited)), audited, size),
        )

    def _logins(self, held: Sessions) -> Iterator[bytes]:
        rows = np.arange(len(held.key))
        logins, devices = _LOGIN.blank(len(rows)), _DEVICE.blank(len(rows))
        write_uuids(logins["uuid"], *session_words(self._directory.seed, held, rows, np.zeros_like(rows)))
        write_times(logins["time"], held.start)
        write_uuids(devices["uuid"], *self._directory.device_words(held.client), LOWER)
        return map(add, _LOGIN.texts(logins).tolist(), _DEVICE.texts(devices).tolist())

    def _user(self, row: int) -> bytes:
        person = self._directory.people[row]
        return json.encode({"uuid": person.uuid, "name": person.name, "email": person.email})

    def _actor(self, row: int) -> bytes:
        uuid = json.encode(self._directory.people[row].uuid)
        return b'Z","actor_uuid":%b,"actor_details":%b,"action":"' % (uuid, self.users[row])

    def _client(self, code: int) -> bytes:
        return b',"client":%b,"ip_address":' % json.encode(self._directory.client(code))[:-1]

    def _exit(self, code: int) -> bytes:
        place, ip = self._directory.place(code)
        location = {
            "country": place.country,
            "region": place.region,
            "city": place.city,
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
        return b'%b},"location":%b}\n' % (json.encode(ip), json.encode(location))

    def _country(self, code: int) -> bytes:
        return self._directory.place(code)[0].country_code.encode()


def _spread(values: Iterable[bytes], rows: Ints, size: int) -> Texts:
    column = np.empty(size, dtype=object)
    column[rows] = list(values)
    return column

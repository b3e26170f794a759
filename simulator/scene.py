"""What all records of a session repeat, made once: who, on what, from where."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from msgspec import Raw, json, to_builtins

from simulator import records
from simulator.clients import Client
from simulator.devices import Device
from simulator.identifiers import event_uuids
from simulator.population import Person, Population
from simulator.profile import Office
from simulator.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Scene:
    """Sessions as their records show them: a list each, an element for each session."""

    held: Sessions
    people: Sequence[Person]
    users: Sequence[Raw]
    clients: Sequence[Raw]
    places: Sequence[Raw]
    sessions: Sequence[Raw]
    uuids: Sequence[str]
    devices: Sequence[Device]


def scene_of(population: Population, devices: Sequence[Device], held: Sessions) -> Scene:
    """Return the scene of the sessions *held*; *devices* are all of the company's, in order."""
    people = [population.people[person] for person in held.person.tolist()]
    used = [devices[device] for device in held.device.tolist()]
    homes = zip(people, held.at_home.tolist(), strict=True)
    ips = [person.home_ip if at_home else person.office.ip for person, at_home in homes]
    rows = np.arange(len(people))
    uuids = event_uuids(population.seed, "session", held, rows, np.zeros_like(rows))
    logins = zip(uuids, held.start.tolist(), used, ips, strict=True)
    user, place, client = cache(_user), cache(_place), cache(_client)
    return Scene(
        held=held,
        people=people,
        users=[user(person.uuid, person.name, person.email) for person in people],
        clients=[client(device.client, ip) for device, ip in zip(used, ips, strict=True)],
        places=[place(person.office) for person in people],
        sessions=[
            _raw(records.session(uuid=uuid, login_time=start, device_uuid=device.uuid, ip=ip))
            for uuid, start, device, ip in logins
        ],
        uuids=uuids,
        devices=used,
    )


def _user(uuid: str, name: str, email: str) -> Raw:
    return _raw({"uuid": uuid, "name": name, "email": email})


def _client(client: Client, ip: str) -> Raw:
    return _raw(to_builtins(client) | {"ip_address": ip})


def _place(office: Office) -> Raw:
    return _raw(
        {
            "country": office.country,
            "region": office.region,
            "city": office.city,
            "latitude": office.latitude,
            "longitude": office.longitude,
        }
    )


def _raw(part: dict[str, object]) -> Raw:
    return Raw(json.encode(part))

"""The devices people sign in from: a computer's apps, a telephone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simulator.clients import (
    COMMAND_LINE,
    DESKTOP,
    EXTENSION,
    HOST,
    KINDS,
    MACHINES,
    MOBILE,
    PHONES,
    WEB,
    Client,
    Machine,
)
from simulator.draws import choose, cumulative, stream, uniform, words
from simulator.profile import Profile, Role
from simulator.records import lower_uuid

MOST_DEVICES = 3
"""Devices a person has at most."""

_PREFERENCE = (EXTENSION, COMMAND_LINE, DESKTOP, MOBILE, WEB)


@dataclass(frozen=True, slots=True)
class Device:
    """A client registered with the account, as 1Password registers one for each app installed."""

    uuid: str
    kind: str
    client: Client


def build_devices(roles: list[Role], seed: int, profile: Profile) -> list[tuple[Device, ...]]:
    """Return 1 to `MOST_DEVICES` devices for each person, whose roles are *roles*.

    Everybody has the browser extension; the other kinds are owned as often as *profile* says.
    """
    numbers = np.arange(len(roles))
    makes = choose(cumulative([make.share for make in MACHINES]), uniform(words(stream(seed, "make"), numbers)))
    phones = choose(cumulative([1.0] * len(PHONES)), uniform(words(stream(seed, "phone"), numbers)))
    luck = uniform(words(stream(seed, "owns"), numbers[:, None], np.arange(len(KINDS)))).tolist()
    high, low = (
        words(stream(seed, f"device {half}"), numbers[:, None], np.arange(len(KINDS))).tolist()
        for half in ("high", "low")
    )
    owned = []
    for person, role in enumerate(roles):
        machine, phone = MACHINES[makes[person]], PHONES[phones[person]]
        kinds = list(_owned_kinds(role, luck[person], profile))[:MOST_DEVICES]
        host = lower_uuid(high[person][0], low[person][0])[:10].upper()
        owned.append(
            tuple(
                Device(lower_uuid(high[person][k], low[person][k]), kind, _client(kind, machine, phone, host))
                for k, kind in enumerate(kinds)
            )
        )
    return owned


def _owned_kinds(role: Role, luck: list[float], profile: Profile) -> Iterator[str]:
    chances = {
        EXTENSION: 1.0,
        COMMAND_LINE: role.command_line,
        DESKTOP: profile.desktop,
        MOBILE: profile.mobile,
        WEB: profile.web,
    }
    return (kind for kind, drawn in zip(_PREFERENCE, luck, strict=True) if drawn < chances[kind])


def _client(kind: str, machine: Machine, phone: Client, host: str) -> Client:
    client = {
        EXTENSION: machine.extension,
        DESKTOP: machine.desktop,
        COMMAND_LINE: machine.cli,
        WEB: machine.web,
        MOBILE: phone,
    }[kind]
    return replace(client, platform_name=host) if client.platform_name == HOST else client

"""The benchmarks' events: item usages of a steady company as lines, exactly as the API returns them."""

import math
import random
from collections.abc import Iterator
from typing import Final

from simulator.records import encode, item_usage, upper_uuid

ACTIONS: Final = {
    "fill": 50,
    "reveal": 20,
    "secure-copy": 12,
    "enter-item-edit-mode": 5,
    "server-fetch": 3,
    "select-sso-provider": 4,
    "share": 2,
    "server-update": 2,
    "server-create": 1,
    "export": 1,
}
"""How often each action occurs among 100 (assumption: no published split exists)."""

START: Final = 1_767_571_200_000_000_000
"""2026-01-05T00:00:00Z in nanoseconds since the epoch."""
_DAY: Final = 86_400_000_000_000
_CLIENT: Final = {
    "app_name": "1Password Browser Extension",
    "app_version": "20195",
    "platform_name": "Chrome",
    "platform_version": "120.0.6099.71",
    "os_name": "MacOSX",
    "os_version": "14.1.2",
    "ip_address": "192.0.2.17",
}
_LOCATION: Final = {
    "country": "Canada",
    "region": "Ontario",
    "city": "Toronto",
    "latitude": 43.6532,
    "longitude": -79.3832,
}


def lines(events: int, people: int, days: int = 30, seed: int = 1) -> Iterator[bytes]:
    """So many item usages of so many people, in order of time; people's rates are log-normal (sigma 1)."""
    draw = random.Random(seed)
    weights = [math.exp(draw.gauss(0, 1)) for _ in range(people)]
    who = draw.choices(range(people), weights, k=events)
    what = draw.choices(list(ACTIONS), list(ACTIONS.values()), k=events)
    step = days * _DAY // events
    for number, (person, action) in enumerate(zip(who, what, strict=True)):
        yield encode(
            item_usage(
                uuid=upper_uuid(number * 0x9E3779B97F4A7C15 % 2**64, number),
                timestamp=START + number * step + draw.randrange(step),
                used_version=3,
                vault_uuid="hdg375m3gtqufp6vixqs5n2kdf",
                item_uuid="ehvrfxfohe2kdfhq6iuthruihe",
                action=action,
                user={
                    "uuid": upper_uuid(person, person),
                    "name": f"Person {person}",
                    "email": f"person.{person}@example.com",
                },
                client=_CLIENT,
                location=_LOCATION,
            )
        ).rstrip(b"\n")

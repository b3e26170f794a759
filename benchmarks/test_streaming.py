"""The streaming engine against its limits: a bare dict on decoded events, a bare decode on NDJSON.

Ratios in one process, the two sides in turn, on one pinned core, by processor time, medians.
"""

from datetime import datetime

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.interleaved import ratio
from benchmarks.workload import lines
from detector.event import Event
from detector.instant import DAY
from detector.reading import BATCH
from detector.rules import shipped_rule
from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine

EVENTS = 400_000
PART = 400


class User(msgspec.Struct):
    uuid: str
    name: str
    email: str


class Client(msgspec.Struct):
    app_name: str
    app_version: str
    platform_name: str
    platform_version: str
    os_name: str
    os_version: str
    ip_address: str


class Location(msgspec.Struct):
    country: str
    region: str
    city: str
    latitude: float
    longitude: float


class ItemUsage(msgspec.Struct):
    """The documented record, each field with its type: what a bare typed decode makes of a line."""

    uuid: str
    timestamp: datetime
    used_version: int
    vault_uuid: str
    item_uuid: str
    action: str
    user: User
    client: Client
    location: Location


class Email(msgspec.Struct):
    email: str


class ThreeColumns(msgspec.Struct):
    """The least that the rule could do with: the narrowest typed decode."""

    timestamp: str
    action: str
    user: Email


@pytest.fixture(scope="module", params=[400, 2_000], ids=lambda people: f"{people} people")
def stream(request: pytest.FixtureRequest) -> list[bytes]:
    return list(lines(EVENTS, request.param))


def select(stream: list[bytes]) -> list[list[Event]]:
    """Decoded events in the parts in which the reader hands them over."""
    selector = Selector(shipped_rule())
    parts = [selector.select_usages(stream[start : start + PART]) for start in range(0, EVENTS, PART)]
    assert None not in parts
    return [part for part in parts if part is not None]


def decide(parts: list[list[Event]]) -> int:
    """Matches that the engine finds over the memory store, with commits as `detect` makes them."""
    engine, matches = StreamingEngine(shipped_rule(), MemoryStore()), 0
    for number, part in enumerate(parts, 1):
        matches += len(engine.decide(part))
        if number % (BATCH // PART) == 0:
            engine.commit()
    engine.commit()
    return matches


def from_ndjson(stream: list[bytes]) -> int:
    """From lines to matches, part by part."""
    selector, engine, matches = Selector(shipped_rule()), StreamingEngine(shipped_rule(), MemoryStore()), 0
    for start in range(0, EVENTS, PART):
        events = selector.select_usages(stream[start : start + PART])
        assert events is not None
        matches += len(engine.decide(events))
        if (start + PART) % BATCH == 0:
            engine.commit()
    engine.commit()
    return matches


def bare_dict(parts: list[list[Event]]) -> int:
    """The same rule in the fewest words: no store, no knobs, no keys but one, the count of matches."""
    last: dict[tuple[str, str], int] = {}
    forget_after, learned, matches = 28 * DAY, parts[0][0].timestamp + 7 * DAY, 0
    for part in parts:
        for event in part:
            key = (event.group, event.values[0])
            t, seen = event.timestamp, last.get(key)
            if t >= learned and (seen is None or t - seen >= forget_after):
                matches += 1
            last[key] = t
    return matches


def test_decides_a_quarter_as_many_events_as_a_bare_dict(benchmark: BenchmarkFixture, stream: list[bytes]) -> None:
    parts = select(stream)
    assert decide(parts) == bare_dict(parts)
    reached = ratio(lambda: bare_dict(parts), lambda: decide(parts))
    benchmark.extra_info |= {"of_bare_dict": reached, "events": EVENTS}
    benchmark.pedantic(decide, (parts,), rounds=3)  # type: ignore[no-untyped-call]
    print(f"\nengine on decoded events: {reached:.2f} of a bare dict loop")
    assert reached >= 0.25


def test_from_ndjson_keeps_three_tenths_of_a_typed_decode(benchmark: BenchmarkFixture, stream: list[bytes]) -> None:
    full, narrow = msgspec.json.Decoder(ItemUsage).decode, msgspec.json.Decoder(ThreeColumns).decode
    reached = ratio(lambda: [None for line in stream if full(line) is None], lambda: from_ndjson(stream))
    narrowest = ratio(lambda: [None for line in stream if narrow(line) is None], lambda: from_ndjson(stream))
    benchmark.extra_info |= {"of_typed_decode": reached, "of_three_column_decode": narrowest, "events": EVENTS}
    benchmark.pedantic(from_ndjson, (stream,), rounds=3)  # type: ignore[no-untyped-call]
    print(f"\nNDJSON to matches: {reached:.2f} of the typed decode, {narrowest:.2f} of decoding three columns")
    assert reached >= 0.3

"""What a key takes: 100,000 groups of six values each, and their first sightings, are 700,000 keys.

They come in batches, in no order, and then five times ten thousand of them, drawn at random, are refreshed: a store's
pages are as full as they are in use.
"""

import random
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import pytest

from benchmarks.store_urls import Urls, urls
from detector.clock import CHECKPOINT_VERSION, Clock
from detector.instant import DAY, SECOND
from detector.stores.blob import Baseline
from detector.stores.paged import PagedStore
from harness.bench.place import fresh, opened_at
from harness.bench.traffic import RULE_NAME

__all__ = ["urls"]

PEOPLE: Final = 100_000
ACTIONS: Final = ("fill", "reveal", "secure-copy", "export", "share", "server-fetch")
KEYS: Final = PEOPLE * (len(ACTIONS) + 1)
BATCH: Final = 10_000
REFRESHED: Final = 5
"""Batches."""
CHECKPOINT: Final = Clock(CHECKPOINT_VERSION, {"name": RULE_NAME}).encode()
START: Final = 20_454 * DAY
BYTES_A_KEY: Final = {"rocksdb": 40, "valkey": 70, "lmdb": 110, "sqlite": 110, "postgresql": 100}
"""On disk, Valkey's in memory; less than that."""


def batches() -> Iterator[dict[str, Baseline]]:
    draw = random.Random(1)
    order = draw.sample(range(PEOPLE), PEOPLE)
    again = [draw.sample(range(PEOPLE), BATCH) for _ in range(REFRESHED)]
    for number, people in enumerate([order[at : at + BATCH] for at in range(0, PEOPLE, BATCH)] + again):
        yield {f"person{each}@example.com": baseline(draw, number) for each in people}


def baseline(draw: random.Random, hours: int) -> Baseline:
    """Times to the nanosecond, as records have them."""
    seen = {
        action: START + (hours * 3600 + draw.randrange(3600)) * SECOND + draw.randrange(SECOND) for action in ACTIONS
    }
    return Baseline(START + draw.randrange(DAY), seen, None)


@pytest.mark.parametrize("store", BYTES_A_KEY)
def test_a_key_takes_its_room_and_no_more(urls: Urls, store: str) -> None:
    with fresh(urls[store]) as url, closing(opened_at(url)) as opened:
        paged = PagedStore(opened)
        for baselines in batches():
            paged.commit(baselines, CHECKPOINT)
        footprint = opened.footprint()
    room = footprint.disk if footprint.memory is None else footprint.memory  # its log on disk is a server's affair
    assert room is not None
    print(f"\n{store}: {room / KEYS:.1f} bytes a key", end="")
    assert room / KEYS < BYTES_A_KEY[store]

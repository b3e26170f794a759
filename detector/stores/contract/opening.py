"""How a store is opened by the tests of the contract, and what is found there."""

from collections.abc import Callable
from typing import TypeAlias

from detector.stores.base import BaselineStore

Opening: TypeAlias = Callable[[], BaselineStore]
"""Opens the same place at each call."""


def committed(opening: Opening, puts: dict[bytes, bytes], checkpoint: bytes) -> bool:
    """Commit and close; whether the store lasts."""
    store = opening()
    store.commit(puts, (), checkpoint)
    store.close()
    return store.durability.lasts


def held(opening: Opening) -> tuple[dict[bytes, bytes], bytes | None]:
    """What is there when the store is opened again."""
    store = opening()
    try:
        return dict(store.scan()), store.checkpoint()
    finally:
        store.close()

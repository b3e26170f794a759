"""Baselines on a Valkey or Redis server."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Final

from detector.stores.base import BaselineStore, Footprint, StoreError, StoreView
from detector.stores.kinds import SUMMARIES, StoreKind
from detector.stores.redis_claim import RedisClaim, info
from detector.stores.redis_durability import SETTINGS, SYNC_MILLISECONDS, durability
from detector.stores.redis_shards import shards
from detector.stores.redis_url import RedisAddress
from detector.stores.redis_view import CHECKPOINT, FILLED, FORMAT, VERSION, RedisReading, RedisView, in_pages
from detector.stores.store_url import StoreUrl

if TYPE_CHECKING:
    from detector.stores.redis_session import Command

_SAMPLES: Final = 5_000


class RedisStore(RedisReading):
    """Baselines in the memory of a Valkey or Redis server; `durability` says what is left after its end.

    A commit is one transaction, and takes part only while this is still the store's writer. Raises `StoreError`, also
    for a commit of which no answer came: it may have been applied, and the next run sees whether it was. The server
    checks what it loads from its snapshots; what is in its memory, and the end of its log, have no checksum.
    """

    def __init__(self, address: RedisAddress, setting: str = "server") -> None:
        super().__init__(address)
        self._claim = RedisClaim(self._session, address.store)
        self._is_ours = False
        try:
            self.durability = durability(self._session, setting)
            self._is_ours = self._claim.take([("HSET", self._keys.store, FORMAT, VERSION)])
        except StoreError:
            self.close()
            raise

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch in one transaction."""
        key = self._keys.groups
        claim = self._claim.guard()
        changes: list[Command] = [
            ("HSET", key, *chain.from_iterable((group, puts[group]) for group in some)) for some in in_pages(list(puts))
        ]
        changes += [("HDEL", key, *some) for some in in_pages(list(deletes))]
        filled = int(bool(puts) or self._keeps_any(deletes))
        progress: Command = ("HSET", self._keys.store, CHECKPOINT, checkpoint, FILLED, filled)
        answers = self._session.ask(("MULTI",), *changes, progress, claim, ("EXEC",))
        self._claim.confirm(answers[-1])
        self._is_ours = False
        if self.durability.setting == "fsync":
            self._sync()

    def footprint(self) -> Footprint:
        """The store's keys in memory, from a sample; on disk the server's whole append-only file, if it has one."""
        self._session.wake()
        try:
            usages = [("MEMORY", "USAGE", key, "SAMPLES", _SAMPLES) for key in self._keys]
            memory = sum(used or 0 for used in self._session.ask(*usages))
        except StoreError:
            memory = None
        told = info(self._session.ask(("INFO", "persistence"))[0])
        size = told.get("aof_current_size")
        return Footprint(disk=None if size is None else int(size), memory=memory)

    def close(self) -> None:
        """Let the next one write; remove the store if it was made here and has no commit. May be called again."""
        with suppress(StoreError):  # the server is away, or somebody else took over: there is nothing to let go of
            self._claim.release([self._keys.store] if self._is_ours else [])
        super().close()

    def _keeps_any(self, deletes: Collection[bytes]) -> bool:
        """Whether there are other groups than these."""
        key = self._keys.groups
        held, *gone = self._session.ask(("HLEN", key), *(("HEXISTS", key, group) for group in deletes))
        return bool(held > sum(gone))

    def _sync(self) -> None:
        (synced, _), *_ = self._session.ask(("WAITAOF", 1, 0, SYNC_MILLISECONDS))
        if not synced:
            seconds = SYNC_MILLISECONDS // 1000
            raise self._session.refusal(f"the server did not sync its log within {seconds} s; legal: to run again")


def _opened(url: StoreUrl) -> BaselineStore:
    address = RedisAddress.of(url)
    return RedisStore(address, url.choice("durability", dict(SETTINGS), "server"))


def _looked_into(url: StoreUrl) -> StoreView:
    return RedisView(RedisAddress.of(url))


KIND: Final = StoreKind(SUMMARIES["redis"], SETTINGS, _opened, _looked_into, shards=shards)

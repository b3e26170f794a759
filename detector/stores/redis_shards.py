"""Which shards of a store there are on a Valkey or Redis server.

Each shard is a store of its own, with the keys of one: `{NAME/1-of-2}:store` and so on. The hash `{NAME}:shards` has a
field for each, as no server finds keys by their beginning without a look at every one; a field counts while its store
is there. The shards of one store lie in different slots of a cluster, which refuses them: `store=NAME` for each does
there.
"""

from contextlib import closing
from typing import Final

from detector.shard import Shard, ShardError
from detector.stores.redis_session import Command, RedisSession
from detector.stores.redis_url import RedisAddress
from detector.stores.redis_view import FORMAT, RedisKeys
from detector.stores.store_name import StoreName
from detector.stores.store_url import StoreUrl

_FOREIGN: Final = "{}: a key of another application; legal: another store=NAME"


class RedisShards:
    """The shards of a store, as one of them, or the whole store, sees them. Every method raises `StoreError`."""

    def __init__(self, session: RedisSession, own: StoreName) -> None:
        self._session = session
        self._own = own
        self._whole = RedisKeys.of(StoreName(own.name)).store
        self._list = f"{{{own.name}}}:shards".encode()

    @property
    def watched(self) -> tuple[bytes, ...]:
        """The keys that say what is beside this one."""
        return (self._list,) if self._own.shard is None else (self._list, self._whole)

    def found(self) -> list[Shard]:
        """The shards there are, in their order."""
        kind = self._session.ask(("TYPE", self._list))[0]
        if kind == b"none":
            return []
        told = self._session.ask(("HGETALL", self._list))[0] if kind == b"hash" else []
        try:
            shards = sorted(Shard.parse(field.decode()) for field in told[::2])
        except (ShardError, UnicodeDecodeError):
            shards = []
        if not shards or set(told[1::2]) != {FORMAT}:
            raise self._session.refusal(_FOREIGN.format(self._list.decode()))
        stores = [RedisKeys.of(StoreName(self._own.name, shard)).store for shard in shards]
        there = self._session.ask(*(("EXISTS", store) for store in stores))
        return [shard for shard, is_there in zip(shards, there, strict=True) if is_there]

    def refuse_conflict(self) -> None:
        """Raise `StoreError` where this one may not begin beside what is there."""
        beside = [StoreName(self._own.name, shard) for shard in self.found()]
        if self._own.shard is not None and self._session.ask(("EXISTS", self._whole))[0]:
            beside.append(StoreName(self._own.name))
        if (why := self._own.conflict(beside)) is not None:
            raise self._session.refusal(why)

    def enter(self) -> list[Command]:
        """What puts this one among the shards, if it is one."""
        return [] if self._own.shard is None else [("HSET", self._list, str(self._own.shard), FORMAT)]

    def leave(self) -> list[Command]:
        """What takes it from among them."""
        return [] if self._own.shard is None else [("HDEL", self._list, str(self._own.shard))]


def shards(url: StoreUrl) -> list[Shard]:
    """The shards of the store behind *url*; none where it is whole, or not there. Raises `StoreError`."""
    address = RedisAddress.of(url)
    with closing(RedisSession(address)) as session:
        return RedisShards(session, address.store).found()

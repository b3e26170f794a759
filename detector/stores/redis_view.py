"""Looking into a store on a Valkey or Redis server, which changes nothing there.

A store is three keys, which a cluster keeps on one node: `{NAME}:store` (a hash: what it is, and the checkpoint),
`{NAME}:groups` (a hash from group to blob) and, while a run writes, `{NAME}:writer`. One hash of all groups is found
damaged as a whole, or not at all: no eviction takes a single group out of it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from detector.stores.base import StoreError
from detector.stores.redis_session import Command, RedisSession
from detector.stores.redis_url import RedisAddress
from detector.stores.store_name import StoreName

VERSION: Final = b"1"
FORMAT: Final = b"vaultdrill"
"""The field of `{NAME}:store` that says that it is ours, and holds the version."""
CHECKPOINT: Final = b"checkpoint"
FILLED: Final = b"filled"
"""Whether the last commit left any groups, `1` or `0`: no group, and no key to hold them, is otherwise no damage."""
A_QUESTION: Final = 5_000
"""Groups a command takes: the server answers nobody else meanwhile (about 2 ms)."""


class RedisKeys(NamedTuple):
    """The keys of one store."""

    store: bytes
    groups: bytes
    writer: bytes

    @classmethod
    def of(cls, name: StoreName) -> "RedisKeys":
        """The keys of the store *name*.

        >>> RedisKeys.of(StoreName("a")).groups
        b'{a}:groups'
        """
        return cls(*(f"{{{name}}}:{part}".encode() for part in cls._fields))


class RedisReading:
    """The reading half of a store over a session."""

    def __init__(self, address: RedisAddress) -> None:
        self._keys = RedisKeys.of(address.store)
        self._session = RedisSession(address)

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        if not groups:
            return []
        self._session.wake()
        pages: list[Command] = [("HMGET", self._keys.groups, *some) for some in in_pages(groups)]
        return [blob for answer in self._session.ask(*pages) for blob in answer]

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        self._session.wake()
        found: bytes | None = self._session.ask(("HGET", self._keys.store, CHECKPOINT))[0]
        return found

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted: the names of all groups are in memory while it goes on."""
        for some in in_pages(sorted(self._groups())):
            for group, blob in zip(some, self.read(some), strict=True):
                if blob is not None:  # deleted since
                    yield group, blob

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _groups(self) -> set[bytes]:
        """HSCAN leaves out nothing that stays, and may say it twice."""
        found: set[bytes] = set()
        cursor = b"0"
        while True:
            self._session.wake()
            cursor, told = self._session.ask(("HSCAN", self._keys.groups, cursor, "COUNT", A_QUESTION))[0]
            found.update(told[::2])
            if cursor == b"0":
                return found


class RedisView(RedisReading):
    """A store as it is when it is asked, also while a run writes to it. Raises `StoreError` where there is none."""

    def __init__(self, address: RedisAddress) -> None:
        super().__init__(address)
        try:
            if not is_there(self._session, self._keys):
                raise self._session.refusal("no such store; legal: one that `detect --store` has written")
        except StoreError:
            self.close()
            raise


def is_there(session: RedisSession, keys: RedisKeys) -> bool:
    """Whether there is a store of ours, or nothing at all.

    Raises `StoreError` where the keys hold something else, or one of them is missing: it asks twice before it says so,
    as a commit may have come between two questions.
    """
    found = _found(session, keys)
    lost = _lost(*found) and _lost(*(found := _found(session, keys)))
    if lost:
        raise session.refusal(f"damaged: found {lost}")
    kinds, (version, *_) = found
    if kinds == [b"none"] * len(keys):
        return False
    if version is None or kinds[1] not in (b"hash", b"none") or kinds[2] not in (b"string", b"none"):
        key = keys.store.decode()
        raise session.refusal(f"{key}: keys of another application; legal: a vaultdrill store or another store=NAME")
    if version != VERSION:
        raise session.refusal(f"found a store of version {version[:20].decode(errors='replace')!r}; legal: 1")
    return True


def _found(session: RedisSession, keys: RedisKeys) -> tuple[list[bytes], list[bytes | None]]:
    """What kinds of values the keys have, and what the first of them says of the store."""
    kinds = session.ask(*(("TYPE", key) for key in keys))
    is_hash = kinds[0] == b"hash"
    return kinds, session.ask(("HMGET", keys.store, FORMAT, FILLED, CHECKPOINT))[0] if is_hash else [None] * 3


def _lost(kinds: Sequence[bytes], told: Sequence[bytes | None]) -> str:
    """What is there without what belongs to it; empty where nothing is missing."""
    version, filled, checkpoint = told
    if version is not None and kinds[1] == b"hash" and checkpoint is None:
        return "baselines without their checkpoint"
    return "a checkpoint without its baselines" if filled == b"1" and kinds[1] == b"none" else ""


def in_pages(groups: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The groups, as many at once as one command takes.

    >>> [len(page) for page in in_pages([b"g"] * 5001)]
    [5000, 1]
    """
    return (groups[start : start + A_QUESTION] for start in range(0, len(groups), A_QUESTION))

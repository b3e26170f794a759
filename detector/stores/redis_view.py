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

VERSION: Final = b"1"
FORMAT: Final = b"vaultdrill"
"""The field of `{NAME}:store` that says that it is ours, and holds the version."""
CHECKPOINT: Final = b"checkpoint"
A_QUESTION: Final = 5_000
"""Groups a command takes: the server answers nobody else meanwhile (about 2 ms)."""


class RedisKeys(NamedTuple):
    """The keys of one store."""

    store: bytes
    groups: bytes
    writer: bytes

    @classmethod
    def of(cls, name: str) -> "RedisKeys":
        """The keys of the store *name*.

        >>> RedisKeys.of("a").groups
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
    """Whether there is a store of ours, or nothing at all. Raises `StoreError` where the keys hold something else."""
    kinds = session.ask(*(("TYPE", key) for key in keys))
    if kinds == [b"none"] * len(keys):
        return False
    version = session.ask(("HGET", keys.store, FORMAT))[0] if kinds[0] == b"hash" else None
    if version is None or kinds[1] not in (b"hash", b"none") or kinds[2] not in (b"string", b"none"):
        key = keys.store.decode()
        raise session.refusal(f"{key}: keys of another application; legal: a vaultdrill store or another store=NAME")
    if version != VERSION:
        raise session.refusal(f"found a store of version {version[:20].decode(errors='replace')!r}; legal: 1")
    return True


def in_pages(groups: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The groups, as many at once as one command takes.

    >>> [len(page) for page in in_pages([b"g"] * 5001)]
    [5000, 1]
    """
    return (groups[start : start + A_QUESTION] for start in range(0, len(groups), A_QUESTION))

"""Looking into an LMDB store: one read transaction for everything, which shows one moment and holds up no writer.

LMDB keeps no checksums, so each value has a CRC-32 over its key's group and blob. A key has 511 bytes at most, of which
one tells what it is; a longer group goes by its SHA-256, and stands whole in the value.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from heapq import merge
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import lmdb

from detector.stores.base import StoreError
from detector.stores.checksum import checksum
from detector.stores.directory import identify, refuse_missing
from detector.stores.lmdb_environment import Transaction, begun, forget, open_here, opened, refuse_lost, told

ENGINE: Final = "lmdb"
VERSION: Final = 1
CHECKPOINT: Final = b"mcheckpoint"
_SHORT: Final = b"g"
_LONG: Final = b"h"
_LONGEST_KEY: Final = 511
"""`mdb_env_get_maxkeysize` of every build of LMDB that is not made otherwise."""
_GROUPS_A_PAGE: Final = 1000


class LmdbReading:
    """The reading half of a store over an open environment."""

    def __init__(self, path: Path, env: lmdb.Environment) -> None:
        self._path = path
        self._env = env

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        keys = [key_of(group) for group in groups]
        with told(self._path), self._reading() as transaction, transaction.cursor() as cursor:
            found = dict(cursor.getmulti(sorted(set(keys))))
        values = map(found.get, keys)
        return [
            None if value is None else self._blob(group, value) for group, value in zip(groups, values, strict=True)
        ]

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        with told(self._path), self._reading() as transaction:
            value = transaction.get(CHECKPOINT)
        return None if value is None else self._whole(CHECKPOINT, value)

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted; the long ones are sorted in memory."""
        return merge(self._short(), self._long(), key=itemgetter(0))

    def close(self) -> None:
        """Close the environment; may be called again."""
        forget(self._env)
        self._env.close()

    def _reading(self) -> AbstractContextManager[Transaction]:
        return self._env.begin()

    def _short(self) -> Iterator[tuple[bytes, bytes]]:
        for key, value in self._pages(_SHORT):
            group = key[len(_SHORT) :]
            yield group, self._blob(group, value)

    def _long(self) -> Iterator[tuple[bytes, bytes]]:
        groups = sorted(_parted(self._whole(key, value))[0] for key, value in self._pages(_LONG))
        for group in groups:
            (blob,) = self.read([group])
            if blob is not None:  # deleted meanwhile
                yield group, blob

    def _pages(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The pairs of a prefix; no transaction is open while one is out, so that commits may come in between."""
        page = self._page(prefix, prefix)
        while page:
            yield from page
            page = self._page(page[-1][0] + b"\0", prefix) if len(page) == _GROUPS_A_PAGE else []

    def _page(self, start: bytes, prefix: bytes) -> list[tuple[bytes, bytes]]:
        page: list[tuple[bytes, bytes]] = []
        with told(self._path), self._reading() as transaction, transaction.cursor() as cursor:
            # A key of full length has none that follows it by a byte.
            last = start[:-1] if len(start) > _LONGEST_KEY else b""
            there = cursor.set_range(last or start) and (cursor.key() != last or cursor.next())
            while there and len(page) < _GROUPS_A_PAGE and cursor.key().startswith(prefix):
                page.append(cursor.item())
                there = cursor.next()
        return page

    def _blob(self, group: bytes, value: bytes) -> bytes:
        key = key_of(group)
        content = self._whole(key, value)
        if key.startswith(_SHORT):
            return content
        found, blob = _parted(content)
        if found != group:
            raise _differs(self._path)
        return blob

    def _whole(self, key: bytes, value: bytes) -> bytes:
        content = value[4:]
        if len(value) < 4 or value[:4] != _crc(key, content):
            raise _differs(self._path)
        return content


class LmdbView(LmdbReading):
    """An LMDB store as of the moment of opening, also while a run writes to it.

    Nothing is created, and nothing changed but the list of readers in `lock.mdb`. A run of the same process is looked
    at by way of a copy. As long as the view is open, LMDB does not use again the pages that it shows, so a writer's
    file grows. Raises `StoreError` where there is no store, or none of ours.
    """

    def __init__(self, path: Path) -> None:
        refuse_missing(path)
        identify(path, ENGINE, VERSION)
        refuse_lost(path)
        self._copy: TemporaryDirectory[str] | None = None
        here = open_here(path)
        with told(path):
            if here is None:
                env = opened(path, readonly=True, create=False, lock=(path / "lock.mdb").exists())
            else:
                self._copy = TemporaryDirectory(prefix="vaultdrill-")
                here.copy(self._copy.name)
                env = opened(Path(self._copy.name), readonly=True, create=False, lock=False)
        super().__init__(path, env)
        try:
            with told(path):
                self._transaction = begun(env)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Close the environment, and drop the copy; may be called again."""
        if hasattr(self, "_transaction"):
            self._transaction.abort()
        super().close()
        if self._copy is not None:
            self._copy.cleanup()

    def _reading(self) -> AbstractContextManager[Transaction]:
        return nullcontext(self._transaction)


def key_of(group: bytes) -> bytes:
    """The key of a group.

    >>> key_of(b"g"), len(key_of(b"g" * 510)), len(key_of(b"g" * 511))
    (b'gg', 511, 33)
    """
    return _SHORT + group if len(group) < _LONGEST_KEY else _LONG + sha256(group).digest()


def value_of(key: bytes, group: bytes, blob: bytes) -> bytes:
    """What is kept under the key: a checksum, and the blob, after the group if the key does not tell it."""
    content = len(group).to_bytes(4, "big") + group + blob if key.startswith(_LONG) else blob
    return _crc(key, content) + content


def _crc(key: bytes, content: bytes) -> bytes:
    return checksum(key, content).to_bytes(4, "big")


def _parted(content: bytes) -> tuple[bytes, bytes]:
    end = 4 + int.from_bytes(content[:4], "big")
    return content[4:end], content[end:]


def _differs(path: Path) -> StoreError:
    return StoreError(f"{path}: damaged: what it holds differs from its checksum")

"""Baselines in an LMDB directory: a memory-mapped tree, fast to read and quick to open after a crash."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import lmdb

from detector.stores.base import BaselineStore, Durability, Footprint, StoreView
from detector.stores.directory import StoreDirectory
from detector.stores.kinds import SUMMARIES, StoreKind
from detector.stores.lmdb_environment import opened, refuse_lost, told
from detector.stores.lmdb_view import CHECKPOINT, ENGINE, VERSION, LmdbReading, LmdbView, key_of, value_of
from detector.stores.store_url import StoreUrl

_DURABILITIES: Final = {
    "sync": Durability("sync", process=True, server=True, power=True),
    "nosync": Durability("nosync", process=True, server=True, power=False),
}
_MAP_AT_FIRST: Final = 64 << 20
"""Bytes of address space, not of disk; it doubles when the map is full."""
_FILES: Final = ("data.mdb", "lock.mdb")


class LmdbStore(LmdbReading):
    """Baselines in an LMDB directory; a commit is one transaction.

    Without `sync` the loss of power may damage the whole file, not only lose the last commits: LMDB says so of file
    systems that do not keep the order of writes. One writer at a time. A directory that it made, and that nobody has
    committed to when it is closed, goes again.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = LmdbStore(Path(folder) / "state")
    ...     store.commit({b"g": b"blob"}, (), b"checkpoint")
    ...     found = store.read([b"g", b"h"])
    ...     store.close()
    >>> found
    [b'blob', None]
    """

    def __init__(self, path: Path, durability: str = "sync") -> None:
        self.durability = _DURABILITIES[durability]
        self._directory = StoreDirectory(path, ENGINE, VERSION, _FILES)
        self._closed = False
        try:
            if not self._directory.is_new:
                refuse_lost(path)
            with told(path):
                env = opened(path, map_size=_MAP_AT_FIRST, sync=durability == "sync", create=True)
                super().__init__(path, env)
                env.reader_check()  # of those who were killed, whose pages could not be used again
            if self._directory.is_new:
                self._directory.mark()
        except BaseException:
            self._let_go(keep=not self._directory.is_new)
            raise

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch."""
        keyed = ((key_of(group), group, blob) for group, blob in puts.items())
        pairs = [(key, value_of(key, group, blob)) for key, group, blob in keyed]
        pairs.append((CHECKPOINT, value_of(CHECKPOINT, b"", checkpoint)))
        pairs.sort()  # neighbours share pages
        gone = sorted(map(key_of, deletes))
        with told(self._path):
            while not self._applied(pairs, gone):
                self._env.set_mapsize(2 * self._env.info()["map_size"])

    def footprint(self) -> Footprint:
        """The files of the directory, synchronised; LMDB keeps the pages that became free."""
        with told(self._path):
            self._env.sync(True)  # noqa: FBT003 - the driver takes it so
            return Footprint(disk=self._directory.size(), memory=None)

    def close(self) -> None:
        """Synchronise the file and close it, or remove it."""
        if self._closed:
            return
        self._closed = True
        keep = True
        try:
            with told(self._path):
                keep = not self._directory.is_new or self.checkpoint() is not None
                self._env.sync(True)  # noqa: FBT003 - the driver takes it so
        finally:
            self._let_go(keep=keep)

    def _applied(self, pairs: list[tuple[bytes, bytes]], gone: list[bytes]) -> bool:
        """Whether the map had room for it; where not, nothing is changed."""
        try:
            with self._env.begin(write=True) as transaction, transaction.cursor() as cursor:
                for key in gone:
                    transaction.delete(key)
                cursor.putmulti(pairs)
        except lmdb.MapFullError:
            return False
        return True

    def _let_go(self, *, keep: bool) -> None:
        if hasattr(self, "_env"):
            super().close()
        if not keep:
            self._directory.withdraw()
        self._directory.release()


def _opened(url: StoreUrl) -> BaselineStore:
    return LmdbStore(url.path(), _setting(url))


def _looked_into(url: StoreUrl) -> StoreView:
    _setting(url)
    return LmdbView(url.path())


def _setting(url: StoreUrl) -> str:
    return url.only("durability").choice("durability", _DURABILITIES, "sync")


_SETTINGS: Final = {
    "sync": "a commit survives the loss of power",
    "nosync": "a commit survives the process; the loss of power may damage the store",
}
KIND: Final = StoreKind(SUMMARIES["lmdb"], _SETTINGS, _opened, _looked_into, path=StoreUrl.path)

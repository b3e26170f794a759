"""Baselines in a RocksDB directory: for state that outgrows memory."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from rocksdict import Rdict, WriteBatch, WriteOptions

from detector.stores.base import BaselineStore, Durability, Footprint, StoreView
from detector.stores.directory import StoreDirectory
from detector.stores.kinds import SUMMARIES, StoreKind
from detector.stores.rocksdb_view import CHECKPOINT, ENGINE, GROUP, VERSION, RocksReading, RocksView, options, told
from detector.stores.store_url import StoreUrl

_DURABILITIES: Final = {
    "wal": Durability("wal", process=True, server=True, power=False),
    "sync": Durability("sync", process=True, server=True, power=True),
    "none": Durability("none", process=False, server=False, power=False),
}
_FILES: Final = (
    *("*.log", "*.sst", "*.dbtmp", "MANIFEST-*", "OPTIONS-*", "LOG", "LOG.old.*"),
    *("CURRENT", "IDENTITY", "LOCK", "rocksdict-config.json"),
)
"""What RocksDB and its driver create in a directory."""


class RocksStore(RocksReading):
    """Baselines in a RocksDB directory; a commit is one batch of one column family.

    Without the log (`none`) a killed process loses what RocksDB had not yet written to its tables, which it does in
    the order of the commits: state and checkpoint are then those of one earlier commit. An orderly close loses
    nothing. One writer at a time. A directory that it made, and that nobody has committed to when it is closed, goes
    again.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = RocksStore(Path(folder) / "state")
    ...     store.commit({b"g": b"blob"}, (), b"checkpoint")
    ...     found = store.read([b"g", b"h"])
    ...     store.close()
    >>> found
    [b'blob', None]
    """

    def __init__(self, path: Path, durability: str = "wal") -> None:
        self.durability = _DURABILITIES[durability]
        self._writing = _writing(durability)
        self._directory = StoreDirectory(path, ENGINE, VERSION, _FILES)
        self._closed = False
        try:
            with told(path):
                super().__init__(path, Rdict(str(path), options=options(create=self._directory.is_new)))
            if self._directory.is_new:
                self._directory.mark()
        except BaseException:
            self._let_go(keep=not self._directory.is_new)
            raise

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch."""
        batch = WriteBatch(raw_mode=True)
        for group, blob in puts.items():
            batch.put(GROUP + group, blob)
        for group in deletes:
            batch.delete(GROUP + group)
        batch.put(CHECKPOINT, checkpoint)
        with told(self._path):
            self._db.write(batch, self._writing)

    def footprint(self) -> Footprint:
        """The files of the directory, after a flush and a compaction of everything."""
        with told(self._path):
            self._db.flush()
            self._db.compact_range(None, None)
        return Footprint(disk=self._directory.size(), memory=None)

    def close(self) -> None:
        """Write to the tables what is not in them yet, and close the database, or remove it."""
        if self._closed:
            return
        self._closed = True
        keep = True
        try:
            with told(self._path):
                keep = not self._directory.is_new or self._db.get(CHECKPOINT) is not None
                self._db.flush()
        finally:
            self._let_go(keep=keep)

    def _let_go(self, *, keep: bool) -> None:
        try:
            if hasattr(self, "_db"):
                with told(self._path):
                    self._db.close()
        finally:
            if not keep:
                self._directory.withdraw()
            self._directory.release()


def _writing(durability: str) -> WriteOptions:
    found = WriteOptions()
    found.sync = durability == "sync"
    found.disable_wal = durability == "none"  # type: ignore[method-assign,assignment] # a property, whatever the stub says
    return found


def _opened(url: StoreUrl) -> BaselineStore:
    return RocksStore(url.path(), _setting(url))


def _looked_into(url: StoreUrl) -> StoreView:
    _setting(url)
    return RocksView(url.path())


def _setting(url: StoreUrl) -> str:
    return url.only("durability").choice("durability", _DURABILITIES, "wal")


_SETTINGS: Final = {
    "wal": "a commit survives the process; the last ones may be lost with the power",
    "sync": "a commit survives the loss of power",
    "none": "a killed process goes back to an earlier commit; an orderly end loses nothing",
}
KIND: Final = StoreKind(SUMMARIES["rocksdb"], _SETTINGS, _opened, _looked_into, path=StoreUrl.path)

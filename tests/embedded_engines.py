"""The engines whose stores are directories, for tests that hold for each of them alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from embedded_losses import numbered

from detector.stores.base import BaselineStore, StoreView
from detector.stores.lmdb import LmdbStore
from detector.stores.lmdb_view import LmdbView
from detector.stores.rocksdb import RocksStore
from detector.stores.rocksdb_view import RocksView


class Engine(NamedTuple):
    name: str
    store: Callable[[Path], BaselineStore]
    view: Callable[[Path], StoreView]
    settings: dict[str, tuple[bool, bool]]
    """Whether a commit survives the process, and the loss of power."""
    changed_by_looking: frozenset[str] = frozenset()

    def url(self, path: Path, durability: str = "") -> str:
        return f"{self.name}:///{path}" + (f"?durability={durability}" if durability else "")

    def filled(self, path: Path, batches: int = 3) -> Path:
        store = self.store(path)
        for number in range(1, batches + 1):
            store.commit(numbered(number), (), b"%d" % number)
        store.close()
        return path


LMDB: Final = Engine(
    "lmdb", LmdbStore, LmdbView, {"sync": (True, True), "nosync": (True, False)}, frozenset({"lock.mdb"})
)
ROCKSDB: Final = Engine(
    "rocksdb", RocksStore, RocksView, {"wal": (True, False), "sync": (True, True), "none": (False, False)}
)
ENGINES: Final = (LMDB, ROCKSDB)

"""Looking into a RocksDB store, which creates nothing, locks nothing and changes nothing there.

RocksDB keeps a checksum of each block and each record of its log, and verifies it at every read from disk
(`ReadOptions::verify_checksums`, on by default): what is damaged is refused. Damage in the log ends the log there, as
after a loss of power: what is found is an earlier commit, state and checkpoint alike.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rocksdict import AccessType, BlockBasedOptions, DBCompressionType, Options, Rdict

from detector.stores.base import StoreError
from detector.stores.directory import identify, one_line, refuse_missing

ENGINE: Final = "rocksdb"
VERSION: Final = 1
GROUP: Final = b"g"
CHECKPOINT: Final = b"mcheckpoint"
_GROUPS_A_PAGE: Final = 1000
_ATTEMPTS: Final = 20
_KEPT_BY_THE_DRIVER: Final = frozenset({"rocksdict-config.json", "LOCK"})


class RocksReading:
    """The reading half of a store over an open database."""

    def __init__(self, path: Path, db: Rdict) -> None:
        self._path = path
        self._db = db

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        with told(self._path):
            found: list[bytes | None] | None = self._db.get([GROUP + group for group in groups])
            return found or []

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        with told(self._path):
            found: bytes | None = self._db.get(CHECKPOINT)
            return found

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted."""
        page = self._page(GROUP)
        while page:
            yield from page
            page = self._page(GROUP + page[-1][0] + b"\0")

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _page(self, start: bytes) -> list[tuple[bytes, bytes]]:
        """Some groups from a key on; `items` of the driver would end at a damaged block without a word."""
        page: list[tuple[bytes, bytes]] = []
        with told(self._path):
            at = self._db.iter()
            at.seek(start)
            while at.valid() and len(page) < _GROUPS_A_PAGE:
                key = at.key()
                if not key.startswith(GROUP):
                    break
                page.append((key[len(GROUP) :], at.value()))
                at.next()
            at.status()
        return page


class RocksView(RocksReading):
    """A RocksDB store as of the moment of opening, also while a run writes to it.

    With `durability=none` it sees what RocksDB has written to disk so far. Raises `StoreError` where there is no
    store, or none of ours.
    """

    def __init__(self, path: Path) -> None:
        refuse_missing(path)
        identify(path, ENGINE, VERSION)
        super().__init__(path, _seen(path))


def options(*, create: bool) -> Options:
    """How every store of ours is opened: compressed, with one short log of RocksDB's own doings."""
    found = Options(raw_mode=True)
    found.create_if_missing(create)
    found.set_keep_log_file_num(1)
    found.set_max_log_file_size(1 << 20)
    found.set_stats_dump_period_sec(0)
    found.set_compression_type(DBCompressionType.lz4())
    found.set_bottommost_compression_type(DBCompressionType.zstd())
    blocks = BlockBasedOptions()
    blocks.set_bloom_filter(10, block_based=False)  # most groups of a batch may be new
    blocks.set_block_size(16 << 10)
    found.set_block_based_table_factory(blocks)
    return found


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell in one line what RocksDB refuses."""
    try:
        yield
    except Exception as error:
        if type(error) is not Exception:  # the driver raises nothing more telling
            raise
        text = one_line(error)
        if "lock hold by" in text or "While lock file" in text:
            raise StoreError(f"{path}: another run is writing to this store; legal: one writer at a time") from None
        if "Corruption" in text or "does not exist" in text or "No such file" in text:
            raise StoreError(f"{path}: damaged: {text}") from None
        raise StoreError(f"{path}: cannot be used as a store ({text})") from None


def _seen(path: Path) -> Rdict:
    """The database, opened over links to its files.

    The driver writes a file of its own into whatever directory it opens, and RocksDB reads the list of files and the
    log at two moments, between which a writer may move data from one to the other. Links of one moment do without
    both: a file that has gone since is missed, not passed over, and then it is done again. Once open, RocksDB holds
    every file that it needs, and the links can go.
    """
    for attempt in range(_ATTEMPTS):
        names = _names(path)
        try:
            with TemporaryDirectory(prefix="vaultdrill-") as links, told(path):
                for name in names:
                    (Path(links) / name).symlink_to(path.resolve() / name)
                looking = AccessType.read_only(error_if_log_file_exist=False)
                return Rdict(links, options=options(create=False), access_type=looking)
        except StoreError:
            if _names(path) == names or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError


def _names(path: Path) -> set[str]:
    try:
        return {file.name for file in path.iterdir()} - _KEPT_BY_THE_DRIVER
    except OSError as error:
        raise StoreError(f"{path}: cannot be used as a store ({error.strerror})") from None

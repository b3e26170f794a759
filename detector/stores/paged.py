"""Paged baselines: a group with many values keeps them on pages, so that a commit writes few of them again.

The head of such a group says how many pages it has, and holds no value. A page is a blob beside the head, under the
group's bytes, `PAGE_MARK` and its number in four bytes, the most significant first. Which value is on which page hangs
on the value and the number of pages alone. Head and pages are always of one commit.

Nothing else knows of pages but this module and the blobs': engines see baselines, stores see keys and blobs.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from zlib import crc32

from detector.stores.base import BaselineStore, StoreError, StoreView
from detector.stores.blob import MOST_PAGES, Baseline, from_blob, from_page, to_blob, to_page
from detector.token import Key

PAGE_MARK: Final = b"\xff"
"""Between a group's bytes and the number of a page; no UTF-8 has this byte, so a page is never taken for a group."""
VALUES_A_PAGE: Final = 256
"""From more values than this on a page is worth its key: ten thousand in one blob take 0.7 ms to encode each time."""
_SPARE: Final = 4
"""Pages are halved once they are filled to less than this part, so that a value more or less seldom moves them all."""
_NOTHING_SAID: Final[Mapping[Key, Collection[Key]]] = MappingProxyType({})


def group_of(key: bytes) -> bytes:
    r"""The group that a key is of, whether it is the head's or a page's.

    >>> group_of(b"ada"), group_of(b"ada\xff\0\0\0\1")
    (b'ada', b'ada')
    """
    return key.partition(PAGE_MARK)[0]


def pages_for(values: int, pages: int, values_a_page: int = VALUES_A_PAGE) -> int:
    """How many pages so many values go on, having been on *pages*; 0: they go into the head.

    >>> [pages_for(256, 0), pages_for(257, 0), pages_for(129, 2), pages_for(128, 2), pages_for(10_000, 2)]
    [0, 2, 2, 0, 64]
    """
    pages = max(pages, 1)
    while values > pages * values_a_page and pages < MOST_PAGES:
        pages *= 2
    while pages > 1 and values * _SPARE <= pages * values_a_page:
        pages //= 2
    return pages if pages > 1 else 0


def stored_bytes(group: Key, baseline: Baseline) -> int:
    """How many bytes of keys and blobs a baseline takes in a store that had nothing of it.

    >>> stored_bytes("ada", Baseline(1, {}, None))
    11
    """
    puts = _Layout(baseline, VALUES_A_PAGE, None).puts(group.encode())
    return sum(len(key) + len(blob) for key, blob in puts.items())


class PagedView:
    """The whole baselines of what a store holds. Raises `StoreError` where a page is missing or nobody's."""

    def __init__(self, store: StoreView) -> None:
        self._view = store

    def read(self, groups: Sequence[Key]) -> list[Baseline | None]:
        """The baselines of the groups, in their order; None where there is none."""
        keys = [group.encode() for group in groups]
        found = [None if blob is None else from_blob(blob) for blob in self._view.read(keys)]
        paged = {key: head for key, head in zip(keys, found, strict=True) if head is not None and head.pages}
        if not paged:
            return found
        whole = self._whole(paged)
        return [whole.get(key) if key in paged else head for key, head in zip(keys, found, strict=True)]

    def scan(self) -> Iterator[tuple[Key, Baseline]]:
        """Every group with its baseline, in the order of the groups' bytes, as `StoreView.scan` has them."""
        for group, head in self.heads():
            key = group.encode()
            baseline = self._whole({key: head}).get(key) if head.pages else head
            if baseline is not None:
                yield group, baseline

    def heads(self) -> Iterator[tuple[Key, Baseline]]:
        """Every group with its baseline, which lacks the values if they are on pages."""
        pages: dict[bytes, int] = {}
        for key, blob in self._view.scan():
            if PAGE_MARK in key:
                self._claim(key, pages)
                continue
            head = from_blob(blob)
            if head.pages:
                pages[key] = head.pages
            yield _text(key), head

    def _whole(self, heads: Mapping[bytes, Baseline]) -> dict[bytes, Baseline]:
        """The baselines of heads that have pages.

        Each is read once more, together with its pages: who looks on without a lock may find them moved since.
        """
        whole: dict[bytes, Baseline] = {}
        while heads:
            asked = [key for group, head in heads.items() for key in (group, *_page_keys(group, range(head.pages)))]
            blobs = dict(zip(asked, self._view.read(asked), strict=True))
            again = {group: from_blob(blob) for group in heads if (blob := blobs[group]) is not None}
            for group, head in again.items():
                if head.pages == heads[group].pages:
                    _fill(head, [blobs[key] for key in _page_keys(group, range(head.pages))])
            whole.update(again)
            heads = {group: head for group, head in again.items() if head.pages and not head.on_page}
        return whole

    def _claim(self, key: bytes, pages: Mapping[bytes, int]) -> None:
        """Raise `StoreError` on a page that is none of the *pages* of the heads before it, and of none there is now."""
        group, _, told = key.partition(PAGE_MARK)
        number = int.from_bytes(told)
        if len(told) == _NUMBER and number < pages.get(group, 0):
            return
        (blob,) = self._view.read([group])
        if len(told) != _NUMBER or blob is None or number >= from_blob(blob).pages:
            raise StoreError("the store is damaged: found a page of a group's values that no group has")


class PagedStore(PagedView):
    """Paged baselines over a store, with *values_a_page* at most where values spread evenly.

    >>> from detector.stores.memory import MemoryStore
    >>> store = PagedStore(MemoryStore(), values_a_page=2)
    >>> store.commit({"ada": Baseline(1, {"fill": 1, "reveal": 2, "export": 3}, None)}, b"checkpoint")
    {'ada'}
    >>> (baseline,) = store.read(["ada"])
    >>> baseline.pages, sorted(baseline.last_seen)
    (2, ['export', 'fill', 'reveal'])
    """

    def __init__(self, store: BaselineStore, values_a_page: int = VALUES_A_PAGE) -> None:
        super().__init__(store)
        self._store = store
        self._values_a_page = values_a_page

    def commit(
        self,
        baselines: Mapping[Key, Baseline],
        checkpoint: bytes,
        touched: Mapping[Key, Collection[Key]] = _NOTHING_SAID,
    ) -> set[Key]:
        """Commit the baselines with the checkpoint; the groups among them that have pages, or had some.

        *touched* has the values that a group's baseline gained, lost or saw again since it was read or committed; of a
        group that it does not name, all pages are written. Nobody else may write to the store in between.
        """
        puts: dict[bytes, bytes] = {}
        deletes: list[bytes] = []
        laid: dict[Key, _Layout] = {}
        most = self._values_a_page
        for group, baseline in baselines.items():
            if not baseline.pages and len(baseline.last_seen) <= most:
                puts[group.encode()] = to_blob(baseline)
                continue
            laid[group] = layout = _Layout(baseline, most, touched.get(group))
            puts.update(layout.puts(group.encode()))
            deletes += layout.deletes(group.encode())
        self._store.commit(puts, deletes, checkpoint)
        for layout in laid.values():
            layout.settle()
        return set(laid)


class _Layout:
    """How a baseline will lie in the store."""

    def __init__(self, baseline: Baseline, values_a_page: int, touched: Collection[Key] | None) -> None:
        self._baseline = baseline
        self._pages = pages_for(len(baseline.last_seen), baseline.pages, values_a_page)
        if touched is None or not baseline.on_page or self._pages != baseline.pages:
            self._written = _spread(baseline.last_seen, self._pages)
        else:
            self._written = self._again(touched)
        """The pages to be written, by number."""

    def puts(self, key: bytes) -> dict[bytes, bytes]:
        """The head, and what is written of the pages."""
        told, pages = self._baseline, self._pages
        values = {} if pages else told.last_seen
        head = Baseline(told.first_seen, values, told.signal, told.run, told.place, pages)
        written = zip(_page_keys(key, self._written), self._written.values(), strict=True)
        return {key: to_blob(head), **{page: to_page(last_seen, pages) for page, last_seen in written}}

    def deletes(self, key: bytes) -> list[bytes]:
        """The pages that are no more."""
        return _page_keys(key, range(self._pages, self._baseline.pages))

    def settle(self) -> None:
        """The store has it so."""
        before = self._baseline.on_page if self._pages == self._baseline.pages else ()
        after = dict(enumerate(before)) | {number: list(page) for number, page in self._written.items()}
        self._baseline.pages, self._baseline.on_page = self._pages, [after[number] for number in range(self._pages)]

    def _again(self, touched: Collection[Key]) -> dict[int, dict[Key, int]]:
        """The pages of the touched values, as they are now."""
        last_seen, on_page = self._baseline.last_seen, self._baseline.on_page
        found: dict[int, list[Key]] = {}
        for value in touched:
            found.setdefault(_page_of(value, self._pages), []).append(value)
        return {
            number: {value: last_seen[value] for value in (*on_page[number], *values) if value in last_seen}
            for number, values in found.items()
        }


def _spread(last_seen: Mapping[Key, int], pages: int) -> dict[int, dict[Key, int]]:
    """All values, each on its page; no page where there are to be none."""
    spread: dict[int, dict[Key, int]] = {number: {} for number in range(pages)}
    if pages:
        for value, last in last_seen.items():
            spread[_page_of(value, pages)][value] = last
    return spread


def _fill(head: Baseline, blobs: Sequence[bytes | None]) -> None:
    """Give a head the values of its pages."""
    if None in blobs:
        raise StoreError(f"the store is damaged: found {blobs.count(None)} of {head.pages} pages of a group missing")
    pages = [from_page(blob, head.pages) for blob in blobs if blob is not None]
    head.on_page = list(map(list, pages))
    for page in pages:
        head.last_seen.update(page)


def _page_of(value: Key, pages: int) -> int:
    return crc32(value.encode()) % pages


_NUMBER: Final = 4
"""Bytes of a page's number."""


def _page_keys(group: bytes, numbers: Iterable[int]) -> list[bytes]:
    return [group + PAGE_MARK + number.to_bytes(_NUMBER) for number in numbers]


def _text(key: bytes) -> Key:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise StoreError(f"the store holds a group that is no text: found {key[:50]!r}") from None

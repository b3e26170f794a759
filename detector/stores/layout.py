"""Layout: the keys and blobs in which a baseline lies in a store, its values with its head or on pages.

Pages are for groups with many values, so that a commit writes few of them again. The head then says how many pages
there are, and holds no value. A page is a blob beside the head, under the group's bytes, `PAGE_MARK` and its number in
four bytes, the most significant first. Which page a value is on hangs on the value and the number of pages alone.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from zlib import crc32

from detector.stores.blob import MOST_PAGES, Baseline, to_blob, to_page
from detector.token import Key

PAGE_MARK: Final = b"\xff"
"""Between a group's bytes and the number of a page; no UTF-8 has this byte, so a page is never taken for a group."""
VALUES_A_PAGE: Final = 256
"""From more values than this on a page is worth its key: ten thousand in one blob take 0.7 ms to encode each time."""
_SPARE: Final = 4
"""Pages are halved once they are filled to less than this part, so that a value more or less seldom moves them all."""
_NUMBER: Final = 4
"""Bytes of a page's number."""


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


def page_keys(group: bytes, numbers: Iterable[int]) -> list[bytes]:
    """The keys of those pages of a group."""
    return [group + PAGE_MARK + number.to_bytes(_NUMBER) for number in numbers]


def number_of(key: bytes) -> int | None:
    r"""The number of a page by its key; None where it is no page's.

    >>> number_of(b"ada\xff\0\0\0\1"), number_of(b"ada\xff")
    (1, None)
    """
    _, mark, told = key.partition(PAGE_MARK)
    return int.from_bytes(told) if mark and len(told) == _NUMBER else None


def stored_bytes(group: Key, baseline: Baseline) -> int:
    """How many bytes of keys and blobs a baseline takes in a store that had nothing of it.

    >>> stored_bytes("ada", Baseline(1, {}, None))
    11
    """
    puts = Layout(baseline, VALUES_A_PAGE, None).puts(group.encode())
    return sum(len(key) + len(blob) for key, blob in puts.items())


class Layout:
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
        written = zip(page_keys(key, self._written), self._written.values(), strict=True)
        return {key: to_blob(head), **{page: to_page(last_seen, pages) for page, last_seen in written}}

    def deletes(self, key: bytes) -> list[bytes]:
        """The pages that are no more."""
        return page_keys(key, range(self._pages, self._baseline.pages))

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


def _page_of(value: Key, pages: int) -> int:
    return crc32(value.encode()) % pages

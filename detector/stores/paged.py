"""Paged baselines: whole ones out of heads and pages, and back again, head and pages in one commit.

Engines see baselines, stores see keys and blobs; what lies between is here and in `detector.stores.layout`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from detector.stores.base import BaselineStore, StoreError, StoreView
from detector.stores.blob import Baseline, from_blob, from_page, to_blob
from detector.stores.layout import PAGE_MARK, VALUES_A_PAGE, Layout, group_of, number_of, page_keys
from detector.token import Key

_NOTHING_SAID: Final[Mapping[Key, Collection[Key]]] = MappingProxyType({})


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
            asked = [key for group, head in heads.items() for key in (group, *page_keys(group, range(head.pages)))]
            blobs = dict(zip(asked, self._view.read(asked), strict=True))
            again = {group: from_blob(blob) for group in heads if (blob := blobs[group]) is not None}
            for group, head in again.items():
                if head.pages == heads[group].pages:
                    _fill(head, [blobs[key] for key in page_keys(group, range(head.pages))])
            whole.update(again)
            heads = {group: head for group, head in again.items() if head.pages and not head.on_page}
        return whole

    def _claim(self, key: bytes, pages: Mapping[bytes, int]) -> None:
        """Raise `StoreError` on a page that is none of the *pages* of the heads before it, and of none there is now."""
        group, number = group_of(key), number_of(key)
        if number is not None and number < pages.get(group, 0):
            return
        (blob,) = self._view.read([group])
        if number is None or blob is None or number >= from_blob(blob).pages:
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
        laid: dict[Key, Layout] = {}
        most = self._values_a_page
        for group, baseline in baselines.items():
            if not baseline.pages and len(baseline.last_seen) <= most:
                puts[group.encode()] = to_blob(baseline)
                continue
            laid[group] = layout = Layout(baseline, most, touched.get(group))
            puts.update(layout.puts(group.encode()))
            deletes += layout.deletes(group.encode())
        self._store.commit(puts, deletes, checkpoint)
        for layout in laid.values():
            layout.settle()
        return set(laid)


def _fill(head: Baseline, blobs: Sequence[bytes | None]) -> None:
    """Give a head the values of its pages."""
    if None in blobs:
        raise StoreError(f"the store is damaged: found {blobs.count(None)} of {head.pages} pages of a group missing")
    pages = [from_page(blob, head.pages) for blob in blobs if blob is not None]
    head.on_page = list(map(list, pages))
    for page in pages:
        head.last_seen.update(page)


def _text(key: bytes) -> Key:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise StoreError(f"the store holds a group that is no text: found {key[:50]!r}") from None

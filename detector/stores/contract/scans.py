"""What a scan shows: every group once, in order, whatever happens meanwhile."""

from itertools import islice
from typing import Final

from detector.stores.base import BaselineStore
from detector.stores.contract.any_bytes import LONG

_SINGLE: Final = [b"", b"\0", b"B", b"a", b"b", b"h", b"\x7f", b"\x80", b"\xff", LONG]
_IN_ORDER: Final = sorted(group + more for group in _SINGLE for more in (b"", b"\0", b"\0b", b"a", b"\xff"))


class Scans:
    """Sentences about scans."""

    def test_a_scan_is_in_the_order_of_the_groups_bytes(self, store: BaselineStore) -> None:
        """Not of a language, not of their lengths."""
        store.commit(dict.fromkeys(reversed(_IN_ORDER), b"x"), (), b"c")
        assert [group for group, _ in store.scan()] == list(dict.fromkeys(_IN_ORDER))

    def test_commits_may_come_in_between_while_a_store_is_scanned(self, store: BaselineStore) -> None:
        """What they do not touch comes exactly once, as it is; what they do may come or not, but no more than once."""
        blobs = {b"%05d" % number: b"as it is" for number in range(3000)}
        store.commit(blobs, (), b"1")
        told, touched = [], set()
        for place, (group, blob) in enumerate(store.scan()):
            told.append((group, blob))
            if place % 100 == 0:
                ahead, behind = b"%05d" % (place + 500), b"%05d" % (place // 2)
                store.commit({behind: b"2", ahead + b"+": b"2"}, [ahead], b"2")
                touched |= {behind, ahead, ahead + b"+"}
                assert store.read([behind, ahead]) == [b"2", None]
        groups = [group for group, _ in told]
        assert groups == sorted(set(groups))
        assert {pair for pair in told if pair[0] not in touched} == {
            pair for pair in blobs.items() if pair[0] not in touched
        }

    def test_scans_are_independent_of_each_other(self, store: BaselineStore) -> None:
        """Each begins at the beginning, also when another has not ended."""
        blobs = {b"%05d" % number: b"x" for number in range(1500)}
        store.commit(blobs, (), b"1")
        first = store.scan()
        begun = list(islice(first, 700))
        assert list(store.scan()) == list(blobs.items())
        assert begun + list(first) == list(blobs.items())

    def test_a_scan_that_is_given_up_is_in_nobodys_way(self, store: BaselineStore) -> None:
        """The store is written to and closed as ever."""
        store.commit({b"a": b"1", b"b": b"2"}, (), b"1")
        given_up = store.scan()
        assert next(given_up) == (b"a", b"1")
        store.commit({b"c": b"3"}, [b"b"], b"2")
        assert list(store.scan()) == [(b"a", b"1"), (b"c", b"3")]
        store.close()

"""Groups, blobs and checkpoints are any bytes, of any length, and many."""

from itertools import islice
from typing import Final

import pytest

from detector.stores.base import BaselineStore

LONG: Final = b"g" * 599
_MANY: Final = 20_000
_ANY_BYTES: Final = {
    "nothing": b"",
    "NUL": b"\0",
    "NULs": b"\0\0",
    "0xff": b"\xff\xff",
    "no text": b"\xc3\x28",
    "a quote": b"a'\"\\\n",
    "600 bytes": LONG + b"a",
}
_BLOBS: Final = {**_ANY_BYTES, "1 MB": bytes(range(256)) * 4096}


def _any_of(values: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("value", values.values(), ids=values)


class AnyBytes:
    """Sentences about what may be in a batch."""

    @_any_of(_ANY_BYTES)
    def test_any_bytes_are_a_group(self, store: BaselineStore, value: bytes) -> None:
        """A group is compared as bytes and comes back as it is."""
        store.commit({value: b"blob", b"other": b"1"}, (), b"c")
        assert store.read([value]) == [b"blob"]
        assert dict(store.scan()) == {value: b"blob", b"other": b"1"}
        assert {type(part) for told in store.scan() for part in told} == {bytes}
        store.commit({}, [value], b"c")
        assert (store.read([value]), list(store.scan())) == ([None], [(b"other", b"1")])

    @_any_of(_BLOBS)
    def test_any_bytes_are_a_blob(self, store: BaselineStore, value: bytes) -> None:
        """An empty blob is not none."""
        store.commit({b"g": value}, (), b"c")
        (found,) = store.read([b"g"])
        assert type(found) is bytes
        assert found == value
        assert list(store.scan()) == [(b"g", value)]

    @_any_of(_BLOBS)
    def test_any_bytes_are_a_checkpoint(self, store: BaselineStore, value: bytes) -> None:
        """An empty one is not none."""
        store.commit({}, (), value)
        assert type(store.checkpoint()) is bytes
        assert store.checkpoint() == value

    def test_long_groups_that_differ_at_their_end_are_apart(self, store: BaselineStore) -> None:
        """However long a key the engine below can have."""
        store.commit({LONG + b"a": b"1", LONG + b"b": b"2", LONG: b"3"}, (), b"1")
        store.commit({}, [LONG + b"a"], b"2")
        assert store.read([LONG + b"b", LONG + b"a", LONG]) == [b"2", None, b"3"]

    def test_a_batch_may_have_very_many_groups(self, store: BaselineStore) -> None:
        """They are put, read and deleted in one go."""
        blobs = {b"group %d" % number: b"blob %d" % number for number in range(_MANY)}
        store.commit(blobs, (), b"1")
        assert store.read([*reversed(blobs), b"none"]) == [*reversed(blobs.values()), None]
        assert list(store.scan()) == sorted(blobs.items())
        store.commit({}, list(islice(blobs, 1, None)), b"2")
        assert list(store.scan()) == [(b"group 0", b"blob 0")]

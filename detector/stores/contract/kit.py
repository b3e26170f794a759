"""The contract of a baseline store, one sentence a test."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, TypeAlias

import pytest

from detector.stores.base import BaselineStore, Durability, Footprint, StoreError

Opening: TypeAlias = Callable[[], BaselineStore]
"""Opens the same place at each call."""

_LONG: Final = b"g" * 599
_MANY: Final = 20_000
_ANY_BYTES: Final = {
    "nothing": b"",
    "NUL": b"\0",
    "NULs": b"\0\0",
    "0xff": b"\xff\xff",
    "no text": b"\xc3\x28",
    "a quote": b"a'\"\\\n",
    "600 bytes": _LONG + b"a",
}
_BLOBS: Final = {**_ANY_BYTES, "1 MB": bytes(range(256)) * 4096}
_SINGLE: Final = [b"", b"\0", b"B", b"a", b"b", b"h", b"\x7f", b"\x80", b"\xff", _LONG]
_IN_ORDER: Final = sorted(group + more for group in _SINGLE for more in (b"", b"\0", b"\0b", b"a", b"\xff"))


def _any_of(values: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("value", values.values(), ids=values)


class StoreContract:
    """What every exact store owes; a subclass has the fixture `opening` (see `detector.stores.contract`)."""

    @pytest.fixture
    def opening(self) -> Opening:
        """To be overridden: what opens the same place at each call, a fresh one for each test."""
        raise NotImplementedError("a subclass of StoreContract has the fixture `opening`")

    @pytest.fixture
    def store(self, opening: Opening) -> Iterator[BaselineStore]:
        """A store at a fresh place."""
        opened = opening()
        yield opened
        opened.close()

    def test_a_fresh_store_holds_nothing(self, store: BaselineStore) -> None:
        """No group, no checkpoint."""
        assert store.read([b"g", b""]) == [None, None]
        assert store.checkpoint() is None
        assert list(store.scan()) == []

    def test_blobs_are_read_in_the_order_asked_for_also_twice_and_not_at_all(self, store: BaselineStore) -> None:
        """One answer for each question, None where there is nothing."""
        store.commit({b"a": b"1", b"b": b"2"}, (), b"c")
        assert store.read([b"b", b"none", b"a", b"b", b"none"]) == [b"2", None, b"1", b"2", None]
        assert store.read([]) == []

    def test_a_later_commit_replaces_what_it_puts_and_nothing_else(self, store: BaselineStore) -> None:
        """Also by a shorter blob, and by an empty one."""
        store.commit({b"a": b"first", b"b": b"first", b"c": b"first"}, (), b"1")
        store.commit({b"b": b"2", b"c": b""}, (), b"2")
        assert list(store.scan()) == [(b"a", b"first"), (b"b", b"2"), (b"c", b"")]
        assert store.read([b"a", b"b", b"c"]) == [b"first", b"2", b""]
        assert store.checkpoint() == b"2"

    def test_a_commit_deletes_groups_and_passes_over_those_that_are_not_there(self, store: BaselineStore) -> None:
        """And nothing else."""
        store.commit({b"a": b"1", b"ab": b"2", b"b": b"3"}, (), b"1")
        store.commit({}, [b"a", b"none"], b"2")
        assert list(store.scan()) == [(b"ab", b"2"), (b"b", b"3")]
        assert store.read([b"a", b"ab"]) == [None, b"2"]

    def test_a_group_that_was_deleted_may_come_again(self, store: BaselineStore) -> None:
        """With another blob."""
        store.commit({b"a": b"1"}, (), b"1")
        store.commit({}, {b"a"}, b"2")
        store.commit({b"a": b"3"}, frozenset(), b"3")
        assert (store.read([b"a"]), list(store.scan())) == ([b"3"], [(b"a", b"3")])

    def test_a_commit_puts_and_deletes_at_once(self, store: BaselineStore) -> None:
        """Different groups, that is."""
        store.commit({b"a": b"1", b"b": b"1"}, (), b"1")
        store.commit({b"c": b"2", b"a": b"2"}, [b"b"], b"2")
        assert list(store.scan()) == [(b"a", b"2"), (b"c", b"2")]

    def test_a_commit_of_nothing_moves_the_checkpoint(self, store: BaselineStore) -> None:
        """Time passes, and nobody acts."""
        store.commit({b"a": b"1"}, (), b"before")
        store.commit({}, (), b"after")
        assert (store.checkpoint(), list(store.scan())) == (b"after", [(b"a", b"1")])

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
        store.commit({_LONG + b"a": b"1", _LONG + b"b": b"2", _LONG: b"3"}, (), b"1")
        store.commit({}, [_LONG + b"a"], b"2")
        assert store.read([_LONG + b"b", _LONG + b"a", _LONG]) == [b"2", None, b"3"]

    def test_a_batch_may_have_very_many_groups(self, store: BaselineStore) -> None:
        """They are put, read and deleted in one go."""
        blobs = {b"group %d" % number: b"blob %d" % number for number in range(_MANY)}
        store.commit(blobs, (), b"1")
        assert store.read([*reversed(blobs), b"none"]) == [*reversed(blobs.values()), None]
        assert list(store.scan()) == sorted(blobs.items())
        store.commit({}, list(islice(blobs, 1, None)), b"2")
        assert list(store.scan()) == [(b"group 0", b"blob 0")]

    def test_a_batch_is_the_callers_who_may_change_it_afterwards(self, store: BaselineStore) -> None:
        """And it is left as it was."""
        puts, deletes = {b"a": b"1"}, [b"b"]
        store.commit(puts, deletes, b"1")
        assert (puts, deletes) == ({b"a": b"1"}, [b"b"])
        puts[b"a"] = b"2"
        assert store.read([b"a"]) == [b"1"]

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

    def test_a_commit_outlives_its_store_if_the_store_lasts(self, opening: Opening) -> None:
        """And nothing does if it does not."""
        with_groups = {b"a": b"1", b"": b"", _LONG: b"2"}
        lasts = _committed(opening, with_groups, b"c")
        held, checkpoint = _held(opening)
        assert (held, checkpoint) == ((with_groups, b"c") if lasts else ({}, None))

    def test_a_checkpoint_and_nothing_else_outlives_its_store_if_the_store_lasts(self, opening: Opening) -> None:
        """It is a commit like any other."""
        lasts = _committed(opening, {}, b"")
        assert _held(opening) == ({}, b"" if lasts else None)

    def test_checkpoint_and_groups_move_together(self, opening: Opening) -> None:
        """Whenever the store is opened again, both are of the last commit."""
        for number in range(1, 6):
            now, before = b"%d" % number, b"%d" % (number - 1)
            store = opening()
            store.commit({b"a": now, now: now}, [before], now)
            assert (store.checkpoint(), dict(store.scan())) == (now, {b"a": now, now: now})
            store.close()
            assert _held(opening) == (({b"a": now, now: now}, now) if store.durability.lasts else ({}, None))

    def test_a_store_that_was_opened_and_not_committed_to_holds_nothing_afterwards(self, opening: Opening) -> None:
        """Opening alone leaves nothing behind that is in the way."""
        opening().close()
        assert _held(opening) == ({}, None)

    def test_a_second_writer_is_refused_in_one_line_and_welcome_afterwards(self, opening: Opening) -> None:
        """If the store lasts; if not, two of them have nothing in common."""
        first = opening()
        if not first.durability.lasts:
            _have_nothing_in_common(first, opening())
            return
        first.commit({b"a": b"1"}, (), b"1")
        for _ in range(2):
            with pytest.raises(StoreError) as refusal:
                opening().close()
            assert str(refusal.value).strip()
            assert "\n" not in str(refusal.value)
        first.commit({b"b": b"2"}, (), b"2")
        first.close()
        assert _held(opening) == ({b"a": b"1", b"b": b"2"}, b"2")

    def test_a_store_may_be_closed_twice(self, opening: Opening) -> None:
        """Also when somebody else has opened it meanwhile, who is not disturbed."""
        first = opening()
        first.commit({b"a": b"1"}, (), b"1")
        first.close()
        second = opening()
        first.close()
        second.commit({b"a": b"2"}, (), b"2")
        assert (second.read([b"a"]), second.checkpoint()) == ([b"2"], b"2")
        second.close()

    def test_a_footprint_is_bytes_or_unknown_and_never_negative(self, store: BaselineStore) -> None:
        """It may tidy up, and changes nothing of what is held."""
        for puts in ({}, {b"a": b"x" * 10_000}):
            store.commit(puts, (), b"c")
            room = store.footprint()
            assert isinstance(room, Footprint)
            assert all(part is None or (isinstance(part, int) and part >= 0) for part in room)
        assert (store.read([b"a"]), store.checkpoint()) == ([b"x" * 10_000], b"c")

    def test_a_store_says_what_it_promises(self, store: BaselineStore) -> None:
        """By the name of its setting, and what that survives."""
        assert isinstance(store.durability, Durability)
        assert store.durability.setting
        assert store.durability.lasts or not any(store.durability[1:])


def _committed(opening: Opening, puts: dict[bytes, bytes], checkpoint: bytes) -> bool:
    """Commit and close; whether the store lasts."""
    store = opening()
    store.commit(puts, (), checkpoint)
    store.close()
    return store.durability.lasts


def _held(opening: Opening) -> tuple[dict[bytes, bytes], bytes | None]:
    """What is there when the store is opened again."""
    store = opening()
    try:
        return dict(store.scan()), store.checkpoint()
    finally:
        store.close()


def _have_nothing_in_common(first: BaselineStore, second: BaselineStore) -> None:
    first.commit({b"a": b"1"}, (), b"1")
    assert (second.read([b"a"]), second.checkpoint()) == ([None], None)
    first.close()
    second.close()

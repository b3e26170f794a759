"""What a batch does: read, put, delete, and the checkpoint."""

from detector.stores.base import BaselineStore, Durability, Footprint


class Batches:
    """Sentences about a store that is open."""

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

    def test_a_batch_is_the_callers_who_may_change_it_afterwards(self, store: BaselineStore) -> None:
        """And it is left as it was."""
        puts, deletes = {b"a": b"1"}, [b"b"]
        store.commit(puts, deletes, b"1")
        assert (puts, deletes) == ({b"a": b"1"}, [b"b"])
        puts[b"a"] = b"2"
        assert store.read([b"a"]) == [b"1"]

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

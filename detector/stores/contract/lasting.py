"""What is left when a store is closed, and who may open it."""

import pytest

from detector.stores.base import BaselineStore, StoreError
from detector.stores.contract.any_bytes import LONG
from detector.stores.contract.opening import Opening, committed, held


class Lasting:
    """Sentences about a store that is opened again."""

    def test_a_commit_outlives_its_store_if_the_store_lasts(self, opening: Opening) -> None:
        """And nothing does if it does not."""
        with_groups = {b"a": b"1", b"": b"", LONG: b"2"}
        lasts = committed(opening, with_groups, b"c")
        assert held(opening) == ((with_groups, b"c") if lasts else ({}, None))

    def test_a_checkpoint_and_nothing_else_outlives_its_store_if_the_store_lasts(self, opening: Opening) -> None:
        """It is a commit like any other."""
        lasts = committed(opening, {}, b"")
        assert held(opening) == ({}, b"" if lasts else None)

    def test_checkpoint_and_groups_move_together(self, opening: Opening) -> None:
        """Whenever the store is opened again, both are of the last commit."""
        for number in range(1, 6):
            now, before = b"%d" % number, b"%d" % (number - 1)
            store = opening()
            store.commit({b"a": now, now: now}, [before], now)
            assert (store.checkpoint(), dict(store.scan())) == (now, {b"a": now, now: now})
            store.close()
            assert held(opening) == (({b"a": now, now: now}, now) if store.durability.lasts else ({}, None))

    def test_a_store_that_was_opened_and_not_committed_to_holds_nothing_afterwards(self, opening: Opening) -> None:
        """Opening alone leaves nothing behind that is in the way."""
        opening().close()
        assert held(opening) == ({}, None)

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
        assert held(opening) == ({b"a": b"1", b"b": b"2"}, b"2")

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


def _have_nothing_in_common(first: BaselineStore, second: BaselineStore) -> None:
    first.commit({b"a": b"1"}, (), b"1")
    assert (second.read([b"a"]), second.checkpoint()) == ([None], None)
    first.close()
    second.close()

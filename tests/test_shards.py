"""Shards: workers that each decide a part of the groups find together what one finds."""

from collections import Counter

import pytest
from builders import new_value_rule
from engines import NOT_ENABLED, Situation, parsed, remembered, selected, typed
from hypothesis import given
from hypothesis import strategies as st
from naive_model import run
from streams import situations
from test_engines_agree import sizes, thorough

from detector.shard import Shard, ShardError
from detector.stores.base import StoreError
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", " 1/2", "1.0/2"])
def test_only_i_of_n_is_a_shard(text: str) -> None:
    with pytest.raises(ShardError, match="legal: I/N with I from 1 to N"):
        Shard.parse(text)


@given(st.text(), st.integers(1, 9))
def test_every_group_lies_in_exactly_one_shard(group: str, parts: int) -> None:
    assert [Shard(part, parts).holds(group) for part in range(1, parts + 1)].count(True) == 1


@thorough
@given(situation=situations(), parts=st.integers(1, 4), size=sizes)
def test_the_shards_together_are_one_worker(situation: Situation, parts: int, size: int) -> None:
    document, stream, enabled_at = situation
    rule, model = parsed(document), run(stream, document, enabled_at)
    events, _ = selected(rule, stream)
    matches: Counter[str] = Counter()
    state, not_enabled, elsewhere = {}, 0, 0
    for part in range(1, parts + 1):
        store = MemoryStore()
        worker = StreamingEngine(rule, store, enabled_at, shard=Shard(part, parts))
        for start in range(0, len(events), size):
            matches.update(typed(match.shown()) for match in worker.feed(events[start : start + size]))
        state.update(remembered(rule, store))
        not_enabled, elsewhere = not_enabled + worker.not_enabled, elsewhere + worker.elsewhere
    assert matches == Counter(map(typed, model.matches))
    assert state == model.state()
    assert elsewhere == (parts - 1) * len(events)
    assert not_enabled == model.ignored[NOT_ENABLED]


def test_a_store_of_another_shard_is_refused() -> None:
    rule, store = parsed(new_value_rule()), MemoryStore()
    StreamingEngine(rule, store, shard=Shard(1, 2)).commit()
    for other in (Shard(2, 2), Shard(1, 3), None):
        with pytest.raises(StoreError, match="shard: found "):
            StreamingEngine(rule, store, shard=other)
    StreamingEngine(rule, store, shard=Shard(1, 2))

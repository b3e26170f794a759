"""`--shard`: workers that each decide a part of the groups find together what one finds."""

from collections import Counter
from pathlib import Path

import pytest
from calling import Run, caller
from engines import in_batches
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_records import Json
from streams import streams

from detector.shard import Shard, ShardError
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", " 1/2", "1.0/2"])
def test_only_i_of_n_is_a_shard(text: str) -> None:
    with pytest.raises(ShardError, match="legal: I/N with I from 1 to N"):
        Shard.parse(text)


@given(st.text(), st.integers(1, 9))
def test_every_group_lies_in_exactly_one_shard(group: str, parts: int) -> None:
    assert [Shard(part, parts).holds(group) for part in range(1, parts + 1)].count(True) == 1

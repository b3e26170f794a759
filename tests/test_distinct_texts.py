"""Distinct texts: equal texts have equal numbers, other texts others, from one batch to the next."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from detector.bulk.distinct_texts import DistinctTexts
from detector.bulk.raw_texts import RawTexts


def raw(texts: list[str]) -> RawTexts:
    return RawTexts.of(pa.array(texts, pa.string()))


def texts_of(known: DistinctTexts, start: int = 0) -> list[str]:
    found = known.since(start)
    return [found.reader()(row).decode() for row in range(len(found.offsets) - 1)]


def test_numbers_are_given_in_the_order_of_coming_and_kept() -> None:
    known = DistinctTexts()
    assert known.numbers(raw(["fill", "", "reveal", "fill"])).tolist() == [0, 1, 2, 0]
    assert known.numbers(raw(["copy", "reveal", ""])).tolist() == [3, 2, 1]
    assert texts_of(known, 2) == ["reveal", "copy"]
    assert len(known) == 4
    assert known.size == len("fillrevealcopy")


def test_texts_that_differ_anywhere_are_told_apart() -> None:
    texts = ["a" * size for size in range(40)]
    texts += ["a" * place + "b" + "a" * (size - place) for size in range(40) for place in range(size + 1)]
    texts += ["a" * size + "\0" * more for size in range(20) for more in range(1, 10)]
    distinct = list(dict.fromkeys(texts))
    known = DistinctTexts()
    assert known.numbers(raw(texts)).tolist() == [distinct.index(text) for text in texts]
    assert texts_of(known) == distinct


def test_many_texts_are_known_again() -> None:
    texts = [f"person.{number}@example.com" for number in range(20_000)]
    known = DistinctTexts()
    for start in range(0, len(texts), 3_000):
        known.numbers(raw(texts[start : start + 3_000]))
    assert known.numbers(raw(texts[::-1])).tolist() == list(range(20_000))[::-1]


@given(st.lists(st.lists(st.text(max_size=20) | st.sampled_from(["", "fill", "é" * 9]))))
def test_numbers_are_those_of_a_dict(batches: list[list[str]]) -> None:
    known, expected = DistinctTexts(), dict[str, int]()
    for batch in batches:
        assert known.numbers(raw(batch)).tolist() == [expected.setdefault(text, len(expected)) for text in batch]
    assert texts_of(known) == list(expected)

"""Weaving at full speed: the quick ways give what the plain ones would."""

from collections.abc import Iterator, Sequence

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.injection import Addition, weave
from scenarios.reading import instant
from simulator.records import parse_timestamp, timestamp_text

START = 1_767_225_600_000_000_000  # 2026-01-01T00:00:00Z
HALF = 500_000_000

TEXTS = st.one_of(
    st.integers(0, 12).map(lambda halves: timestamp_text(START + halves * HALF)),
    st.sampled_from(
        [
            "2026-01-01T01:00:02+01:00",  # an hour later as text
            "2025-12-31T23:00:02.5-01:00",
            "2026-01-01t00:00:02Z",
            "2026-01-01T00:00:02.500000000z",
            "2026-01-01T00:00:02.50Z",
            "2026-02-30T00:00:02Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01 00:00:01Z",
            "",
            "Z",
            "yesterday",
        ]
    ),
)


def plain(original: Sequence[bytes], additions: Sequence[Addition]) -> Iterator[bytes]:
    """What `weave` promises, in the fewest words: each line is asked for its time."""
    waiting = list(additions)
    for line in original:
        try:
            at = parse_timestamp(msgspec.json.decode(line)["timestamp"])
        except (ValueError, KeyError, TypeError):
            at = None
        while at is not None and waiting and waiting[0].at < at:
            yield waiting.pop(0).line
        yield line
    yield from (addition.line for addition in waiting)


def line_of(text: str) -> bytes:
    return msgspec.json.encode({"uuid": "A", "timestamp": text}) + b"\n"


@given(st.lists(TEXTS, max_size=12), st.lists(st.integers(0, 12), max_size=5))
@example(["2026-01-01T00:00:02.50Z"], [5])  # the same instant, and more as text
@example(["2026-01-01T00:00:02Z"], [5])
@example(["2026-01-01T01:00:00+01:00"], [2])
def test_comparing_texts_puts_additions_where_comparing_times_does(texts: list[str], halves: list[int]) -> None:
    additions = [Addition(START + half * HALF, b"%d\n" % number) for number, half in enumerate(sorted(halves))]
    lines = [*map(line_of, texts), b"{\n", b"[]\n", b'{"timestamp":3}\n']
    assert list(weave(lines, additions)) == list(plain(lines, additions))


@pytest.mark.parametrize("at", [0, START, START + 1, START + HALF, START + 59 * 10**9, 253_402_300_799 * 10**9])
def test_an_instant_is_read_as_it_was_written(at: int) -> None:
    assert instant(timestamp_text(at)) == at


@given(
    st.one_of(
        TEXTS, st.from_regex(r"2026-0[12]-[0-3]\dT\d\d:[0-6]\d:\d\d[.,]?\d{0,10}[Zz+]?", fullmatch=True), st.text()
    )
)
@example("2026-01-01T00:00:00.²Z")
@example("2026-01-01T00:00:00.1234567890Z")
@example("2026-02-30T00:00:00.5Z")
def test_an_instant_is_exactly_what_the_plain_reading_gives(text: str) -> None:
    try:
        expected = parse_timestamp(text)
    except ValueError:
        with pytest.raises(ValueError, match="timestamp: found"):
            instant(text)
    else:
        assert instant(text) == expected

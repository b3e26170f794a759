"""Instants: RFC 3339 with up to nine fraction digits, to the nanosecond and back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import written

from detector.instant import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    SECOND,
    InstantError,
    InstantReader,
    instant_text,
    parse_day_or_instant,
    parse_instant,
)
from detector.instants import parse_instants

EARLIEST = parse_instant(f"{FIRST_YEAR}-01-01T00:00:00Z")
LATEST = parse_instant(f"{LAST_YEAR}-12-31T23:59:59.999999999Z")
instants = st.integers(EARLIEST + DAY, LATEST - DAY)
offsets = st.sampled_from([0, 0, 330, -180, 1439, -1439])
almost = st.text(st.sampled_from("0123456789-+:.TZ٣ "), max_size=32) | st.from_regex(
    r"20[0-9]{2}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?(Z|[+-][0-2][0-9]:[0-6][0-9]|z)?",
    fullmatch=True,
)


def read(text: str) -> int | None:
    try:
        return parse_instant(text)
    except InstantError:
        return None


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.1Z", 100_000_000),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T21:00:00-03:00", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("2026-01-05T00:00:00Z", 1_767_571_200 * SECOND),
        ("2024-02-29T00:00:00Z", 1_709_164_800 * SECOND),
        ("2026-01-31T09:30:00.120Z", 1_769_851_800 * SECOND + 120_000_000),
    ],
)
def test_text_is_read_to_the_nanosecond(text: str, nanoseconds: int) -> None:
    assert parse_instant(text) == InstantReader().read(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-01-05", "2026-01-05T00:00:00", "2026-01-05T00:00Z", "2026-01-05 00:00:00Z"),
        *("2026-01-05T00:00:00.Z", "2026-01-05T00:00:00.1234567890Z", "2026-01-05T00:00:00,5Z"),
        *("2026-01-05T24:00:00Z", "2026-01-05T00:60:00Z", "2026-01-05T00:00:60Z", "2026-01-05T00:00:00z"),
        *("2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z"),
        *("2026-01-05T00:00:00+0100", "2026-01-05T00:00:00+24:00", " 2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z\n"),
        *("1677-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "٢٠٢٦-01-05T00:00:00Z", "2026-01-05T00:00:00.٣Z"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_says_what_is_legal(text: str) -> None:
    for parse in (parse_instant, InstantReader().read):
        with pytest.raises(InstantError, match=r"^found '.*legal: RFC 3339") as refused:
            parse(text)
        assert "\n" not in str(refused.value)


def test_a_bare_date_means_its_first_moment_where_a_date_is_legal() -> None:
    assert parse_day_or_instant("2026-01-05") == parse_instant("2026-01-05T00:00:00Z")
    assert parse_day_or_instant("2026-01-05T01:00:00Z") == parse_instant("2026-01-05T01:00:00Z")
    with pytest.raises(InstantError):
        parse_day_or_instant("2026-02-30")


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (500_000_000, "1970-01-01T00:00:00.5Z"),
        (10 * SECOND, "1970-01-01T00:00:10Z"),
    ],
)
def test_an_instant_is_written_without_the_zeros_that_end_its_fraction(instant: int, text: str) -> None:
    assert instant_text(instant) == text


@given(st.integers(EARLIEST, LATEST))
def test_an_instant_is_written_as_strftime_writes_it_to_the_second(instant: int) -> None:
    seconds, nanoseconds = divmod(instant, SECOND)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert instant_text(instant) == f"{moment:%Y-%m-%dT%H:%M:%S}{f'.{nanoseconds:09d}'.rstrip('0').rstrip('.')}Z"


@given(instants)
def test_an_instant_survives_writing_and_reading(instant: int) -> None:
    assert parse_instant(instant_text(instant)) == instant


@given(instants, offsets, st.integers(0, 9))
def test_offset_and_digits_change_the_text_but_not_the_instant(instant: int, offset: int, digits: int) -> None:
    assert parse_instant(written(instant, offset, digits)) == instant


@given(st.datetimes(datetime(1700, 1, 1), datetime(2250, 1, 1)))  # noqa: DTZ001 - made aware below
def test_whole_microseconds_are_read_as_pythons_own_datetime_reads_them(moment: datetime) -> None:
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert parse_instant(f"{moment.isoformat()}Z") == since // timedelta(microseconds=1) * 1000


@given(instants, instants)
def test_text_of_nine_digits_sorts_as_instants_do(one: int, other: int) -> None:
    assert (written(one, 0, 9) < written(other, 0, 9)) == (one < other)


@given(st.lists(almost | st.builds(written, instants, offsets, st.integers(0, 9)), max_size=8))
def test_a_streams_reader_reads_and_refuses_what_parsing_does_whatever_it_has_read_before(texts: list[str]) -> None:
    reader = InstantReader()
    for text in texts:
        try:
            found = reader.read(text)
        except InstantError:
            assert read(text) is None, text
        else:
            assert found == read(text), text


@given(st.lists(st.builds(written, instants, st.just(0), st.integers(1, 9)), min_size=1, max_size=8))
def test_many_instants_at_once_are_those_of_each(texts: list[str]) -> None:
    assert parse_instants(texts) == list(map(parse_instant, texts))


@given(st.lists(almost | st.builds(written, instants, offsets, st.integers(0, 9)), min_size=1, max_size=3))
def test_many_instants_at_once_are_never_others_than_those_of_each(texts: list[str]) -> None:
    found = parse_instants(texts)
    assert found is None or found == list(map(read, texts))


@pytest.mark.parametrize("text", ["2026-01-05T24:00:00.5Z", "1677-12-31T00:00:00.5Z", "2262-01-01T00:00:00.5Z"])
def test_a_column_with_one_instant_out_of_bounds_is_left_to_the_one_by_one_reading(text: str) -> None:
    usual = "2026-01-05T23:59:59.5Z"
    assert parse_instants([usual, usual]) is not None
    assert parse_instants([usual, text]) is None
    with pytest.raises(InstantError):
        parse_instant(text)


@pytest.mark.parametrize("text", ["1678-01-01T00:00:00.5Z", "2261-12-31T23:59:59.999999999Z"])
def test_the_first_and_the_last_year_are_read_by_columns_too(text: str) -> None:
    assert parse_instants([text]) == [parse_instant(text)]

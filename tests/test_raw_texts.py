"""Raw texts are told apart and read where they lie, to the letter of the definitions for one text."""

import json
import re
from typing import Final

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.bulk.doubt import Doubt
from detector.bulk.raw_texts import RawTexts
from detector.instant import InstantError, instant_text, parse_instant


def raw(*texts: str | None) -> RawTexts:
    return RawTexts.of(pa.array(texts, pa.string()))


def test_a_row_reads_as_its_text_wherever_the_column_was_cut() -> None:
    column = pa.array(["gone", "fill", None, "é"], pa.string()).slice(1)
    text = RawTexts.of(column).reader()
    assert [text(row) for row in range(3)] == [b"fill", b"", "é".encode()]


@pytest.mark.parametrize("uuid", ["56YE2TYN2VFYRLNSHKPW5NVT5E", "A" * 26, "z" + "2" * 25, "2" * 25 + "f"])
def test_a_uuid_has_26_characters_of_base32(uuid: str) -> None:
    assert raw("B" * 26, uuid).are_uuids()


@pytest.mark.parametrize(
    "text", ["2" * 26, "2" * 25 + "e", "2" * 22 + "E" + "2" * 3, "A" * 25, "A" * 27, "A" * 25 + "1", "A" * 24 + "é"]
)
def test_what_may_have_been_a_number_is_no_uuid(text: str) -> None:
    assert not raw("B" * 26, text, "C" * 26).are_uuids()


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "1e22", "-1.5e-07", "5E+3", "9" * 30, "true", "false", "[]", "{}", '{"a":1}', "[1,2]"]
)
def test_what_may_have_been_no_string_is_doubted(text: str) -> None:
    assert not raw("fill", text).are_strings()


@pytest.mark.parametrize(
    "text", ["", "-", "1Password", "192.0.2.17", "True", "null", "truth", "false ", "é", "\0", None]
)
def test_other_texts_can_only_have_been_strings(text: str | None) -> None:
    assert raw("fill", text, "x").are_strings()


NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


@given(st.from_regex(NUMBER, fullmatch=True) | st.floats(allow_nan=False, allow_infinity=False).map(json.dumps))
def test_every_number_is_doubted(text: str) -> None:
    assert not raw("fill", text, "fill").are_strings()


DAYS = [
    f"{year}-{month:02d}-{day:02d}"
    for year in (1677, 1678, 1900, 2000, 2024, 2261, 2262)
    for month, day in ((0, 1), (1, 0), (1, 1), (2, 28), (2, 29), (2, 30), (4, 31), (12, 31), (13, 1))
]
CLOCKS = ["00:00:00", "23:59:59", "24:00:00", "09:60:00", "09:00:60", "9:000:00", "09-00:00", "0a:00:00", "09:00:0:"]
ENDS = [
    "Z",
    ".Z",
    ".5Z",
    ".000000001Z",
    ".123456789Z",
    ".1234567890Z",
    ".12345678aZ",
    ".a2345678Z",
    ".1:Z",
    "",
    "z",
    "+01:00",
    ".5+01:00",
    "Z ",
    ",5Z",
    ".12345678/Z",
]
TEXTS: Final = [
    *(f"{day}T09:30:00.5Z" for day in DAYS),
    *(f"2026-01-31T{clock}Z" for clock in CLOCKS),
    *(f"2026-01-31T09:30:00{end}" for end in ENDS),
    *("2026-01-31 09:30:00Z", "2026/01-31T09:30:00Z", "", "Z" * 25, "202é-01-31T09:30:00Z"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_an_instant_is_read_as_alone(text: str) -> None:
    try:
        expected = parse_instant(text)
    except InstantError:
        with pytest.raises(Doubt):
            raw(text).instants()
    else:
        assert raw("2026-01-31T00:00:00Z", text, text).instants().tolist()[1:] == [expected, expected]


@given(st.lists(st.integers(-9 * 10**18, 9 * 10**18)))
def test_all_instants_are_read_back(instants: list[int]) -> None:
    assert raw(*map(instant_text, instants)).instants().tolist() == instants

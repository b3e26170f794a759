"""Bulk reading of NDJSON sees what the scalar reader sees, in columns while the records are ordinary."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from builders import audit, line, log, new_value_rule, sign_in, usage
from bulk_reading import by_lines, in_bulk, parsed, parts, split, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_records import SECOND, Json
from streams import situations

from detector.bulk import json_columns, json_query, ndjson
from detector.source import SourceError


def usages(count: int) -> list[bytes]:
    return [line(usage(number * SECOND, x=number % 7)) for number in range(count)]


ORDINARY: Final = b"\n".join(usages(3)) + b"\n"


@pytest.mark.parametrize("build", [usage, sign_in, audit])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\t", " : ")])
def test_ordinary_records_of_a_kind_go_wholly_by_columns(tmp_path: Path, build: Any, separators: Any) -> None:
    records = [build(number * SECOND, x=number, y={"z": "a"}) for number in range(5)]
    name = written(tmp_path, b"".join(json.dumps(one, separators=separators).encode() + b"\n" for one in records))
    assert split(name).rows == 5
    assert not split(name).chunks
    assert in_bulk(name) == by_lines(name)


@pytest.mark.parametrize(
    "data",
    [
        ORDINARY.rstrip(b"\n"),
        ORDINARY.replace(b"\n", b"\r\n"),
        ORDINARY.replace(b"\n", b"\n\n\n"),
        b"\n" + ORDINARY.replace(b"}\n", b"}  \n"),
    ],
)
def test_line_ends_and_empty_lines_are_ordinary(tmp_path: Path, data: bytes) -> None:
    name = written(tmp_path, data)
    rows = 0 if data[:1] == b"\n" else 3
    assert split(name).rows == rows
    assert in_bulk(name) == by_lines(name)


HOSTILE_VALUES: Final[tuple[Any, ...]] = (
    *("1", 1, 1.0, -0.0, True, "true", None, "", [], [1, 2], {}, {"z": 1}, 1e22, 5e-324, 2**64, -(2**70), 0.1),
    *("\0", "\0" + "1", "é😀", 'a"b\\', ",}", ", ]", "NaN", ": -inf", "[{", "\x7f", "\u2028", "9" * 200),
)


@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=repr)
@pytest.mark.parametrize("as_ascii", [True, False])
def test_a_value_keeps_its_type_in_columns(tmp_path: Path, value: Any, as_ascii: Any) -> None:
    records = [usage(0, x=value, y={"z": value}), usage(1, value, x=1), usage(2, x=1, w=value), usage(3, by=value, x=2)]
    lines = [json.dumps(record, ensure_ascii=as_ascii).encode() for record in records]
    name = written(tmp_path, b"\n".join(lines))
    assert split(name).rows == 4
    assert in_bulk(name) == by_lines(name)


LAX: Final = (
    *('{"a":1,}', "[1,]", "[1 , ]", "[[],\t]", "NaN", "nan", "nAN", "-NaN", "Infinity", "-inf", "inf", "-INFINITY"),
    *("1e400", "[1E+400]", "-0.1e+999", "9" * 400, "[" * 2000 + "]" * 2000, "1\x0b", "\x0c1"),
)
STRICT_OR_NOT: Final = (
    *('{"a":1,"a":2}', "01", "1.", ".5", "+1", "0x1", "tru", "True", "'a'", '"\\x"', '"\\ud800"', '"\x01"', "1 /*c*/"),
    *('"a" "b"', "1e-400", "1e99", "-0", "1e-7", "1E+16", '"\\u0000"', '"\\/"', "{} ", '"\x7f"', "[1,2]"),
)


@pytest.mark.parametrize("text", [*LAX, *STRICT_OR_NOT], ids=lambda text: text[:20])
@pytest.mark.parametrize("field", ["x", "z", "item_uuid", "category"])
def test_json_that_only_one_of_the_readers_takes_is_told_by_its_line(tmp_path: Path, text: str, field: str) -> None:
    hostile = usages(1)[0].replace(b"{", f'{{"{field}": {text}, '.encode(), 1)
    name = written(tmp_path, ORDINARY + hostile + b"\n" + ORDINARY)
    assert in_bulk(name) == by_lines(name)


@pytest.mark.parametrize(
    "text",
    [
        *(b"null", b"5", b"[]", b"{}", b"  ", b"\r", b"\x0b", b"\x1c", b'"a"', b"\xef\xbb\xbf{}", b"{}{}", b"{", b"\0"),
        *(b'{"uuid": "x"}', b'{"z": "\xff"}', b'{"\xff": 1}', b'{"a": 1}\r{"a": 1}', b'{"items": [], "cursor": ""}'),
        *(line(build(5)) for build in (sign_in, audit, log)),
    ],
    ids=lambda text: repr(text[:20]),
)
@pytest.mark.parametrize("build", [usage, sign_in, audit])
@pytest.mark.parametrize("place", [0, 1])
def test_lines_that_are_no_ordinary_records_are_read_as_lines(
    tmp_path: Path, text: bytes, build: Any, place: int
) -> None:
    lines = [line(build(1)), line(build(2))]
    name = written(tmp_path, b"\n".join([*lines[:place], text, *lines[place:]]))
    assert in_bulk(name) == by_lines(name)


@pytest.mark.parametrize(
    ("build", "extra"),
    [
        (usage, b'"item_uuid": null'),
        (audit, b'"item_uuid": null, "vault_uuid": null'),
        (audit, rb'"item\u005Fuuid": null, "vault_uuid": 1'),
        (sign_in, b'"object_type": null'),
        (sign_in, b'"item_uuid": null, "vault_uuid": null'),
        (audit, b'"category": 1, "session_uuid": 2'),
    ],
)
def test_a_field_that_is_null_counts_for_the_kind(tmp_path: Path, build: Any, extra: bytes) -> None:
    record = line({name: value for name, value in build(0, x=1).items() if name != "item_uuid"})
    name = written(tmp_path, record.replace(b"{", b"{" + extra + b", ", 1) + b"\n")
    assert in_bulk(name) == by_lines(name)


def test_what_follows_a_late_doubt_comes_as_lines_under_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_query, "ROWS", 2048)
    lines = [b"", *usages(5000)]
    lines[4500] = b'{"uuid": NaN}'
    lines.insert(100, b"")
    name = written(tmp_path, b"\n".join(lines[1:]))
    found = split(name)
    assert found.rows == 4096
    assert found.chunks[0].number == 4098
    assert in_bulk(name) == by_lines(name)
    assert in_bulk(name)[1][0].startswith(f"{name}:4501: ")


@pytest.mark.parametrize("value", ["5", 5, 1.5, True, "true", "[]", [1], {"z": 1}, None, "\0", 'a"', "é"], ids=repr)
@pytest.mark.parametrize("place", [0, 1, 4000])
def test_a_field_of_strings_may_come_to_hold_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any, place: int
) -> None:
    monkeypatch.setattr(json_query, "ROWS", 2048)
    monkeypatch.setattr(ndjson, "_HEAD", 1)
    records = [usage(number * SECOND, f"a{number % 3}", x="b", y={"z": "c"}) for number in range(4500)]
    records[place] |= {"x": value, "y": {"z": value}, "action": value}
    name = written(tmp_path, b"\n".join(map(line, records)))
    assert split(name).rows == 4500
    assert not split(name).chunks
    assert in_bulk(name) == by_lines(name)


def test_fields_of_very_many_texts_are_read_by_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_query, "ROWS", 2048)
    monkeypatch.setattr(json_columns, "_MOST_TEXTS", 3000)
    name = written(tmp_path, b"\n".join(line(usage(number, x=f"b{number % 5000}")) for number in range(9000)))
    assert split(name).rows == 9000
    assert in_bulk(name) == by_lines(name)


@pytest.mark.parametrize("timestamp", ["2026-01-05T09:00:00+01:00", "2026-01-05T09:00:00Z", "2024-02-29T23:59:59.1Z"])
def test_every_legal_timestamp_goes_by_columns(tmp_path: Path, timestamp: str) -> None:
    name = written(tmp_path, line(usage(0, x=1) | {"timestamp": timestamp}))
    assert split(name).rows == 1
    assert in_bulk(name) == by_lines(name)


@pytest.mark.parametrize(
    "timestamp", ["2026-02-29T00:00:00Z", "1677-12-31T00:00:00Z", "2026-01-05T24:00:00.5Z", 5, None]
)
@pytest.mark.parametrize("uuid", ["A" * 26, "2" * 26, int("2" * 26), "A" * 25 + "1", "A" * 27])
def test_a_malformed_identity_is_told_as_ever(tmp_path: Path, timestamp: object, uuid: object) -> None:
    name = written(tmp_path, ORDINARY + line(usage(0) | {"timestamp": timestamp, "uuid": uuid}))
    assert in_bulk(name) == by_lines(name)
    assert len(in_bulk(name)[1]) == 1


@pytest.mark.parametrize("metric", ["@user", "@X", "@it's", "@a..b", "@user.", "@x y", "@uuid", "@timestamp"])
def test_fields_may_have_any_name(tmp_path: Path, metric: str) -> None:
    rule = parsed(new_value_rule(metrics=(metric, "@x")))
    name = written(tmp_path, line(usage(0, x=1, X=2, **{"x y": 3, "it's": 4, '"': 5, "": 6})))
    assert in_bulk(name, rule) == by_lines(name, rule)


@pytest.mark.parametrize("name", ["a'b", "*", "a[1]", "x=1", "~", "a?.ndjson", "{a,b}", "é", "a.parquet", "a.gz", "-a"])
def test_files_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, ORDINARY, name)
    assert in_bulk(path) == by_lines(path)


@pytest.mark.parametrize("data", [b"", b"\n", b"[" + usages(1)[0] + b"]", b'{\n"items": []}', b"PAR1", b"\x1f\x8b"])
def test_a_file_that_is_no_ndjson_is_left_to_the_lines(tmp_path: Path, data: bytes) -> None:
    name = written(tmp_path, data)
    assert in_bulk(name) == by_lines(name)


def test_a_missing_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        list(parts(str(tmp_path / "missing")))


def test_a_line_longer_than_duckdb_reads_is_read(tmp_path: Path) -> None:
    name = written(tmp_path, ORDINARY + line(usage(9, x="a" * 3_000_000)) + b"\n" + ORDINARY)
    assert in_bulk(name) == by_lines(name)
    assert in_bulk(name)[2] == 7


_TEXTS: Final = st.sampled_from(
    [text.encode() for text in (*LAX, *STRICT_OR_NOT)] + [bytes([byte]) for byte in b'{}[],:" \\\n\r\t\x0b\0\xff-eE1nN']
)


@st.composite
def hostile_files(draw: st.DrawFn) -> tuple[Json, bytes]:
    """A rule, and records hostile to it, of which one may have bytes put in or taken out."""
    rule, stream, _ = draw(situations())
    data = bytearray(b"\n".join(map(line, stream)))
    for _ in range(draw(st.integers(0, 2))):
        at, taken = draw(st.integers(0, len(data))), draw(st.integers(0, 3))
        data[at : at + taken] = draw(_TEXTS)
    return rule, bytes(data)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_files())
def test_any_file_is_seen_as_the_scalar_reader_sees_it(file: tuple[Json, bytes]) -> None:
    document, data = file
    rule = parsed(document)
    with TemporaryDirectory() as folder:
        name = written(Path(folder), data)
        assert in_bulk(name, rule) == by_lines(name, rule)

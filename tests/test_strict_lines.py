"""Lines are vouched for where DuckDB and the scalar reader take them for the same, wherever in the file they lie."""

from contextlib import closing
from pathlib import Path

import pytest

from detector.bulk.doubt import Doubt
from detector.bulk.strict_lines import StrictLines
from detector.bulk.strictness import BLOCK

LAX = [
    *(b'{"a":1,}', b'{"a":[1 ,\t ]}', b'{"a":[1,' + b" " * 2 * BLOCK + b"]}", b'{"a":NaN}', b'{"a":-nAN}'),
    *(b'{"a":Infinity}', b'{"a":-inf}', b'{"a":1e100}', b'{"a":1E+308}', b'{"a":1}\x0b', b'{"a":\x0c1}'),
    *(b'{"a":' + b"9" * 2 * BLOCK + b"}", b'{"a":' + b"[" * 101 + b"]" * 101 + b"}", b"null", b' {"a":1}', b'"a"'),
    *(b'{"a\\\\":1,}', b'{"\\"":1,}', b'{"\\\\\\\\":NaN}', b'\xef\xbb\xbf{"a":1}'),
]
STRICT = [
    *(b'{"a":1}', b'{"a": "1,}"}', b'{"a":"x, ]"}', b'{"a":"NaN: Infinity -inf"}', b'{"a\\",}":"\\\\"}'),
    *(b'{"\\\\\\"a":",}"}', b'{"a":1e99}', b'{"a":1e-400}', b'{"a":[null,true,false,-1.5E+16]}', b'{"a":{}} \t\r'),
    *(b'{"a":"' + b"9" * 200 + b'"}', b'{"a":"' + b"[" * 200 + b'"}', '{"a":"é😀"}'.encode(), b'{"a":[[1,2],[3]]}'),
]


def vouched(folder: Path, data: bytes, records: int, words: tuple[bytes, ...] = ()) -> bool:
    (folder / "lines").write_bytes(data)
    with closing(StrictLines(str(folder / "lines"), words)) as lines:
        try:
            lines.vouch_for_all(records)
        except Doubt:
            return False
        return True


def at_every_place(text: bytes) -> list[bytes]:
    """Files in which the text begins at each place of a block."""
    return [b'{"z":"' + b"-" * before + b'"}\n' + text for before in range(BLOCK)]


@pytest.mark.parametrize("text", LAX, ids=lambda text: text[:20])
def test_laxer_json_is_doubted_at_every_place(tmp_path: Path, text: bytes) -> None:
    assert not any(vouched(tmp_path, data, 2) for data in at_every_place(text))


@pytest.mark.parametrize("text", STRICT, ids=lambda text: text[:20])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
def test_strict_json_is_vouched_for_at_every_place(tmp_path: Path, text: bytes, end: bytes) -> None:
    assert all(vouched(tmp_path, data + end, 2) for data in at_every_place(text))


def test_the_lines_before_a_doubt_are_vouched_for_and_those_after_it_are_not(tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(b'{"a":1}\n' * 5000 + b'{"a":NaN}\n' + b'{"a":1}\n' * 5000)
    with closing(StrictLines(str(tmp_path / "lines"))) as lines:
        lines.vouch(4990)
        with pytest.raises(Doubt):
            lines.vouch(5001)
        with pytest.raises(Doubt):
            lines.vouch_for_all(10_001)


@pytest.mark.parametrize("records", [0, 1, 3])
def test_as_many_records_are_vouched_for_as_there_are(tmp_path: Path, records: int) -> None:
    assert vouched(tmp_path, b'{"a":1}\n\n{"a":2}', 2)
    assert not vouched(tmp_path, b'{"a":1}\n\n{"a":2}', records)


def test_words_are_found_wherever_the_file_is_cut(tmp_path: Path) -> None:
    for before in range((1 << 19) - 20, (1 << 19) + 20):
        data = b'{"z":"' + b"-" * before + b'object_type"}\n'
        assert vouched(tmp_path, data, 1, (b"item_uuid",))
        assert not vouched(tmp_path, data, 1, (b"item_uuid", b"object_type"))


def test_a_file_that_cannot_be_read_is_doubted(tmp_path: Path) -> None:
    with pytest.raises(Doubt):
        StrictLines(str(tmp_path / "missing"))

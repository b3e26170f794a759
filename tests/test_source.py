"""Sources give every JSON text with the number of its line, however it is packed."""

import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.source import SourceError, read_chunks


def written(folder: Path, data: bytes) -> str:
    path = folder / "source"
    path.write_bytes(data)
    return str(path)


def texts(name: str) -> list[tuple[int, bytes]]:
    """Every text that is not blank, with the number of its line."""
    return [
        (number, text)
        for chunk in read_chunks(name)
        for number, text in enumerate(chunk.lines, chunk.number)
        if text.strip()
    ]


def refusal(name: str) -> str:
    with pytest.raises(SourceError) as refused:
        texts(name)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a":1}\n{"b":2}\n', [(1, b'{"a":1}'), (2, b'{"b":2}')]),
        (b'{"a":1}\n{"b":2}', [(1, b'{"a":1}'), (2, b'{"b":2}')]),
        (b'\n\n{"a":1}\n\n{"b":2}\n\n', [(3, b'{"a":1}'), (5, b'{"b":2}')]),
        (b'{"a":1}\r\n{"b":2}\r\n', [(1, b'{"a":1}\r'), (2, b'{"b":2}\r')]),
        (b'\xef\xbb\xbf{"a":1}\n', [(1, b'{"a":1}')]),
        (b'[{"a":1},{"b":2}]', [(1, b'[{"a":1},{"b":2}]')]),
        (b'{"a":1}\nnot json\n', [(1, b'{"a":1}'), (2, b"not json")]),
        (b'not json\n{"a":1}\n', [(1, b"not json"), (2, b'{"a":1}')]),
    ],
)
def test_each_line_is_a_text_with_its_number(tmp_path: Path, data: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert texts(written(tmp_path, data)) == expected


def test_a_text_spread_over_lines_is_one_text_under_its_first_line(tmp_path: Path) -> None:
    data = b'{\n  "a": 1\n}\n\n[\n  2\n]\n{"b": 3}\n'
    assert texts(written(tmp_path, data)) == [(1, b'{\n  "a": 1\n}'), (5, b"[\n  2\n]"), (8, b'{"b": 3}')]


def test_what_follows_a_spread_text_and_is_no_json_keeps_its_line(tmp_path: Path) -> None:
    assert texts(written(tmp_path, b'{\n"a": 1\n}\n{"b": \n')) == [(1, b'{\n"a": 1\n}'), (4, b'{"b": ')]


@pytest.mark.parametrize(
    "packed", [bytes, gzip.compress, lambda data: gzip.compress(data[:8]) + gzip.compress(data[8:])]
)
def test_gzip_is_told_by_its_content_in_files_and_on_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: Any
) -> None:
    data = packed(b'{"a":1}\n{"b":2}\n')
    expected = [(1, b'{"a":1}'), (2, b'{"b":2}')]
    assert texts(written(tmp_path, data)) == expected
    standard_input(monkeypatch, data)
    assert texts("-") == expected


def test_a_packed_byte_order_mark_is_passed_over_too(tmp_path: Path) -> None:
    assert texts(written(tmp_path, gzip.compress(b'\xef\xbb\xbf{"a":1}'))) == [(1, b'{"a":1}')]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b" \n\t\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0), gzip.compress(b"\n", mtime=0)]
)
def test_a_source_without_content_is_refused(tmp_path: Path, data: bytes) -> None:
    name = written(tmp_path, data)
    assert refusal(name) == f"{name}: found an empty file; legal: records, one a line, or pages of the API"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    name = str(tmp_path / "absent")
    assert refusal(name) == f"{name}: cannot be read (No such file or directory)"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda data: data[:-12], "Compressed file ended before the end-of-stream marker was reached"),
        (lambda data: data[:15] + b"\xff\xff" + data[17:], "Error -3 while decompressing data"),
        (lambda data: data[:-8] + b"\0" * 8, "CRC check failed"),
        (lambda data: data + b"trailing", "Not a gzipped file"),
    ],
)
def test_damaged_gzip_is_named_in_one_line(tmp_path: Path, spoil: Any, why: str) -> None:
    name = written(tmp_path, spoil(gzip.compress(json.dumps(list(range(500))).encode())))
    assert refusal(name).startswith(f"{name}: not readable as gzip ({why}")


def test_lines_of_a_pipe_arrive_before_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, *pieces: bytes) -> None:
            self.left = list(pieces)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            if not self.left:
                raise AssertionError("read on although a whole line was there")
            piece = self.left.pop(0)
            buffer[: len(piece)] = piece
            return len(piece)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(b'{"a":1}\n{"b', b'":2}\n'))))
    chunks = read_chunks("-")
    assert next(chunks) == (1, [b'{"a":1}'])
    assert next(chunks) == (2, [b'{"b":2}'])


lines = st.lists(st.sampled_from([b'{"a":1}', b"[]", b"", b" ", b'"\xc3\xa9"', b"7"]), min_size=1, max_size=12)


@given(lines=lines, size=st.integers(1, 9), ends=st.booleans())
def test_however_a_stream_is_cut_the_same_lines_come_of_it(lines: list[bytes], size: int, *, ends: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ends else b"")

    class Dripping(io.RawIOBase):
        left = data

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            piece, self.left = self.left[:size], self.left[size:]
            buffer[: len(piece)] = piece
            return len(piece)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Dripping())))
        expected = list(_numbered(lines))
        assert texts("-") == expected if expected else refusal("-")


def _numbered(lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())

"""zstd, wherever records are read: told by its content, frame after frame, in bounded memory."""

import io
import json
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from backports.zstd import compress
from builders import ADA, line, usage
from calling import Run, caller
from hypothesis import given
from hypothesis import strategies as st
from processes import started

from detector.source import SourceError, read_chunks
from harness.logs import sort_logs

TEXT = b'{"a":1}\n{"b":2}\n'
LINES = [b'{"a":1}', b'{"b":2}']


def skippable(content: bytes, kind: int = 0) -> bytes:
    """A frame that holds something for other tools (RFC 8878, 3.1.2)."""
    return struct.pack("<II", 0x184D2A50 + kind, len(content)) + content


PACKED = {
    "one frame": compress(TEXT),
    "a frame for each half": compress(TEXT[:5]) + compress(TEXT[5:]),
    "an empty frame between": compress(TEXT[:5]) + compress(b"") + compress(TEXT[5:]),
    "a skippable frame first": skippable(b"index") + compress(TEXT),
    "the last kind of skippable frame first": skippable(b"", 15) + compress(TEXT),
    "skippable frames between and last": compress(TEXT[:5]) + skippable(b"x") + compress(TEXT[5:]) + skippable(b""),
}


def written(folder: Path, data: bytes) -> str:
    path = folder / "source"
    path.write_bytes(data)
    return str(path)


def lines(name: str) -> list[bytes]:
    return [text for chunk in read_chunks(name) for text in chunk.lines if text.strip()]


@pytest.mark.parametrize("packed", PACKED)
def test_zstd_is_told_by_its_content_in_files_and_on_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: str
) -> None:
    assert lines(written(tmp_path, PACKED[packed])) == LINES
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(PACKED[packed]))))
    assert lines("-") == LINES


@given(st.lists(st.tuples(st.binary(max_size=30), st.booleans()), min_size=1, max_size=5))
def test_however_text_is_spread_over_frames_it_is_read_as_one(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bytes, bool]]
) -> None:
    """Among them empty frames, and skippable ones before any of them."""
    packed = b"".join((skippable(part) if skips else b"") + compress(part) for part, skips in parts)
    text = b'{"a":1}\n' + b"".join(part for part, _ in parts)
    name = written(tmp_path_factory.mktemp("frames"), compress(b'{"a":1}\n') + packed)
    assert b"\n".join(text for chunk in read_chunks(name) for text in chunk.lines) == text.removesuffix(b"\n")


SPOILT = {
    "cut off in the frame": (compress(TEXT)[:-3], "Compressed file ended before the end-of-stream marker"),
    "cut off in the header": (compress(TEXT)[:5], "Compressed file ended before the end-of-stream marker"),
    "cut off in a skippable frame": (compress(TEXT) + skippable(b"abc")[:-1], "Compressed file ended before"),
    "something after the last frame": (compress(TEXT) + b"trailing", "Unable to decompress"),
    "something else in a block": (compress(TEXT)[:7] + b"\xff\xff" + compress(TEXT)[9:], "Unable to decompress"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_damaged_zstd_is_named_in_one_line(tmp_path: Path, spoilt: str) -> None:
    data, why = SPOILT[spoilt]
    name = written(tmp_path, data)
    with pytest.raises(SourceError) as refused:
        lines(name)
    assert str(refused.value).startswith(f"{name}: not readable as zstd ({why}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("data", [compress(b""), compress(b"\n"), skippable(b"x")])
def test_zstd_of_nothing_is_an_empty_file(tmp_path: Path, data: bytes) -> None:
    name = written(tmp_path, data)
    with pytest.raises(SourceError, match="found an empty file"):
        lines(name)


def test_a_frame_that_asks_for_a_window_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    """A descriptor without content size, then a window of 2^41 bytes."""
    name = written(tmp_path, b"\x28\xb5\x2f\xfd" + b"\x00" + b"\xf8" + compress(TEXT)[6:])
    with pytest.raises(SourceError, match="not readable as zstd"):
        lines(name)


def test_memory_does_not_grow_with_what_is_packed(tmp_path: Path) -> None:
    """A frame of 16 MB from 2 kB."""
    name = written(tmp_path, compress(b'{"a":1}\n' * 2_000_000))
    tracemalloc.start()
    assert sum(len(chunk.lines) for chunk in read_chunks(name)) == 2_000_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6_000_000


RECORDS = [usage(0), usage(10**9, "fill"), usage(2 * 10**9, "export")]
NDJSON = b"".join(line(record) + b"\n" for record in RECORDS)


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("detect", tmp_path, monkeypatch, capsys)


def test_a_packed_file_brings_the_same_matches(tmp_path: Path, detect: Run) -> None:
    (tmp_path / "plain").write_bytes(NDJSON)
    (tmp_path / "packed").write_bytes(compress(NDJSON))
    options = ("--emit", "matches", "--enabled-at", "2025-12-01")
    plain = detect("plain", *options)
    assert len(plain.lines) == 3
    assert detect("packed", *options).out == plain.out
    assert detect("-", *options, stdin=compress(NDJSON)).out == plain.out


def test_a_damaged_packed_file_ends_the_command_with_one_line(tmp_path: Path, detect: Run) -> None:
    (tmp_path / "packed").write_bytes(compress(NDJSON)[:-4])
    told = detect("packed")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("vaultdrill: packed: not readable as zstd (")


def test_an_error_in_a_packed_file_has_the_line_of_what_is_packed(tmp_path: Path, detect: Run) -> None:
    (tmp_path / "packed").write_bytes(compress(NDJSON) + compress(b"junk\n"))
    assert detect("packed").err.startswith("vaultdrill: packed:4: ")


def test_a_pipe_is_read_as_far_as_it_goes() -> None:
    """A real one, of frames that are written one after the other."""
    command = [sys.executable, "-m", "harness", "detect", "-", "--emit", "matches", "--enabled-at", "2025-12-01"]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        out, _ = process.communicate(b"".join(compress(line(record) + b"\n") for record in RECORDS), timeout=30)
    assert [json.loads(row)["group"] for row in out.splitlines()] == [{"@usr.email": ADA}] * 3


def test_packed_logs_are_woven_into_with_their_own_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.zst", tmp_path / "b.ndjson"
    first.write_bytes(compress(NDJSON[:100]) + skippable(b"x") + compress(NDJSON[100:]))
    spaced = json.dumps(usage(3 * 10**9), indent=None, separators=(" , ", " : ")).encode()
    second.write_bytes(spaced + b"\n")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert sort_logs([first, second], scratch).warnings == []
    assert (scratch / "itemusages.ndjson").read_bytes() == NDJSON + spaced + b"\n"

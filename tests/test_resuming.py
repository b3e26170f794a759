"""A run over a lasting store with `--out` goes on where its last commit left it, whatever ended it."""

import os
import stat
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from builders import ADA, BOB, line, usage
from calling import Run, caller
from naive_model import DAY

import detector.source
import harness.detection
from detector.progress import Progress
from detector.streaming import StreamingEngine

ACTIONS: Final = (
    *("export", "reveal", "share", "secure-copy", "server-fetch", "server-update", "server-create"),
    *("select-sso-provider", "enter-item-edit-mode"),
)
RECORDS: Final = [
    usage(hour * DAY // 8, action, person)
    for hour in range(12 * 8)
    for person in (ADA, BOB)
    for action in (["fill", ACTIONS[hour // 8 % 9]] if hour % 8 == 1 else ["fill"])
]
"""Each day an action that nobody has done before; from the eighth day on it is new."""
BAD: Final = b"not a record\n"
STATE: Final = ("--engine", "stream", "--store", "state.db")


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`detect`, which commits every 10 events."""
    monkeypatch.setattr(harness.detection, "COMMITTED", 10)
    monkeypatch.setattr(detector.source, "_CHUNK_BYTES", 2_000)  # what is decided at once
    monkeypatch.setattr(harness.detection, "StreamingEngine", partial(StreamingEngine, values_a_page=2))
    write(tmp_path / "records.ndjson", len(RECORDS))
    return caller("detect", tmp_path, monkeypatch, capsys)


def write(path: Path, good: int, after: bytes = b"") -> None:
    """The first records, then what follows them."""
    path.write_bytes(b"".join(line(record) + b"\n" for record in RECORDS[:good]) + after)


def whole(detect: Run, *options: str) -> bytes:
    assert detect("records.ndjson", "--engine", "stream", "--out", "whole.ndjson", *options).code == 0
    return Path("whole.ndjson").read_bytes()


def interrupted(detect: Run, *options: str) -> None:
    """A run that ends at a record that cannot be read, late in its sources."""
    write(Path("records.ndjson"), 150, BAD)
    assert detect("records.ndjson", *STATE, "--out", "out.ndjson", *options).code == 2
    write(Path("records.ndjson"), len(RECORDS))


@pytest.mark.parametrize("emit", ["signals", "matches"])
def test_once_the_bad_record_is_mended_the_same_command_ends_as_one_run(detect: Run, emit: str) -> None:
    expected = whole(detect, "--emit", emit)
    interrupted(detect, "--emit", emit)
    done = detect("records.ndjson", *STATE, "--out", "out.ndjson", "--emit", emit)
    assert (done.code, Path("out.ndjson").read_bytes()) == (0, expected)


def test_an_interrupted_run_has_left_its_first_results(detect: Run) -> None:
    expected = whole(detect, "--emit", "matches")
    interrupted(detect, "--emit", "matches")
    found = Path("out.ndjson").read_bytes()
    assert found
    assert expected.startswith(found)


def test_results_are_on_the_disk_under_their_name_before_the_store_hears_of_their_length(
    detect: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronised, told = [0], []
    fsync, commit = os.fsync, StreamingEngine.commit

    def synchronise(descriptor: int) -> None:
        fsync(descriptor)
        facts = os.fstat(descriptor)
        if stat.S_ISREG(facts.st_mode):
            synchronised.append(facts.st_size)

    def committed(engine: StreamingEngine, progress: Progress | None = None) -> None:
        out = Path("out.ndjson")
        there = out.stat().st_size if out.exists() else 0
        told.append((progress.length if progress else 0, min(synchronised[-1], there)))
        commit(engine, progress)

    monkeypatch.setattr(os, "fsync", synchronise)
    monkeypatch.setattr(StreamingEngine, "commit", committed)
    assert detect("records.ndjson", *STATE, "--out", "out.ndjson").code == 0
    assert told[-1][0] > 0
    assert all(length <= safe for length, safe in told)


def test_the_same_command_again_changes_nothing(detect: Run) -> None:
    expected = whole(detect)
    for _ in range(3):
        assert detect("records.ndjson", *STATE, "--out", "out.ndjson").code == 0
        assert Path("out.ndjson").read_bytes() == expected


def test_over_sources_that_have_grown_it_ends_as_if_they_had_been_read_at_once(detect: Run) -> None:
    expected = whole(detect)
    for good in (60, 130, len(RECORDS)):
        write(Path("records.ndjson"), good)
        assert detect("records.ndjson", *STATE, "--out", "out.ndjson").code == 0
    assert Path("out.ndjson").read_bytes() == expected


def test_other_sources_of_the_same_name_are_a_new_run(detect: Run) -> None:
    expected = whole(detect, "--emit", "matches")
    for day in (RECORDS[:135], RECORDS[135:]):
        Path("records.ndjson").write_bytes(b"".join(line(record) + b"\n" for record in day))
        assert detect("records.ndjson", *STATE, "--out", "out.ndjson", "--emit", "matches").code == 0
    second = Path("out.ndjson").read_bytes()
    assert 0 < len(second) < len(expected)
    assert expected.endswith(second)


def test_the_counts_are_those_of_the_whole_run(detect: Run) -> None:
    alone = detect("records.ndjson", "--engine", "stream", "--out", "whole.ndjson").err.splitlines()
    interrupted(detect)
    resumed = detect("records.ndjson", *STATE, "--out", "out.ndjson").err.splitlines()
    assert resumed[0] == alone[0]
    assert resumed[1].split(";")[0] == alone[1].split(";")[0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--out", "other.ndjson"), "had other --out: found "),
        (("--out", "out.ndjson", "--emit", "matches"), "had other --emit: found matches; legal: signals"),
        (("--out", "out.ndjson", "--sort"), "had other --sort: found yes; legal: no"),
        (("--out", "out.ndjson", "--allowed-lateness", "120m"), "had other --allowed-lateness: found 2h; legal: none"),
        (("--out", "out.ndjson", "--format", "json"), "was interrupted; legal: the same command again"),
        ((), "was interrupted; legal: the same command again"),
    ],
)
def test_another_command_is_refused_in_one_line(detect: Run, options: tuple[str, ...], told: str) -> None:
    interrupted(detect)
    before = Path("out.ndjson").read_bytes()
    ran = detect("records.ndjson", *STATE, *options)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err
    assert Path("out.ndjson").read_bytes() == before


def test_other_sources_are_refused_before_anything_is_decided(detect: Run) -> None:
    interrupted(detect)
    Path("records.ndjson").write_bytes(b"".join(line(record) + b"\n" for record in RECORDS[5:]))
    ran = detect("records.ndjson", *STATE, "--out", "out.ndjson")
    assert ran.code == 2
    assert "found other sources than the interrupted run's" in ran.err


def test_an_interrupted_run_can_be_left_as_it_is(detect: Run) -> None:
    interrupted(detect)
    assert detect("records.ndjson", *STATE, "--abandon", "--out", "new.ndjson").code == 0
    assert detect("records.ndjson", *STATE).code == 0


def test_results_that_are_gone_are_told_of(detect: Run) -> None:
    interrupted(detect, "--emit", "matches")
    Path("out.ndjson").unlink()
    ran = detect("records.ndjson", *STATE, "--emit", "matches", "--out", "out.ndjson")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "less than an interrupted run has written" in ran.err


def test_a_run_that_fails_before_its_first_commit_leaves_nothing(detect: Run) -> None:
    write(Path("records.ndjson"), 3, BAD)
    Path("out.ndjson").write_bytes(b"earlier\n")
    assert detect("records.ndjson", *STATE, "--out", "out.ndjson").code == 2
    assert Path("out.ndjson").read_bytes() == b"earlier\n"
    assert sorted(path.name for path in Path().iterdir()) == ["out.ndjson", "records.ndjson"]


def test_a_pipe_goes_on_with_what_comes(detect: Run) -> None:
    lines = [line(record) + b"\n" for record in RECORDS]
    expected = whole(detect, "--emit", "matches")
    for stdin in (b"".join(lines[:150]) + BAD, b"".join(lines)):
        detect("-", *STATE, "--emit", "matches", "--out", "out.ndjson", stdin=stdin)
    assert Path("out.ndjson").read_bytes() == expected


def test_columns_refuse_to_go_on_for_the_stream(detect: Run) -> None:
    interrupted(detect)
    ran = detect("records.ndjson", "--engine", "columnar", "--store", "state.db", "--out", "out.ndjson")
    assert ran.code == 2
    assert "found columnar with an interrupted run; legal: stream" in ran.err

"""Results never take the place of what the run reads or remembers, under whatever name that is given."""

import io
import json
import sys
from contextlib import closing
from pathlib import Path

import pytest
from builders import line, new_value_rule, usage
from calling import Run, caller

from detector.stores.urls import open_store
from harness.overwriting import OverwriteError, refuse_overwriting

RECORDS = b"".join(line(usage(second * 10**9)) + b"\n" for second in range(3))
FEEDS = ("itemusages", "signinattempts", "auditevents")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of records with two more names, a dataset, a rule and a store."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.nd").write_bytes(RECORDS)
    (tmp_path / "soft.nd").symlink_to("in.nd")
    (tmp_path / "hard.nd").hardlink_to(tmp_path / "in.nd")
    (tmp_path / "rule.json").write_bytes(line(new_value_rule()))
    (tmp_path / "empty").mkdir()
    with closing(open_store("lmdb:///kept")) as store:
        store.commit({}, (), b"first")
    (tmp_path / "company").mkdir()
    files = {f"{feed}.ndjson": {"records": 3 if feed == FEEDS[0] else 0} for feed in FEEDS} | {"labels.ndjson": {}}
    manifest = {"format": "vaultdrill/dataset", "version": 1, "files": files}
    (tmp_path / "company" / "manifest.json").write_text(json.dumps(manifest))
    for name in files:
        (tmp_path / "company" / name).write_bytes(RECORDS if "usages" in name else b"")
    return tmp_path


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("detect", tmp_path, monkeypatch, capsys)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("option", ["--out", "--summary"])
@pytest.mark.parametrize(
    ("arguments", "target", "what"),
    [
        ("in.nd", "in.nd", "a source"),
        ("in.nd", "./in.nd", "a source"),
        ("in.nd", "company/../in.nd", "a source"),
        ("in.nd", "soft.nd", "a source"),
        ("soft.nd", "in.nd", "a source"),
        ("in.nd", "hard.nd", "a source"),
        ("company in.nd", "in.nd", "a source"),
        ("company", "company/itemusages.ndjson", "a source"),
        ("company", "company/labels.ndjson", "a source"),
        ("company", "company/manifest.json", "a source"),
        ("in.nd --rule rule.json", "rule.json", "--rule"),
        ("in.nd --store new.db", "new.db", "--store"),
        ("in.nd --store sqlite:///new.db", "./new.db", "--store"),
        ("in.nd --store new.db", "new.db-wal", "--store"),
        ("in.nd --store new.db", "new.db-shm", "--store"),
        ("in.nd --store lmdb:///new", "new/out.nd", "--store"),
        ("in.nd --store rocksdb:///new", "./new/out.nd", "--store"),
        ("in.nd --store lmdb:///empty", "empty/out.nd", "--store"),
        ("in.nd --store lmdb:///kept", "kept/out.nd", "--store"),
    ],
)
def test_detect_refuses_to_write_over_what_it_needs_and_changes_nothing(
    detect: Run, folder: Path, option: str, arguments: str, target: str, what: str
) -> None:
    before = contents(folder)
    ran = detect(*arguments.split(), option, target)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"vaultdrill: {option}: found {Path(target)}, which is {what} too; legal: another file\n"
    assert contents(folder) == before


def test_both_files_are_held_against_all_that_is_needed(detect: Run) -> None:
    ran = detect("in.nd", "--store", "new.db", "--out", "out.nd", "--summary", "new.db-wal")
    assert ran.err.startswith("vaultdrill: --summary: found new.db-wal, which is --store too; ")


def test_a_new_file_beside_a_datasets_own_is_fine(detect: Run) -> None:
    for _ in range(2):
        assert detect("company", "--out", "company/signals.ndjson").code == 0


def test_out_and_summary_are_two_files(detect: Run, folder: Path) -> None:
    (folder / "one").touch()
    (folder / "other").hardlink_to(folder / "one")
    for summary in ("one", "./one", "other"):
        ran = detect("in.nd", "--out", "one", "--summary", summary)
        assert ran.err == f"vaultdrill: --summary: found {Path(summary)}, which is --out too; legal: another file\n"


@pytest.mark.parametrize("option", ["--out", "--summary"])
def test_a_dash_is_no_file(detect: Run, folder: Path, option: str) -> None:
    ran = detect("in.nd", option, "-")
    assert (ran.code, ran.err) == (2, f"vaultdrill: {option}: found -; legal: a file\n")
    assert not (folder / "-").exists()


def test_standard_input_is_known_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("in.nd").open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        with pytest.raises(OverwriteError, match=r"--out: found soft\.nd, which is a source too"):
            refuse_overwriting({"--out": Path("soft.nd")}, {"a source": ["-"]})
        refuse_overwriting({"--out": Path("new.nd")}, {"a source": ["-"]})
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    refuse_overwriting({"--out": Path("in.nd")}, {"a source": ["-"]})


def test_a_device_may_be_read_and_written() -> None:
    refuse_overwriting({"--out": Path("/dev/null")}, {"a source": ["/dev/null"]})


def test_what_is_in_a_directory_of_logs_is_read(folder: Path) -> None:
    (folder / "logs" / "day").mkdir(parents=True)
    (folder / "logs" / "day" / "one.nd").touch()
    read = {"--background": ["logs"]}
    with pytest.raises(OverwriteError, match="which is --background too"):
        refuse_overwriting({"--junit": Path("logs/day/one.nd")}, read)
    refuse_overwriting({"--junit": Path("logs/day/new.xml")}, read)
    refuse_overwriting({"--junit": Path("in.nd")}, read)


@pytest.mark.parametrize(
    ("verb", "arguments", "line"),
    [
        ("fit", "in.nd --out soft.nd", "--out: found soft.nd, which is a source"),
        ("fit", "company --out company/itemusages.ndjson", "--out: found company/itemusages.ndjson, which is a source"),
        ("test", "rule.json --junit rule.json", "--junit: found rule.json, which is "),
        ("test", "--rule rule.json --junit rule.json", "--junit: found rule.json, which is "),
        (
            "test",
            "--background company --junit company/itemusages.ndjson",
            "--junit: found company/itemusages.ndjson, ",
        ),
        ("test", "--expectations in.nd --junit hard.nd", "--junit: found hard.nd, which is needed for the test too; "),
    ],
)
def test_so_does_every_verb_that_writes_a_file(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    arguments: str,
    line: str,
) -> None:
    before = contents(folder)
    ran = caller(verb, folder, monkeypatch, capsys)(*arguments.split())
    assert ran.code == 2
    assert ran.err.startswith(f"vaultdrill: {line}")
    assert contents(folder) == before

"""A dataset is there as a whole or not at all, and its manifest says what it holds."""

import gc
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from simulator.schemas import SCHEMAS
from simulator.writers import FILES, DatasetError, DatasetWriter, Header, period, read_manifest

HEADER = Header(seed=7, parameters={"people": 2, "days": 1, "start": "1970-01-01"}, period=period(0, 86_400 * 10**9))


def write(out: Path, lines: Iterable[bytes] = (b"{}\n",)) -> None:
    with DatasetWriter(out, HEADER) as dataset:
        dataset.write("itemusages", lines)


def test_a_dataset_holds_six_files_and_a_manifest(tmp_path: Path) -> None:
    write(tmp_path / "data")
    names = {path.name for path in (tmp_path / "data").iterdir()}
    assert names == {f"{name}.ndjson" for name in FILES} | {"manifest.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_the_manifest_has_the_keys_of_the_contract_in_order(tmp_path: Path) -> None:
    write(tmp_path / "data")
    text = (tmp_path / "data" / "manifest.json").read_text()
    manifest = json.loads(text)
    assert list(manifest) == [
        "format", "version", "seed", "parameters", "period", "scenarios", "versions", "files",
    ]  # fmt: skip
    assert (manifest["format"], manifest["version"], manifest["seed"]) == ("vaultdrill/dataset", 1, 7)
    assert manifest["parameters"] == {"people": 2, "days": 1, "start": "1970-01-01"}
    assert manifest["period"] == {"start": "1970-01-01T00:00:00Z", "end": "1970-01-02T00:00:00Z"}
    assert list(manifest["versions"]) == ["vaultdrill", "numpy", "faker", "holidays"]
    assert text == json.dumps(manifest, indent=2) + "\n"


def test_the_manifest_counts_and_hashes_what_was_written_in_pieces(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "data", HEADER) as dataset:
        dataset.write("itemusages", [b"1\n"] * 5_000)
        dataset.write("labels", iter([b"2\n"]))
        dataset.write("itemusages", [])
        dataset.append("itemusages", [b"3\n" * 70_000], 70_000)
    files = read_manifest(tmp_path / "data").files
    assert {name: facts.records for name, facts in files.items() if facts.records} == {
        "itemusages.ndjson": 75_000,
        "labels.ndjson": 1,
    }
    for name, facts in files.items():
        assert facts.sha256 == sha256((tmp_path / "data" / name).read_bytes()).hexdigest()
    assert (tmp_path / "data" / "itemusages.ndjson").read_bytes() == b"1\n" * 5_000 + b"3\n" * 70_000


def test_the_same_lines_make_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "one")
    write(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_an_empty_directory_and_absent_parents_will_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty")
    write(tmp_path / "deep" / "er")
    assert read_manifest(tmp_path / "empty") == read_manifest(tmp_path / "deep" / "er")


def test_a_directory_in_use_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(DatasetError, match=r"\A.*: found something there; legal: an empty or absent directory\Z"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    with pytest.raises(DatasetError, match="found something there"):
        write(tmp_path / "kept.txt")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    def lines() -> Iterator[bytes]:
        yield b"{}\n"
        raise error

    with pytest.raises(error):
        write(tmp_path / "data", lines())
    assert list(tmp_path.iterdir()) == []


def write_to_full_disk(out: Path) -> None:
    with DatasetWriter(out, HEADER) as dataset:
        with Path("/dev/full").open("wb") as full:
            os.dup2(full.fileno(), dataset._lines["labels"]._file.fileno())
        dataset.write("itemusages", [b"{}\n"])
        dataset.write("labels", [b"{}\n"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_what_the_disk_refuses_is_one_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"\A[^\n]*data: No space left on device\Z"):
        write_to_full_disk(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let the system refuse every write that makes a file longer: pieces may be written in part."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_piece_that_fits_in_part_is_refused_as_a_whole_dataset(tmp_path: Path) -> None:
    with (
        no_file_above(300_000),
        pytest.raises(DatasetError, match=r"\A[^\n]*data: File too large\Z"),
        DatasetWriter(tmp_path / "data", HEADER) as dataset,
    ):
        dataset.append("itemusages", [b"1\n" * 200_000], 200_000)
    assert list(tmp_path.iterdir()) == []


def causes(count: int) -> Any:
    uuids = [sha256(b"%d" % number).hexdigest()[:26] for number in range(count)]
    return pa.table({"uuid": uuids, "process": ["trip"] * count}).cast(SCHEMAS["causes"])


def write_tables(out: Path, count: int, parts: int = 1) -> None:
    table = causes(count)
    with DatasetWriter(out, HEADER, "parquet") as dataset:
        for _ in range(parts):
            dataset.append_table("causes", table)
        dataset.write("labels", [b"{}\n"])


def test_a_parquet_dataset_keeps_feeds_and_causes_as_tables_and_says_with_what(tmp_path: Path) -> None:
    write_tables(tmp_path / "data", 3, parts=2)
    manifest = read_manifest(tmp_path / "data")
    assert {path.name for path in (tmp_path / "data").iterdir()} - {"manifest.json"} == set(manifest.files)
    assert list(manifest.files) == [
        "itemusages.parquet", "signinattempts.parquet", "auditevents.parquet", "causes.parquet",
        "labels.ndjson", "incidents.ndjson",
    ]  # fmt: skip
    assert (manifest.files["causes.parquet"].records, manifest.files["labels.ndjson"].records) == (6, 1)
    for name, facts in manifest.files.items():
        assert facts.sha256 == sha256((tmp_path / "data" / name).read_bytes()).hexdigest()
    assert pq.read_table(tmp_path / "data" / "causes.parquet").column("process").to_pylist() == ["trip"] * 6
    assert list(manifest.versions) == ["vaultdrill", "numpy", "faker", "holidays", "pyarrow"]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_table_that_the_disk_refuses_is_one_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    table = causes(20_000)
    with (
        no_file_above(100_000),
        pytest.raises(DatasetError, match=r"\A[^\n]*data: File too large\Z"),
        DatasetWriter(tmp_path / "data", HEADER, "parquet") as dataset,
    ):
        dataset.append_table("causes", table)
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_lines_for_a_table_and_a_table_for_lines_are_refused(tmp_path: Path) -> None:
    table = causes(1)
    with pytest.raises(KeyError), DatasetWriter(tmp_path / "data", HEADER, "parquet") as dataset:
        dataset.append("causes", [b"{}\n"], 1)
    with pytest.raises(KeyError), DatasetWriter(tmp_path / "data", HEADER) as dataset:
        dataset.append_table("causes", table)
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_pyarrow_is_one_line_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(
        DatasetError, match=r"\A--format: found parquet, [^\n]*legal: ndjson, or pip install 'vaultdrill\[columnar\]'\Z"
    ):
        DatasetWriter(tmp_path / "data", HEADER, "parquet")
    DatasetWriter(tmp_path / "data", HEADER)
    assert list(tmp_path.iterdir()) == []


def test_a_parent_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match=r"\A.*data: Not a directory\Z"):
        write(tmp_path / "file" / "data")


def corrupt(tmp_path: Path, **changes: object) -> Path:
    write(tmp_path / "data")
    path = tmp_path / "data" / "manifest.json"
    path.write_bytes(msgspec.json.encode(json.loads(path.read_bytes()) | changes))
    return tmp_path / "data"


def test_a_directory_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"\A.*manifest\.json: not found; legal: [^\n]*\Z"):
        read_manifest(tmp_path)


def test_a_file_is_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match=r"\A[^\n]*file: found a file; legal: a directory that vaultdrill wrote\Z"):
        read_manifest(tmp_path / "file")


def test_a_foreign_format_and_a_later_version_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"format: found 'other'; legal: 'vaultdrill/dataset'\Z"):
        read_manifest(corrupt(tmp_path / "a", format="other"))
    with pytest.raises(DatasetError, match=r"version: found 2; legal: 1\Z"):
        read_manifest(corrupt(tmp_path / "b", version=2))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"seed": "seven"}, "seed: found 'seven'; legal: an integer"),
        ({"parameters": []}, "parameters: found []; legal: an object"),
        ({"scenarios": "x"}, "scenarios: found 'x'; legal: a list of text"),
        ({"versions": {"numpy": 2}}, "versions: found {'numpy': 2}; legal: an object of text"),
        ({"period": None}, "period: found None; legal: an object with start and end, both text"),
        (
            {"files": {"a": 1}},
            "files: found {'a': 1}; legal: for each file an object with records, an integer, and sha256, text",
        ),
        (
            {"period": {"start": "noon", "end": "1970-01-02T00:00:00Z"}},
            "period.start: found 'noon'; legal: RFC 3339 like 2026-01-31T09:30:00Z",
        ),
        (
            {"period": {"start": "1970-01-02T01:00:00+01:00", "end": "1970-01-02T00:00:00Z"}},
            "period.end: found '1970-01-02T00:00:00Z'; legal: after 1970-01-02T01:00:00+01:00",
        ),
        ({"parameters": {"people": 0}}, "parameters.people: found 0; legal: an integer, 1 or more"),
        ({"parameters": {"people": True}}, "parameters.people: found True; legal: an integer, 1 or more"),
        ({"parameters": {"people": "ten"}}, "parameters.people: found 'ten'; legal: an integer, 1 or more"),
        ({"seed": "9" * 100}, f"seed: found '{'9' * 59}...; legal: an integer"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_what_is_legal(
    tmp_path: Path, changes: dict[str, object], line: str
) -> None:
    with pytest.raises(DatasetError) as refused:
        read_manifest(corrupt(tmp_path, **changes))
    assert str(refused.value) == f"{tmp_path / 'data' / 'manifest.json'}: {line}"


def test_a_field_that_is_missing_is_named(tmp_path: Path) -> None:
    directory = corrupt(tmp_path)
    path = directory / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["seed"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(DatasetError, match=r"\A[^\n]*manifest\.json: seed: not found; legal: an integer\Z"):
        read_manifest(directory)


def test_a_dataset_need_not_say_how_many_people_it_is_about(tmp_path: Path) -> None:
    assert read_manifest(corrupt(tmp_path, parameters={})).parameters == {}


def test_what_the_disk_refuses_names_the_dataset_as_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DatasetError, match=r"\Acompany: Not a directory\Z"),
        DatasetWriter(tmp_path / "file" / "data", HEADER, called=Path("company")),
    ):
        pass


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{\n oops", r":2: found .*; legal: JSON"), (b"\xff", "no UTF-8"), (b"[]", "format: found None")],
)
def test_a_manifest_that_is_no_json_object_is_refused_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(DatasetError, match=says) as refused:
        read_manifest(tmp_path)
    assert "\n" not in str(refused.value)

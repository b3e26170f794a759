"""A dataset is there as a whole or not at all, and its manifest says what it holds."""

import json
from collections.abc import Iterable, Iterator
from errno import ENOSPC
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from simulator.writers import FILES, DatasetError, DatasetWriter, Header, period, read_manifest

HEADER = Header(seed=7, parameters={"people": 2, "days": 1, "start": "1970-01-01"}, period=period(0, 86_400 * 10**9))


def write(out: Path, lines: Iterable[bytes] = (b"{}\n",)) -> None:
    with DatasetWriter(out, HEADER) as dataset:
        dataset.write("itemusages", lines)


def test_a_dataset_holds_five_files_and_a_manifest(tmp_path: Path) -> None:
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
    assert list(manifest["versions"]) == ["vaultdrill", "numpy", "faker"]
    assert text == json.dumps(manifest, indent=2) + "\n"


def test_the_manifest_counts_and_hashes_what_was_written_in_pieces(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "data", HEADER) as dataset:
        dataset.write("itemusages", [b"1\n"] * 5_000)
        dataset.write("labels", iter([b"2\n"]))
        dataset.write("itemusages", [])
        dataset.write("itemusages", [b"3\n"])
    files = read_manifest(tmp_path / "data").files
    assert {name: facts.records for name, facts in files.items() if facts.records} == {
        "itemusages.ndjson": 5_001,
        "labels.ndjson": 1,
    }
    for name, facts in files.items():
        assert facts.sha256 == sha256((tmp_path / "data" / name).read_bytes()).hexdigest()
    assert (tmp_path / "data" / "itemusages.ndjson").read_bytes() == b"1\n" * 5_000 + b"3\n"


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


class FullDisk(BytesIO):
    """A file on a disk without room."""

    def write(self, _: object) -> int:
        raise OSError(ENOSPC, "No space left on device")


def write_to_full_disk(out: Path) -> None:
    with DatasetWriter(out, HEADER) as dataset:
        dataset._files["labels"] = FullDisk()
        dataset.write("itemusages", [b"{}\n"])
        dataset.write("labels", [b"{}\n"])


def test_what_the_disk_refuses_is_one_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"\A[^\n]*data: No space left on device\Z"):
        write_to_full_disk(tmp_path / "data")
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
    with pytest.raises(DatasetError, match=r"\A[^\n]*manifest\.json: Not a directory\Z"):
        read_manifest(tmp_path / "file")


def test_a_foreign_format_and_a_later_version_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"format: found 'other'; legal: 'vaultdrill/dataset'\Z"):
        read_manifest(corrupt(tmp_path / "a", format="other"))
    with pytest.raises(DatasetError, match=r"version: found 2; legal: 1\Z"):
        read_manifest(corrupt(tmp_path / "b", version=2))


def test_a_field_of_the_wrong_type_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"\A[^\n]*manifest\.json: Expected `int`, got `str` - at `\$\.seed`\Z"):
        read_manifest(corrupt(tmp_path, seed="seven"))


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{\n oops", r":2: found .*; legal: JSON"), (b"\xff", "no UTF-8"), (b"[]", "format: found None")],
)
def test_a_manifest_that_is_no_json_object_is_refused_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(DatasetError, match=says) as refused:
        read_manifest(tmp_path)
    assert "\n" not in str(refused.value)

"""Refusals that name the cause: a forgotten colon, a directory, a full disk, and a server that does not answer."""

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import lmdb
import pytest
from calling import caller

from detector.stores import lmdb_environment, redis_session
from detector.stores.base import StoreError
from detector.stores.kinds import known_schemes
from detector.stores.lmdb_environment import told
from detector.stores.urls import look_into, open_store, store_path, store_scheme


@pytest.mark.parametrize("ask", [open_store, look_into, store_path, store_scheme])
@pytest.mark.parametrize("name", ["memory", "redis", "Bloom"])
def test_a_scheme_without_its_colon_is_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Callable[[str], object], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError) as refusal:
        ask(name)
    legal = f"legal: {name.lower()}: for the store, ./{name} for a file"
    assert str(refusal.value) == f"--store: found '{name}'; {legal}"
    assert list(tmp_path.iterdir()) == []


def test_whoever_wants_a_file_of_that_name_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in known_schemes():
        with closing(open_store(f"./{name}")) as store:
            store.commit({}, (), b"first")
        assert (tmp_path / name).is_file()


@pytest.mark.parametrize("verb", ["detect", "state"])
def test_a_directory_is_called_one_by_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "in.nd").write_bytes(b"{}\n")
    run = caller(verb, tmp_path, monkeypatch, capsys)
    ran = run("show" if verb == "state" else "in.nd", "--store", "folder")
    assert (ran.code, ran.err) == (2, "vaultdrill: folder: cannot be used as a store (Is a directory)\n")


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(("free", "end"), [(0, "; the disk is full, or nearly so)"), (1 << 30, "Input/output error)")])
def test_a_commit_to_lmdb_that_was_cut_short_is_put_down_to_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, end: str
) -> None:
    monkeypatch.setattr(lmdb_environment, "disk_usage", lambda _: Usage(free))
    with pytest.raises(StoreError) as refusal, told(tmp_path):
        raise lmdb.Error("mdb_txn_commit: Input/output error")
    start = f"{tmp_path}: cannot be used as a store (mdb_txn_commit: Input/output error"
    assert str(refusal.value).startswith(start)
    assert str(refusal.value).endswith(end)


def test_a_server_that_says_nothing_to_tls_is_not_waited_for_as_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_session, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(StoreError) as refusal:
            open_store(f"rediss://127.0.0.1:{port}/0")
    assert str(refusal.value) == f"rediss://127.0.0.1:{port}/0: the server cannot be reached (no answer in time)"

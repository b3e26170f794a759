"""Stores that are directories, over either engine: what they refuse, how they come and go, and how one looks in."""

from pathlib import Path

import pytest
from embedded_engines import ENGINES, Engine
from embedded_losses import contents, is_of_one_commit, numbered, refused_elsewhere

from detector.stores.base import StoreError
from detector.stores.urls import look_into, open_store, store_path

pytestmark = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)


def refusal(engine: Engine, path: Path, durability: str = "") -> str:
    before = contents(path.parent)
    for way in (open_store, look_into):
        with pytest.raises(StoreError) as error:
            way(engine.url(path, durability))
        assert "\n" not in str(error.value)
    assert contents(path.parent) == before
    return str(error.value)


def test_a_url_names_the_directory_and_the_durability(engine: Engine, tmp_path: Path) -> None:
    for setting, survives in engine.settings.items():
        store = open_store(engine.url(tmp_path / "s", setting))
        assert (store.durability.setting, store.durability.process, store.durability.power) == (setting, *survives)
        store.close()
    assert store_path(f"{engine.name}:///dir/s?durability=sync") == Path("dir/s")


def test_an_unknown_durability_is_refused(engine: Engine, tmp_path: Path) -> None:
    assert refusal(engine, tmp_path / "s", "full").endswith(f"found 'full'; legal: {', '.join(engine.settings)}")


def test_a_parent_that_is_missing_is_not_made(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no directory"):
        engine.store(tmp_path / "none" / "s")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "s").write_text("mine")
    assert "found a file" in refusal(engine, tmp_path / "s")


def test_a_directory_with_other_things_in_it_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "letter.txt").write_text("mine")
    assert "a directory with other things in it" in refusal(engine, tmp_path / "s")


def test_a_database_of_another_application_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = engine.filled(tmp_path / "s")
    (path / "VAULTDRILL").unlink()
    assert "a directory with other things in it" in refusal(engine, path)


def test_another_version_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = engine.filled(tmp_path / "s")
    (path / "VAULTDRILL").write_text(f"{engine.name} 2\n")
    assert "version 2; legal: 1" in refusal(engine, path)


def test_the_store_of_another_engine_is_refused(engine: Engine, tmp_path: Path) -> None:
    (other,) = (each for each in ENGINES if each != engine)
    assert f"a store of {other.name}" in refusal(engine, other.filled(tmp_path / "s"))


def test_a_second_writer_is_refused_in_another_process_too(engine: Engine, tmp_path: Path) -> None:
    store = engine.store(tmp_path / "s")
    told = f"{tmp_path}/s: another run is writing to this store; legal: one writer at a time"
    assert refused_elsewhere(engine.url(tmp_path / "s")) == told
    store.close()
    assert refused_elsewhere(engine.url(tmp_path / "s")) == ""


def test_a_directory_that_was_never_committed_to_goes_again(engine: Engine, tmp_path: Path) -> None:
    engine.store(tmp_path / "s").close()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_was_there_before_stays(engine: Engine, tmp_path: Path) -> None:
    engine.store(tmp_path).close()
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_looking_at_nothing_creates_nothing(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        engine.view(tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


def test_looking_changes_nothing_but_a_list_of_readers(engine: Engine, tmp_path: Path) -> None:
    path = engine.filled(tmp_path / "s")
    before = contents(path)
    view = engine.view(path)
    assert is_of_one_commit(view) == 3
    view.close()
    after = contents(path)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= engine.changed_by_looking


def test_a_view_shows_one_moment_of_a_store_that_is_written_to(engine: Engine, tmp_path: Path) -> None:
    store = engine.store(tmp_path / "s")
    for number in range(1, 200):
        store.commit(numbered(number), (), b"%d" % number)
        if number % 50 == 0:
            view = engine.view(tmp_path / "s")
            store.commit(numbered(number + 1), (), b"%d" % (number + 1))
            store.footprint()
            assert is_of_one_commit(view) == number
            view.close()
    store.close()

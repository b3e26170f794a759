"""Which store a URL names: its parts, what is shown of it, and what each refusal says in one line."""

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from detector.stores import kinds, memory
from detector.stores.base import StoreError
from detector.stores.kinds import GROUP, known_schemes, store_kind
from detector.stores.store_url import StoreUrl, host_and_port
from detector.stores.urls import look_into, open_store, store_path, store_scheme

_DICT_STORE = """
from detector.stores.base import StoreError
from detector.stores.kinds import StoreKind
from detector.stores.memory import MemoryStore

def looked_into(url):
    raise StoreError("--store: dict: holds nothing after its process")

KIND = StoreKind("a dict", {"none": "lasts no longer"}, lambda url: MemoryStore(), looked_into, lambda url: url.path())
"""


def refused(ask: Callable[[], object], *words: str) -> None:
    """The refusal is one line with those words in it, and without a secret."""
    with pytest.raises(StoreError) as refusal:
        ask()
    text = str(refusal.value)
    assert "\n" not in text
    assert "secret" not in text
    assert all(word in text for word in words), text


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes other packages bring stores: scheme and the object's place."""

    def bring(**places: str) -> None:
        found = EntryPoints(EntryPoint(scheme, place, GROUP) for scheme, place in places.items())
        monkeypatch.setattr(kinds, "entry_points", found.select)

    return bring


@pytest.mark.parametrize(
    ("text", "scheme", "rest", "parameters"),
    [
        ("memory:", "memory", "", {}),
        ("sqlite:///a/b.db", "sqlite", "///a/b.db", {}),
        ("lmdb:////var/x?durability=sync&size=2", "lmdb", "////var/x", {"durability": "sync", "size": "2"}),
        ("redis://h:1/0?store=a%26b&empty=", "redis", "//h:1/0", {"store": "a&b", "empty": ""}),
        ("state.db", "sqlite", "///state.db", {}),
        ("/var/state.db", "sqlite", "////var/state.db", {}),
        ("odd?name=1.db", "sqlite", "///odd?name=1.db", {}),
        ("C:\\state.db", "sqlite", "///C:\\state.db", {}),
        ("", "sqlite", "", {}),
    ],
)
def test_a_url_has_a_scheme_a_rest_and_parameters_and_a_path_is_sqlites(
    text: str, scheme: str, rest: str, parameters: dict[str, str]
) -> None:
    url = StoreUrl.of(text)
    assert (url.scheme, url.whole, url.rest, dict(url.parameters)) == (scheme, text, rest, parameters)
    assert store_scheme(text) == scheme


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://ada:secret@host:6379/0?store=a", "redis://host:6379/0"),
        ("redis://:secret@host", "redis://host"),
        ("postgresql://ada:se@cret@host/db", "postgresql://host/db"),
        ("postgresql:ada:secret@host", "postgresql:host"),
        ("postgresql://host/db?password=secret", "postgresql://host/db"),
        ("lmdb:///folder", "lmdb:///folder"),
        ("state@home.db", "state@home.db"),
        ("memory:", "memory:"),
    ],
)
def test_user_password_and_parameters_are_not_shown(text: str, shown: str) -> None:
    assert StoreUrl.of(text).shown() == shown


def test_a_scheme_is_taken_in_any_case_and_is_no_path_with_a_password_in_it() -> None:
    assert StoreUrl.of("REDIS://ada:secret@host/0").shown() == "redis://host/0"
    assert StoreUrl.of("SQLite:///a.db").path() == Path("a.db")


def test_memory_takes_the_durability_that_it_has_and_no_other() -> None:
    assert open_store("memory:?durability=none").durability.setting == "none"
    refused(lambda: open_store("memory:?durability=wal"), "memory: durability: found 'wal'; legal: none")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:///a.db", "a.db"),
        ("sqlite:////var/a.db", "/var/a.db"),
        ("sqlite:///a%20b%3F.db", "a b?.db"),
        ("a%20b.db", "a%20b.db"),
        ("/var/a.db", "/var/a.db"),
    ],
)
def test_an_embedded_store_has_a_path_relative_or_absolute(text: str, path: str) -> None:
    assert StoreUrl.of(text).path() == Path(path)


@pytest.mark.parametrize("text", ["lmdb:", "lmdb://", "lmdb:///", "lmdb://host/secret", "lmdb:folder", ""])
def test_a_url_without_a_path_is_refused_with_both_forms(text: str) -> None:
    scheme = StoreUrl.of(text).scheme
    refused(StoreUrl.of(text).path, f"{scheme}: found no path", f"{scheme}:///relative", f"{scheme}:////absolute")


@pytest.mark.parametrize("query", ["secret", "a=1&secret", "a=1&a=secret", "&"])
def test_parameters_that_are_not_name_and_value_each_once_are_refused(query: str) -> None:
    refused(lambda: StoreUrl.of(f"redis://ada:secret@host/0?{query}"), "--store: redis: found")


def test_a_choice_is_one_of_the_legal_or_its_default() -> None:
    settings = {"normal": "", "sync": ""}
    assert StoreUrl.of("lmdb:///x").choice("durability", settings, "normal") == "normal"
    assert StoreUrl.of("lmdb:///x?durability=sync").choice("durability", settings, "normal") == "sync"
    other = StoreUrl.of("lmdb:///x?durability=most")
    refused(lambda: other.choice("durability", settings, "normal"), "durability: found 'most'", "legal: normal, sync")


def test_a_number_is_within_its_bounds_or_its_default() -> None:
    assert StoreUrl.of("lmdb:///x").number("size", 3, 1, 8) == 3
    assert StoreUrl.of("lmdb:///x?size=8").number("size", 3, 1, 8) == 8


@pytest.mark.parametrize("text", ["0.9", "8.1", "nan", "inf", "-1", "much", "", "1e999"])
def test_any_other_number_is_refused(text: str) -> None:
    refused(lambda: StoreUrl.of(f"lmdb:///x?size={text}").number("size", 3, 1, 8), f"size: found '{text}'", "1 to 8")


def test_a_parameter_that_a_store_does_not_know_is_refused() -> None:
    url = StoreUrl.of("lmdb:///x?size=1&durabilty=secret")
    assert StoreUrl.of("lmdb:///x?size=1").only("size", "durability").parameters == {"size": "1"}
    refused(lambda: url.only("size", "durability"), "'durabilty'", "legal: size, durability")
    refused(lambda: StoreUrl.of("memory:?size=1").only(), "'size'", "legal: none")


@pytest.mark.parametrize("address", ["host:secret", "host:99999999", "[::1"])
def test_a_malformed_host_or_port_is_refused_without_repeating_it(address: str) -> None:
    refused(lambda: host_and_port(StoreUrl.of(f"redis://ada:secret@{address}/0")), "malformed host or port")


@pytest.mark.parametrize("ask", [open_store, look_into, store_path])
def test_an_unknown_scheme_is_refused_with_those_that_there_are(ask: Callable[[str], object]) -> None:
    known = [f"{scheme}:" for scheme in known_schemes()]
    refused(
        lambda: ask("mystery://ada:secret@host/x"), "'mystery'", "legal: ", "or a path (drivers: pip install", *known
    )


def test_a_driver_that_is_missing_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "detector.stores.lmdb", raising=False)
    monkeypatch.setitem(sys.modules, "lmdb", None)
    refused(lambda: store_kind("lmdb"), "lmdb: needs the package lmdb", "pip install 'vaultdrill[stores]'")


def test_another_package_brings_a_store_by_an_entry_point(others: Callable[..., None]) -> None:
    others(mine="detector.stores.memory:KIND", another="absent:KIND")
    assert known_schemes()[-2:] == ["another", "mine"]
    assert store_kind("mine") is memory.KIND
    assert store_path("mine:") is None
    assert open_store("mine:").checkpoint() is None


def test_an_installed_package_brings_one_with_an_entry_point_and_a_kind_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "dict_store-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: dict-store\nVersion: 1.0\n", "utf-8")
    (facts / "entry_points.txt").write_text(f"[{GROUP}]\ndict = dict_store:KIND\n", "utf-8")
    (tmp_path / "dict_store.py").write_text(_DICT_STORE, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert "dict" in known_schemes()
    assert store_path("dict:///a/b") == Path("a/b")
    store = open_store("dict:")
    store.commit({b"g": b"blob"}, (), b"c")
    assert (store.read([b"g"]), store.checkpoint()) == ([b"blob"], b"c")
    refused(lambda: look_into("dict:"), "dict: holds nothing")


def test_no_other_package_takes_one_of_our_schemes(others: Callable[..., None]) -> None:
    others(memory="absent:KIND")
    assert store_kind("memory") is memory.KIND
    assert known_schemes().count("memory") == 1


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("no_such_package:KIND", "cannot be loaded (No module named 'no_such_package')"),
        ("detector.stores.memory:ABSENT", "cannot be loaded ("),
        ("detector.stores.memory:MemoryStore", "is a type; legal: a StoreKind"),
    ],
)
def test_a_broken_entry_point_is_told_in_one_line(others: Callable[..., None], place: str, words: str) -> None:
    others(broken=place)
    refused(lambda: open_store("broken://ada:secret@host"), f"broken: {place} {words}")


def test_an_entry_point_that_fails_in_its_own_way_is_told_in_one_line(
    others: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "failing_store.py").write_text("raise RuntimeError('two\\nlines')", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    others(broken="failing_store:KIND")
    refused(lambda: open_store("broken:"), "failing_store:KIND cannot be loaded")

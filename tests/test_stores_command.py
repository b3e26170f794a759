"""The command `stores`: every kind there is, ready or not."""

import json
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest
from calling import Run, caller

from detector.stores import kinds
from detector.stores.kinds import SUMMARIES
from detector.stores.memory import KIND


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    return caller("stores", tmp_path, monkeypatch, capfd)


@pytest.fixture
def no_lmdb(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the package were not installed."""
    monkeypatch.delitem(sys.modules, "detector.stores.lmdb", raising=False)
    monkeypatch.setitem(sys.modules, "lmdb", None)


def told(run: Run) -> dict[str, Any]:
    """What is said of each kind, by its first scheme."""
    ran = run("list", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    return {row["schemes"][0]: row for row in json.loads(ran.out)}


def test_every_scheme_is_listed_once_and_other_names_with_their_own(run: Run) -> None:
    found = told(run)
    assert [scheme for row in found.values() for scheme in row["schemes"]] == kinds.known_schemes()
    assert found["redis"]["schemes"] == ["redis", "rediss", "valkey", "valkeys"]
    assert found["sqlite"]["schemes"] == ["sqlite"]


def test_a_kind_says_what_it_is_and_promises_with_its_default_first(run: Run) -> None:
    memory = told(run)["memory"]
    assert memory == {
        "schemes": ["memory"],
        "installed": True,
        "needs": None,
        "summary": KIND.summary,
        "durability": [{"setting": "none", "promises": "nothing outlives the process"}],
    }
    assert told(run)["sqlite"]["durability"][0]["setting"] == "normal"


@pytest.mark.usefixtures("no_lmdb")
def test_a_kind_without_its_driver_says_what_to_install(run: Run) -> None:
    lmdb = told(run)["lmdb"]
    assert (lmdb["installed"], lmdb["durability"]) == (False, [])
    assert lmdb["summary"] == SUMMARIES["lmdb"]
    assert lmdb["needs"] == "needs the package lmdb: pip install 'vaultdrill[stores]'"
    assert "needs the package lmdb" in run("list").out


def test_stores_of_other_packages_are_listed_also_broken_ones(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {"mine": "detector.stores.memory:KIND", "broken": "absent:KIND"}
    others = EntryPoints(EntryPoint(scheme, place, kinds.GROUP) for scheme, place in places.items())
    monkeypatch.setattr(kinds, "entry_points", others.select)
    found = told(run)
    assert list(found)[-2:] == ["broken", "mine"]
    assert (found["mine"]["installed"], found["mine"]["summary"]) == (True, KIND.summary)
    assert found["broken"]["needs"] == "absent:KIND cannot be loaded (No module named 'absent')"


def test_the_table_says_the_same_and_is_narrow(run: Run) -> None:
    shown = run("list")
    assert (shown.code, shown.err) == (0, "")
    words = " ".join(shown.out.split())
    for scheme in kinds.known_schemes():
        assert f"{scheme}:" in words
    assert "none: nothing outlives the process" in words
    assert max(map(len, shown.lines)) <= 100


def test_an_unknown_format_is_refused(run: Run) -> None:
    ran = run("list", "--format", "yaml")
    assert (ran.code, ran.out) == (2, "")
    assert "'table', 'json'" in ran.err

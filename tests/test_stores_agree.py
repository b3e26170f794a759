"""All exact stores are one: driven side by side, cut short, and under the engine, none differs from a dict."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from engines import Situation, parsed, selected, streaming, typed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from store_places import PLACES, SURVIVING, fresh, kill_server
from streams import situations

from detector.event import Event
from detector.stores.base import BaselineStore, StoreView
from detector.stores.contract.machine import BATCHES, GROUPS, Batch
from detector.stores.memory import MemoryStore
from detector.stores.urls import look_into, open_store

LASTING = [kind for kind in PLACES if kind != "memory"]
ON_SERVERS = list(SURVIVING)
IN_FILES = [kind for kind in LASTING if kind not in ON_SERVERS]
PIECES = st.lists(st.integers(0, 8), max_size=3)

mortal = settings(max_examples=max(8, settings().max_examples // 200), suppress_health_check=[HealthCheck.too_slow])
"""Fewer, since a server takes about a second to come back."""
few = settings(max_examples=max(30, settings().max_examples // 100), suppress_health_check=[HealthCheck.too_slow])


def held(view: StoreView) -> tuple[list[tuple[bytes, bytes]], bytes | None]:
    return list(view.scan()), view.checkpoint()


def held_at(opening: Callable[[], StoreView]) -> tuple[list[tuple[bytes, bytes]], bytes | None]:
    with closing(opening()) as view:
        return held(view)


class SideBySide(RuleBasedStateMachine):
    """Every kind beside memory, each at a place of its own."""

    @initialize()
    def open_all(self) -> None:
        self.room = TemporaryDirectory()
        self.folder = Path(self.room.name) / "stores"
        self.folder.mkdir()
        self.memory = MemoryStore()
        self.urls = {kind: PLACES[kind](self.folder) + SURVIVING.get(kind, "") for kind in LASTING}
        self.stores: dict[str, BaselineStore] = {}
        self.committed = self.crashes = 0
        for kind, url in self.urls.items():
            self.stores[kind] = open_store(url)

    @rule(batch=BATCHES)
    def commit(self, batch: Batch) -> None:
        self.committed += 1
        for store in (self.memory, *self.stores.values()):
            store.commit(*batch)

    @rule(asked=st.lists(GROUPS, max_size=6))
    def read(self, asked: list[bytes]) -> None:
        expected = self.memory.read(asked)
        assert {kind: store.read(asked) for kind, store in self.stores.items()} == dict.fromkeys(LASTING, expected)

    @rule(kind=st.sampled_from(LASTING))
    def reopen(self, kind: str) -> None:
        self.stores[kind].close()
        self.stores[kind] = open_store(self.urls[kind])

    @precondition(lambda self: self.committed)
    @rule(kind=st.sampled_from(LASTING))
    def look(self, kind: str) -> None:
        """Between runs, whoever looks sees the last commit, and leaves it so."""
        self.stores[kind].close()
        assert held_at(lambda: look_into(self.urls[kind])) == held(self.memory)
        self.stores[kind] = open_store(self.urls[kind])

    @precondition(lambda self: self.committed)
    @rule(kind=st.sampled_from(IN_FILES))
    def crash(self, kind: str) -> None:
        """Whoever opens the files as they are now finds every commit: this is what a killed process leaves."""
        self.crashes += 1
        copied = self.folder.with_name(f"crash{self.crashes}")
        copytree(self.folder, copied)
        url = self.urls[kind].replace(str(self.folder), str(copied))
        assert url != self.urls[kind]
        assert held_at(lambda: open_store(url)) == held(self.memory)

    @precondition(lambda self: hasattr(self, "stores"))
    @invariant()
    def hold_the_same(self) -> None:
        expected = held(self.memory)
        assert {kind: held(store) for kind, store in self.stores.items()} == dict.fromkeys(LASTING, expected)

    def teardown(self) -> None:
        for store in getattr(self, "stores", {}).values():
            store.close()
        if hasattr(self, "room"):
            self.room.cleanup()


class OverMortalServers(SideBySide):
    """The same, where servers are killed too."""

    @rule(kind=st.sampled_from(ON_SERVERS), batch=BATCHES)
    def kill(self, kind: str, batch: Batch) -> None:
        """Once its server is back, whoever opens the store finds every commit."""
        self.commit(batch)
        kill_server(kind)
        self.stores[kind].close()
        self.stores[kind] = open_store(self.urls[kind])


class TestSideBySide(SideBySide.TestCase):  # type: ignore[misc, valid-type]  # made at run time, unseen by mypy
    settings = settings(few, stateful_step_count=12)


class TestOverMortalServers(OverMortalServers.TestCase):  # type: ignore[misc, valid-type]  # as above
    settings = settings(mortal, stateful_step_count=6)


def pieces_of(events: list[Event], lengths: list[int]) -> list[list[Event]]:
    """The events in pieces of these lengths, the rest last."""
    cuts = [sum(lengths[:index]) for index in range(len(lengths) + 1)]
    return [events[start:end] for start, end in zip(cuts, [*cuts[1:], None], strict=True)]


def ran(
    opening: Callable[[], BaselineStore], situation: Situation, lengths: list[int], size: int, values_a_page: int
) -> list[Any]:
    """What each of several runs finds in its batches, and what the last of them leaves."""
    document, stream, enabled_at = situation
    detection = parsed(document)
    events, _ = selected(detection, stream)
    told: list[Any] = []
    for piece in pieces_of(events, lengths):
        batches = [piece[start : start + size] for start in range(0, len(piece), size)]
        store = opening()
        outcome = streaming(detection, store, batches, enabled_at, values_a_page)
        told.append((typed(outcome.matches), typed(outcome.signals), outcome.not_enabled))
        left = held(store)
        store.close()
    return [*told, left]


@pytest.mark.parametrize("kind", LASTING)
@few
@given(
    situation=situations(), lengths=PIECES, size=st.sampled_from([1, 3, 24]), values_a_page=st.sampled_from([1, 256])
)
def test_runs_over_any_store_find_and_leave_what_they_do_over_a_dict_to_the_byte(
    kind: str, situation: Situation, lengths: list[int], size: int, values_a_page: int
) -> None:
    memory = MemoryStore()
    with TemporaryDirectory() as folder:
        found = ran(fresh(kind, Path(folder)), situation, lengths, size, values_a_page)
    assert found == ran(lambda: memory, situation, lengths, size, values_a_page)


@pytest.mark.parametrize("kind", LASTING)
def test_nobody_looks_into_a_store_that_is_not_there_and_none_comes_into_being(kind: str, tmp_path: Path) -> None:
    url = PLACES[kind](tmp_path)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
            look_into(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", LASTING)
def test_a_store_that_was_never_committed_to_is_gone_when_it_is_closed(kind: str, tmp_path: Path) -> None:
    url = PLACES[kind](tmp_path)
    open_store(url).close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        look_into(url)

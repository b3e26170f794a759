"""Expiry over all exact stores: whatever is dropped, killed and opened again, engines over them stay one."""

from collections import Counter
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from builders import ADA, BOB, new_value_rule, usage
from engines import parsed, remembered, selected, typed
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from naive_model import DAY
from store_places import PLACES, SURVIVING, kill_server
from test_stores_agree import few, held, mortal

from detector.stores.base import BaselineStore
from detector.stores.layout import VALUES_A_PAGE
from detector.stores.urls import open_store
from detector.streaming import StreamingEngine

FORGET = 2
RULE = parsed(new_value_rule(learn=1, forget=FORGET))
TOLD = st.lists(
    st.tuples(st.integers(0, 4 * DAY), st.sampled_from("abcdefgh"), st.sampled_from([ADA, BOB])), min_size=1, max_size=6
)
"""How long before now something was done, what, and by whom."""


class Worker:
    """An engine over a store, by whatever process it runs in, and all that it has found."""

    def __init__(self, url: str, lateness: int, values_a_page: int) -> None:
        self.url = url
        self._how = lateness, values_a_page
        self._found: list[str] = []
        self._counts: Counter[str] = Counter()
        self.begin()

    def begin(self, store: BaselineStore | None = None) -> None:
        """Over what the store, if there is none: that at the URL, was left with."""
        lateness, values_a_page = self._how
        self.store = open_store(self.url) if store is None else store
        self.engine = StreamingEngine(RULE, self.store, lateness=lateness, values_a_page=values_a_page)

    def feed(self, batch: list[tuple[int, str, str]]) -> None:
        events, _ = selected(RULE, [usage(time, action, by) for time, action, by in batch])
        self._found += [typed(match.shown()) for match in self.engine.feed(events)]
        self._found += [typed(signal.shown()) for signal in self.engine.closed()]

    def end(self) -> None:
        """The process is about to go, in one way or the other; of it remains what it has told."""
        self._found += [typed(signal.shown()) for signal in self.engine.still_open()]
        self._counts["too late"] += self.engine.too_late

    def told(self) -> tuple[list[str], int, object]:
        """Matches, signals, counts and state."""
        return self._found, self._counts["too late"] + self.engine.too_late, held(self.store)


class Expiring(RuleBasedStateMachine):
    """The engine with a promised lateness, over every kind of store at once."""

    @initialize(lateness=st.sampled_from([0, DAY]), values_a_page=st.sampled_from([1, VALUES_A_PAGE]))
    def begin(self, lateness: int, values_a_page: int) -> None:
        self.room = TemporaryDirectory()
        self.folder = Path(self.room.name) / "stores"
        self.folder.mkdir()
        self.window = FORGET * DAY + lateness
        self.now = self.crashes = 0
        urls = {kind: place(self.folder) + SURVIVING.get(kind, "") for kind, place in PLACES.items()}
        self.workers = {kind: Worker(url, lateness, values_a_page) for kind, url in urls.items()}

    @rule(passed=st.integers(0, DAY), told=TOLD)
    def feed(self, passed: int, told: list[tuple[int, str, str]]) -> None:
        """A batch in which some come later than was promised."""
        self.now += passed
        for worker in self.workers.values():
            worker.feed([(self.now - before, action, by) for before, action, by in told])

    @rule(told=TOLD)
    def expire(self, told: list[tuple[int, str, str]]) -> None:
        """So much time passes that a sweep drops every value but the last."""
        self.feed(0, told)
        for batch in ([(self.now, "a", ADA)], [(self.now + self.window + 1, "a", ADA)]):
            for worker in self.workers.values():
                worker.feed(batch)
        self.now += self.window + 1
        for worker in self.workers.values():
            left = remembered(RULE, worker.store).values()
            assert sum(len(values) for _, values in left) == 1

    @rule()
    def run_again(self) -> None:
        """All of them end well, and the next run goes on."""
        for kind, worker in self.workers.items():
            worker.end()
            if kind != "memory":
                worker.store.close()
            worker.begin(worker.store if kind == "memory" else None)

    @rule()
    def crash(self) -> None:
        """Their processes are killed, and their files are as they were at that moment."""
        self.crashes += 1
        copied = self.folder.with_name(f"crash{self.crashes}")
        copytree(self.folder, copied)
        for kind, worker in self.workers.items():
            worker.end()
            if kind != "memory":
                worker.store.close()  # of a server: its connection ends either way
            worker.url = worker.url.replace(str(self.folder), str(copied))
            worker.begin(worker.store if kind == "memory" else None)
        self.folder = copied

    @precondition(lambda self: hasattr(self, "workers"))
    @invariant()
    def are_one(self) -> None:
        expected = self.workers["memory"].told()
        assert {kind: worker.told() for kind, worker in self.workers.items()} == dict.fromkeys(PLACES, expected)

    def teardown(self) -> None:
        for worker in getattr(self, "workers", {}).values():
            worker.store.close()
        if hasattr(self, "room"):
            self.room.cleanup()


class OverMortalServers(Expiring):
    """The same, where servers are killed beneath their engines too."""

    @rule()
    def kill(self) -> None:
        """All processes end, the servers' among them."""
        for kind in SURVIVING:
            kill_server(kind)
        for kind, worker in self.workers.items():
            worker.end()
            if kind != "memory":
                worker.store.close()
            worker.begin(worker.store if kind == "memory" else None)


class TestExpiring(Expiring.TestCase):  # type: ignore[misc, valid-type]  # made at run time, unseen by mypy
    settings = settings(few, max_examples=max(12, few.max_examples // 3), stateful_step_count=8)


class TestOverMortalServers(OverMortalServers.TestCase):  # type: ignore[misc, valid-type]  # as above
    settings = settings(mortal, stateful_step_count=6)

"""A store driven at random beside the store in memory, from which it must never differ."""

from contextlib import suppress
from typing import Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from detector.stores.base import BaselineStore
from detector.stores.contract.opening import Opening
from detector.stores.memory import MemoryStore

Batch: TypeAlias = tuple[dict[bytes, bytes], set[bytes], bytes]

_LONG: Final = b"g" * 600
GROUPS: Final = st.sampled_from([b"", b"\0", b"a", b"a\0", b"ab", b"b", b"\xff", _LONG, _LONG + b"a", _LONG + b"b"])
"""Groups that are easily taken for each other."""
BLOBS: Final = st.binary(max_size=4) | st.just(b"x" * 5000)
BATCHES: Final[st.SearchStrategy[Batch]] = st.tuples(
    st.dictionaries(GROUPS, BLOBS, max_size=4), st.sets(GROUPS, max_size=3), BLOBS
).map(lambda batch: (batch[0], batch[1] - batch[0].keys(), batch[2]))
"""What a commit takes: no group is both put and deleted."""


class StoreBesideMemory(RuleBasedStateMachine):
    """The store that `opening` opens and a dict, driven alike; `contract_machine` supplies the former.

    Whatever the store holds when an example begins is deleted, so that all examples can have one place.
    """

    opening: Opening
    store: BaselineStore

    @initialize()
    def open_empty(self) -> None:
        """Begin with nothing but a checkpoint."""
        self.memory = MemoryStore()
        self.store = self.opening()
        self.store.commit({}, {group for group, _ in self.store.scan()}, b"begun")
        self.memory.commit({}, (), b"begun")
        self.scans = [self.store.scan()]

    @rule(batch=BATCHES)
    def commit(self, batch: Batch) -> None:
        """One batch."""
        for one in (self.store, self.memory):
            one.commit(*batch)

    @rule(asked=st.lists(GROUPS, max_size=6))
    def read(self, asked: list[bytes]) -> None:
        """In any order, also twice."""
        assert self.store.read(asked) == self.memory.read(asked)

    @rule(batches=st.lists(BATCHES, min_size=1, max_size=3))
    def commit_while_scanning(self, batches: list[Batch]) -> None:
        """What is not touched comes exactly once, as it is."""
        before = dict(self.memory.scan())
        told, waiting = [], list(batches)
        for pair in self.store.scan():
            told.append(pair)
            if waiting:
                self.commit(waiting.pop())
        touched = {group for puts, deletes, _ in batches for group in puts.keys() | deletes}
        groups = [group for group, _ in told]
        assert groups == sorted(set(groups))
        assert {group: blob for group, blob in told if group not in touched} == {
            group: blob for group, blob in before.items() if group not in touched
        }

    @rule()
    def leave_a_scan_open(self) -> None:
        """Begun, and never gone on with."""
        self.scans.append(self.store.scan())
        next(self.scans[-1], None)

    @precondition(lambda self: self.store.durability.lasts)
    @rule()
    def reopen(self) -> None:
        """Everything is there again."""
        self.scans.clear()
        self.store.close()
        self.store = self.opening()

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def hold_the_same(self) -> None:
        """After each step."""
        assert list(self.store.scan()) == list(self.memory.scan())
        assert self.store.checkpoint() == self.memory.checkpoint()

    def teardown(self) -> None:
        """Let go of the store."""
        with suppress(AttributeError):  # it could not be opened
            self.store.close()


def contract_machine(opening: Opening) -> type[RuleBasedStateMachine]:
    """A state machine over the store that *opening* opens, for hypothesis's `run_state_machine_as_test`."""
    return type("StoreBesideMemory", (StoreBesideMemory,), {"opening": staticmethod(opening)})

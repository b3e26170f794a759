"""Every exact store keeps the contract; a store that breaks a sentence of it is found."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from store_places import PLACES, fresh

from detector.stores.base import BaselineStore, Durability, Footprint
from detector.stores.contract import Opening, StoreContract
from detector.stores.contract.machine import contract_machine
from detector.stores.memory import MemoryStore

briefly = settings(max_examples=15, stateful_step_count=12)
unshrunk = settings(briefly, max_examples=100, phases=[Phase.generate])


class TestEveryStore(StoreContract):
    @pytest.fixture(params=PLACES)
    def opening(self, request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
        return fresh(request.param, tmp_path)

    def test_it_never_differs_from_a_dict(self, opening: Opening) -> None:
        run_state_machine_as_test(contract_machine(opening), settings=briefly)


class ReadsOnlyOnce(MemoryStore):
    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        return super().read(list(dict.fromkeys(groups)))


class TakesNothingForNone(MemoryStore):
    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        return [blob or None for blob in super().read(groups)]


class CutsGroups(MemoryStore):
    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        super().commit({group[:511]: blob for group, blob in puts.items()}, deletes, checkpoint)


class ReplacesAll(MemoryStore):
    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        self._blobs.clear()
        super().commit(puts, deletes, checkpoint)


class DeletesOnlyOne(MemoryStore):
    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        super().commit(puts, sorted(deletes, reverse=True)[:1], checkpoint)


class LeavesTheCheckpoint(MemoryStore):
    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        super().commit(puts, deletes, checkpoint if puts else self._checkpoint or checkpoint)


class ScansByLength(MemoryStore):
    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(sorted(self._blobs.items(), key=lambda pair: (len(pair[0]), pair)))


class ScansByPlace(MemoryStore):
    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        place = 0
        while place < len(self._blobs):
            yield sorted(self._blobs.items())[place]
            place += 1


class Lasts(MemoryStore):
    """It says so, and does not."""

    durability = Durability("normal", process=True, server=True, power=False)


class OwesRoom(MemoryStore):
    def footprint(self) -> Footprint:
        return Footprint(disk=-1, memory=None)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (ReadsOnlyOnce, StoreContract.test_blobs_are_read_in_the_order_asked_for_also_twice_and_not_at_all),
        (TakesNothingForNone, StoreContract.test_a_later_commit_replaces_what_it_puts_and_nothing_else),
        (CutsGroups, StoreContract.test_long_groups_that_differ_at_their_end_are_apart),
        (ReplacesAll, StoreContract.test_a_later_commit_replaces_what_it_puts_and_nothing_else),
        (DeletesOnlyOne, StoreContract.test_a_commit_deletes_groups_and_passes_over_those_that_are_not_there),
        (LeavesTheCheckpoint, StoreContract.test_a_commit_of_nothing_moves_the_checkpoint),
        (ScansByLength, StoreContract.test_a_scan_is_in_the_order_of_the_groups_bytes),
        (ScansByPlace, StoreContract.test_commits_may_come_in_between_while_a_store_is_scanned),
        (OwesRoom, StoreContract.test_a_footprint_is_bytes_or_unknown_and_never_negative),
    ],
)
def test_a_store_that_breaks_a_sentence_is_found(
    broken: type[MemoryStore], sentence: Callable[[StoreContract, BaselineStore], None]
) -> None:
    sentence(StoreContract(), MemoryStore())
    with pytest.raises(AssertionError):
        sentence(StoreContract(), broken())


@pytest.mark.parametrize(
    "sentence",
    [
        StoreContract.test_a_commit_outlives_its_store_if_the_store_lasts,
        StoreContract.test_checkpoint_and_groups_move_together,
        StoreContract.test_a_second_writer_is_refused_in_one_line_and_welcome_afterwards,
    ],
)
def test_a_store_that_only_says_that_it_lasts_is_found(sentence: Callable[[StoreContract, Opening], None]) -> None:
    sentence(StoreContract(), MemoryStore)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        sentence(StoreContract(), Lasts)


@pytest.mark.parametrize("broken", [ReadsOnlyOnce, TakesNothingForNone, CutsGroups, ReplacesAll, DeletesOnlyOne, Lasts])
def test_the_machine_finds_them_too(broken: type[MemoryStore]) -> None:
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(contract_machine(broken), settings=unshrunk)

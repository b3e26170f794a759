"""Every exact store keeps the contract, and so does what another package would bring."""

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from store_places import PLACES, fresh

from detector.stores.contract import Opening, StoreContract
from detector.stores.contract.machine import contract_machine

briefly = settings(max_examples=15, stateful_step_count=12)


class TestEveryStore(StoreContract):
    @pytest.fixture(params=PLACES)
    def opening(self, request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
        return fresh(request.param, tmp_path)

    def test_it_never_differs_from_a_dict(self, opening: Opening) -> None:
        run_state_machine_as_test(contract_machine(opening), settings=briefly)

"""The contract of a baseline store, one sentence a test."""

from collections.abc import Iterator

import pytest

from detector.stores.base import BaselineStore
from detector.stores.contract.any_bytes import AnyBytes
from detector.stores.contract.batches import Batches
from detector.stores.contract.lasting import Lasting
from detector.stores.contract.opening import Opening
from detector.stores.contract.scans import Scans


class StoreContract(Batches, AnyBytes, Scans, Lasting):
    """What every exact store owes; a subclass has the fixture `opening` (see `detector.stores.contract`)."""

    @pytest.fixture
    def opening(self) -> Opening:
        """To be overridden: what opens the same place at each call, a fresh one for each test."""
        raise NotImplementedError("a subclass of StoreContract has the fixture `opening`")

    @pytest.fixture
    def store(self, opening: Opening) -> Iterator[BaselineStore]:
        """A store at a fresh place."""
        opened = opening()
        yield opened
        opened.close()

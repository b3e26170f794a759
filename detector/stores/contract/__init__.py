'''The contract of a baseline store as tests, for whoever writes a store: ours, or another package's.

A store of your own is checked by this file, `test_my_store.py`; pytest does the rest::

    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from detector.stores.base import BaselineStore
    from detector.stores.contract import StoreContract
    from detector.stores.contract.machine import contract_machine
    from hypothesis.stateful import run_state_machine_as_test
    from my_package import MyStore


    class TestMyStore(StoreContract):
        @pytest.fixture
        def opening(self, tmp_path: Path) -> Callable[[], BaselineStore]:
            """Opens the same place at each call; each test has a place of its own, where nothing is yet."""
            return lambda: MyStore(tmp_path / "store")

        def test_it_never_differs_from_a_dict(self, opening: Callable[[], BaselineStore]) -> None:
            run_state_machine_as_test(contract_machine(opening))

That makes it a store which `detect` can use; what makes it one that `--store my-scheme:...` finds is an entry point
in the group `vaultdrill.stores`, from the scheme to a `StoreKind`.

Needs pytest, and the machine hypothesis; the command itself never imports either.
'''

import pytest

_PARTS = ("any_bytes", "batches", "lasting", "machine", "opening", "scans")
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))

from detector.stores.contract.kit import StoreContract  # noqa: E402 - rewritten as it is imported
from detector.stores.contract.opening import Opening  # noqa: E402 - as above

__all__ = ["Opening", "StoreContract"]

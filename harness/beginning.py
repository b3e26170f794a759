"""Beginnings: from which of a store's runs on a file of results counts, in case the store forgets.

A server without a log, or unlogged tables, come back empty, or as an earlier run left them. A run that was interrupted
over such a store begins again, and is right if the store is then what it was when the run began. A note beside the
results tells: it is there from the run's first commit to its end.
"""

from pathlib import Path

from detector.stores.base import Durability, StoreError
from detector.stores.store_url import StoreUrl
from harness.output import telling


class Beginning:
    """The note that belongs to the results *out* of a run over the store *name*."""

    def __init__(self, out: Path, name: str) -> None:
        target = out.resolve()
        self._out = out
        self._name = name
        self._note = target.with_name(f".{target.name}.begun")

    @classmethod
    def of(cls, out: Path, url: str, durability: Durability) -> "Beginning | None":
        """The note of a run over the store behind *url*; None where that keeps its commits, whoever is killed."""
        if durability.process and durability.server:
            return None
        parts = StoreUrl.of(url)
        return cls(out, f"{parts.shown()} {parts.parameters.get('store', '')}".strip())

    def refuse_older(self, run: int) -> None:
        """Raise `StoreError` where *run* would be earlier, in the store, than the one that was interrupted."""
        begun = self._begun()
        if begun is not None and run < begun:
            raise StoreError(
                f"--store: it has lost what the interrupted run into {self._out} began from;"
                " legal: a store that holds the runs before it, or --abandon to begin with what is left"
            )

    def note(self, run: int) -> None:
        """Note that the results are of *run*."""
        with telling(self._out):
            self._note.write_text(f"{run} {self._name}\n")

    def forget(self) -> None:
        """Take the note away."""
        with telling(self._out):
            self._note.unlink(missing_ok=True)

    def _begun(self) -> int | None:
        """The run that was begun over this store; None where there was none."""
        with telling(self._out):
            told = self._note.read_text(errors="replace") if self._note.is_file() else ""
        run, _, name = told.strip().partition(" ")
        return int(run) if run.isdecimal() and name == self._name else None

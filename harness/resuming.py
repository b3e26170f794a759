"""Resuming: a run whose place in its sources and whose results are committed with the state, so that it can go on.

Position, state, open signals and the length of the results are one commit. Whoever is killed between two of them goes
on after the first: results are cut back, the events before it passed over, and nothing comes twice or is lost. A run
that has ended goes on in the same way if the same is asked again: over the same sources it changes nothing, and over
sources that have grown it ends as if they had been read at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from detector.event import Event
from detector.progress import Progress, digest_of
from detector.stores.base import StoreError
from detector.streaming import StreamingEngine
from harness.beginning import Beginning
from harness.journal import Journal

BATCH: Final = 10_000
"""How many events are decided between two commits."""
_LEAVE: Final = "or --abandon to leave it as it is"


class Resuming:
    """One run of *engine* with its results in *journal*, which goes on with what was *interrupted*.

    *order* is what was asked for, by option; *again* whether the sources can be read again from their beginning; a
    *beginning* is noted where the store may forget. Raises `StoreError` where something else had been asked for, and
    where the store has forgotten what the interrupted run began from.
    """

    def __init__(
        self,
        engine: StreamingEngine,
        journal: Journal,
        order: Mapping[str, str],
        interrupted: Progress | None,
        *,
        again: bool,
        beginning: Beginning | None = None,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._again = again
        self._beginning = beginning
        self._noted = interrupted is not None
        self.resumed = interrupted
        if interrupted is None:
            self._progress = Progress(run=engine.begin_run(), order=order)
            if beginning is not None:
                beginning.refuse_older(self._progress.run)
        else:
            self._progress = interrupted
            _refuse_other(interrupted.order, order)
            journal.go_on(interrupted.length)
            engine.resume_run(interrupted)

    def remaining(
        self, batches: Iterable[list[Event]], passed: Callable[[list[Event]], object]
    ) -> Iterator[list[Event]]:
        """The events that are not decided yet; the others are *passed*. Raises `StoreError` where they differ."""
        left, digest = self._progress.events, 0
        rest = iter(batches)
        while left:
            batch = next(rest, [])
            known, fresh = batch[:left], batch[left:]
            passed(known)
            left, digest = left - len(known), digest_of(known, digest)
            if (left and not batch) or (not left and digest != self._progress.digest):
                raise StoreError(f"--store: found other sources than the interrupted run's; legal: the same, {_LEAVE}")
            if fresh:
                yield fresh
        yield from rest

    def decided(self, events: list[Event]) -> None:
        """Note that *events* are decided, for the next commit."""
        if self._again:
            before = self._progress
            digest = digest_of(events, before.digest)
            first = before.first or (events[0].uuid if events else "")
            self._progress = replace(before, events=before.events + len(events), digest=digest, first=first)

    def commit(self, counts: Mapping[str, int]) -> None:
        """Commit what was decided and written until now."""
        if self._beginning is not None and not self._noted:  # before there are results that it tells of
            self._beginning.note(self._progress.run)
            self._noted = True
        self._progress = replace(self._progress, ended=False, length=self._journal.keep(), counts=dict(counts))
        self._engine.commit(self._progress)

    def end(self) -> None:
        """Commit that the open signals are written too."""
        self._journal.keep()
        self._engine.commit(replace(self._progress, ended=True))
        if self._beginning is not None:
            self._beginning.forget()


def refuse_interrupted(interrupted: Progress | None) -> None:
    """Raise `StoreError` where a run was interrupted and this one cannot go on with it."""
    if interrupted is not None:
        out = interrupted.order.get("--out", "?")
        raise StoreError(f"--store: a run into {out} was interrupted; legal: the same command again, {_LEAVE}")


def begins_alike(batches: Iterable[list[Event]], ended: Progress) -> bool:
    """Whether the sources begin with the events of the run that has *ended*."""
    left, digest = ended.events, 0
    for batch in batches:
        known = batch[:left]
        if left == ended.events and known and known[0].uuid != ended.first:
            return False
        left, digest = left - len(known), digest_of(known, digest)
        if not left:
            break
    return not left and digest == ended.digest


def _refuse_other(began: Mapping[str, str], now: Mapping[str, str]) -> None:
    for option in dict.fromkeys([*began, *now]):
        asked, legal = now.get(option, "none"), began.get(option, "none")
        if asked != legal:
            raise StoreError(
                f"--store: a run was interrupted that had other {option}: found {asked}; legal: {legal}, {_LEAVE}"
            )

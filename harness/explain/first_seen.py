"""First seen: when each value of each group first came in this run, which the state itself does not keep."""

from collections.abc import Sequence

from detector.clock import Windows, read_clock
from detector.event import Event
from detector.stores.base import StoreView
from detector.streaming import StreamingEngine
from detector.token import Key
from detector.verdict import LIVE, UNSEEN, UNSET, standing


class FirstSeen:
    """First times of one run of *engine* that goes on from *store*.

    It grows with the (group, value) pairs, as the state does.
    One pass, not a second one over the sources for the groups that turn out to be asked about: a pipe has no second.
    """

    def __init__(self, engine: StreamingEngine, store: StoreView, windows: Windows) -> None:
        clock = read_clock(store)
        self._engine = engine
        self._windows = windows
        self._live = clock is not None and clock.live
        self._resumed = clock is not None
        self._first: dict[tuple[Key, Key], int] = {}

    def note(self, events: Sequence[Event]) -> None:
        """Take in what the engine is to decide next."""
        first = self._first
        for event in events:
            stands = self._stands(event.timestamp)
            if stands == UNSEEN:
                continue
            self._live = self._live or stands == LIVE
            for value in event.values:
                if (event.group, value) not in first:
                    first[event.group, value] = UNSET if self._left(event.group, value) else event.timestamp

    def of(self, group: Key, value: Key) -> int | None:
        """When the value first came, in nanoseconds since the epoch; None: before this run."""
        found = self._first.get((group, value), UNSET)
        return None if found == UNSET else found

    def _stands(self, t: int) -> int:
        windows = self._windows
        return standing(t, self._live, windows.enabled_at, windows.settled_before, windows.duration)

    def _left(self, group: Key, value: Key) -> bool:
        """Whether an earlier run left the value in the store."""
        return self._resumed and value in self._engine.baseline(group).last_seen

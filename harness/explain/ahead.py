"""Ahead: a store that knows already what came of an event, or came after it, and so cannot tell what it met then."""

from typing import NamedTuple

from detector.event import Event
from detector.instant import instant_text
from detector.signals import Match
from detector.state import stored_signal
from detector.stores.base import StoreView
from detector.stores.paged import PagedView
from detector.verdict import UNSET

_INSTEAD = "give a copy from before the run, or all records without --store"


class Ahead(NamedTuple):
    """What a store that is ahead of an event knows of the event's group.

    *latest* is the last sighting of all, in nanoseconds since the epoch. *match* is the event's own, where the store
    still holds it, in the signal with the id *signal*.
    """

    latest: int
    match: Match | None = None
    signal: str | None = None

    def note(self) -> str:
        """One sentence for who asked, without a full stop: that the explanation may not be that of the run."""
        if self.match is None:
            met = f"it knows of the group up to {instant_text(self.latest)}, perhaps from this very event"
        else:
            value = ", ".join(map(str, self.match.value.values()))
            met = f"the event was a match then, {value!r} being NEW, in the signal {self.signal}"
        return f"the store is from after this event: {met}; what follows may not be what the run said; {_INSTEAD}"


def ahead(store: StoreView, event: Event) -> Ahead | None:
    """Whether *store*, as it was before any event was fed, is ahead of *event*; None where it is not."""
    (baseline,) = PagedView(store).read([event.group])
    if baseline is None:
        return None
    latest = max(baseline.last_seen.values(), default=UNSET)
    if latest < event.timestamp:
        return None
    signal = stored_signal(baseline.signal)
    own = [] if signal is None else [match for match in signal.matches if match.uuid == event.uuid]
    return Ahead(latest, own[0], signal.id) if signal is not None and own else Ahead(latest)

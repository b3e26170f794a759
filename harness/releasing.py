"""Releasing: several stores move on at a run's end, one after the other, and each notes where the others stood.

So a run that was ended between two of them is noticed: one store's note tells where another stands to this day. Run
again, it would find nothing new for the first, and replace complete results by shorter ones.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations

from detector.clock import read_clock
from detector.stores.base import StoreError, StoreView
from detector.stores.checksum import checksum
from detector.stores.held import HeldStore
from harness.order import Post


@contextmanager
def released(posts: Sequence[Post]) -> Iterator[None]:
    """Hand on what the posts' stores have held back, if the block ends well."""
    held = [(post.place, post.store) for post in posts if isinstance(post.store, HeldStore)]
    before = {place: _stand(store) for place, store in held}
    yield
    for place, store in held:
        beside = {other: stand for other, stand in before.items() if other != place}
        clock = read_clock(store)
        if beside and clock is not None:
            clock.beside, clock.releases = beside, clock.releases + 1
            store.commit({}, (), clock.encode())
        store.release()


def refuse_left_behind(posts: Sequence[Post]) -> None:
    """Raise `StoreError` where a run that was ended has moved one store on and not another."""
    lasting = [post for post in posts if post.lasts]
    for ahead, behind in permutations(lasting, 2):
        clock = read_clock(ahead.store)
        if clock is not None and clock.beside.get(behind.place) == _stand(behind.store):
            raise StoreError(
                f"--store: {ahead.shown} has a run that {behind.shown} has not: it was ended between the two, after its"
                f" results; legal: that run once more for {behind.shown} and its rule alone, into another file,"
                " or --abandon"
            )


def _stand(store: StoreView) -> int:
    """What changes with every run that is released; 0 before the first."""
    return checksum(store.checkpoint() or b"")

"""Looking into a store that several workers share: all of its shards as if one worker had written it."""

from collections.abc import Iterator, Sequence
from heapq import merge
from operator import itemgetter
from typing import Final

from msgspec.structs import replace

from detector.clock import Clock, read_clock
from detector.shard import Shard
from detector.stores.base import StoreError, StoreView
from detector.stores.layout import group_of
from detector.verdict import UNSET

_SHARD: Final = "shard"
"""What a checkpoint calls the part that its worker decides."""


class ShardedView:
    """The shards of one store, each as its own last commit left it: they need not have come equally far.

    *views* has every one of them. Raises `StoreError` where some is missing: its groups would seem unknown.
    """

    def __init__(self, views: Sequence[tuple[Shard, StoreView]]) -> None:
        self.views = views
        there = {shard.part for shard, _ in views}
        parts = views[0][0].parts
        missing = [str(Shard(part, parts)) for part in range(1, parts + 1) if part not in there]
        if missing:
            found = ", ".join(str(shard) for shard, _ in views)
            told = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
            raise StoreError(f"the store lacks shards: found {found}, but no {told}; legal: a store with every shard")

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order, each from its shard."""
        found: dict[bytes, bytes | None] = {}
        for shard, view in self.views:
            own = [group for group in groups if shard.holds(group_of(group).decode())]
            found.update(zip(own, view.read(own), strict=True))
        return [found[group] for group in groups]

    def checkpoint(self) -> bytes | None:
        """The checkpoint of one worker; None before the first commit of all. Tells of no run: those are the shards'."""
        clocks = {str(shard): read_clock(view) for shard, view in self.views}
        told = [clock for clock in clocks.values() if clock is not None]
        if not told:
            return None
        if len(told) < len(clocks):
            waiting = next(name for name, clock in clocks.items() if clock is None)
            raise StoreError(f"shard {waiting} holds nothing yet; legal: one in which a run of it has committed")
        return _together(told).encode()

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted."""
        return merge(*(view.scan() for _, view in self.views), key=itemgetter(0))

    def close(self) -> None:
        """Let go of every shard."""
        for _, view in self.views:
            view.close()


def _together(clocks: Sequence[Clock]) -> Clock:
    """The clock of one worker: each shard has seen every event, as far as it has come."""
    rules = [{name: value for name, value in clock.rule.items() if name != _SHARD} for clock in clocks]
    if any(rule != rules[0] for rule in rules):
        raise StoreError("the store's shards belong to different rules; legal: --shard I/N, for one of them")
    starts = [clock.rule_start for clock in clocks if clock.rule_start != UNSET]
    return replace(
        clocks[0],
        rule=rules[0],
        rule_start=min(starts, default=UNSET),
        live=any(clock.live for clock in clocks),
        greatest=max(clock.greatest for clock in clocks),
        progress=None,
    )

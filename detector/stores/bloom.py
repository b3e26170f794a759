"""The probabilistic store: baselines in rotating Bloom filters, a few bytes a pair of group and value.

It errs one way. A value that an exact store knows is known here; a new one may seem known, so matches can be missing
and none is added. They go missing where a filter errs; where a value was forgotten within the last slice, for a slice
is remembered to its end; and where an event is so late that the slices of its window are dropped. Bounds on that:

- Of the values that are in no slice, no more than `false_known` seem known, while no slice has more pairs than `pairs`.
- Other than that, events that are late by no more than the window less `forgetAfter` match wherever they would match
  in an exact store that forgets one slice later.

Time is event time only, and one event far in the future takes a slice for good.

A group's first sighting is not kept, nor when a value was learned: `suits` says which rules can do without.
"""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final

from detector.clock import learning_kind
from detector.instant import DAY
from detector.rules import NewValueRule
from detector.stores.base import Approximation, BaselineStore, Durability, Footprint, StoreError, StoreView
from detector.stores.blob import Baseline, from_blob, from_page, to_blob
from detector.stores.bloom_generations import Generations
from detector.stores.bloom_size import SETTINGS, BloomSize
from detector.stores.kinds import SUMMARIES, StoreKind
from detector.stores.layout import PAGE_MARK, group_of
from detector.stores.store_url import StoreUrl
from detector.token import Key
from detector.verdict import FIRST_EVENT, GROUP_CLOCK, UNSET

_NOT_KEPT: Final = 0
"""A group's first sighting: any instant will do for the rules that `suits` lets pass."""
_HASHED: Final = (1 << 60) - 1
"""Python's hash of an integer is the integer, below 2**61 - 1."""
_NEW_VALUE: Final = "options.newValueOptions"


class BloomStore:
    """Baselines in filters; open signals, the checkpoint and the set of all values exactly.

    The *window* (nanoseconds) is cut into *slices*, and one more is kept, each with room for *pairs* distinct pairs;
    *false_known* is the rate at which a value in none of them seems known. *values* is how many values all groups
    together may have.

    >>> store = BloomStore(window=30 * DAY)
    >>> store.commit({b"g": to_blob(Baseline(0, {"fill": 5}, None))}, (), b"checkpoint")
    >>> (blob,) = store.read([b"g"])
    >>> from_blob(blob).last_seen["fill"] == 30 * DAY // 4 - 1
    True
    """

    durability = Durability("none", process=False, server=False, power=False, lasts=False)

    def __init__(
        self,
        window: int,
        slices: int = 4,
        pairs: int = 1_000_000,
        false_known: float = 0.01,
        values: int = 1_000,
    ) -> None:
        self._window = window
        self._false_known = false_known
        self._seen = Generations(-(-window // slices), slices + 1, pairs, false_known)
        self._most_values = values
        self._values: dict[Key, int] = {}
        """Every value ever committed, with its hash."""
        self._signals: dict[bytes, tuple[bytes, int, int]] = {}
        """Of groups that have one: the open signal, its run and place."""
        self._checkpoint: bytes | None = None

    def suits(self, rule: NewValueRule) -> None:
        """Raise `StoreError` where the rule needs more than this store keeps."""
        learning, days = learning_kind(rule), self._window // DAY
        if learning == FIRST_EVENT and rule.learning_method == "threshold":
            raise _unsuited(f"{_NEW_VALUE}.learningThreshold", "1", "0")
        if learning == FIRST_EVENT:
            raise _unsuited(f"{_NEW_VALUE}.learningDuration", "0", "1 to 30")
        if learning == GROUP_CLOCK:
            raise _unsuited("assumptions.learningScope", "'group'", "rule")
        if rule.forget_mode == "fixed":
            raise _unsuited("assumptions.forgetMode", "'fixed'", "sliding")
        if rule.forget_after_days > days:
            raise _unsuited(
                f"{_NEW_VALUE}.forgetAfter", f"{rule.forget_after_days}", f"1 to {days}, the store's window"
            )

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The groups' blobs, re-created: each value with a time at or after that at which it was last seen.

        Once a slice has been dropped, every value that there is counts as seen at its end, in every group: nothing
        tells any more where it was not. That is too old to be known to an event of the newest slice.
        """
        return list(map(self._blob, groups))

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch. Of a deleted group, only the open signal can be removed. Raises `StoreError`.

        Values that come on pages are the group's, whose head has no pages when it is read.
        """
        heads = {key: from_blob(blob) for key, blob in puts.items() if PAGE_MARK not in key}
        seen = [(group, head.last_seen) for group, head in heads.items()]
        seen += [(group_of(key), from_page(blob)) for key, blob in puts.items() if PAGE_MARK in key]
        self._admit({value for _, last_seen in seen for value in last_seen})
        for group, last_seen in seen:
            self._remember(group, last_seen)
        for group, head in heads.items():
            self._keep_signal(group, head)
        for group in deletes:
            self._signals.pop(group, None)
        self._checkpoint = checkpoint

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        return self._checkpoint

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """The groups with an open signal, sorted: a filter cannot tell what is in it, so no others come."""
        return iter([(group, blob) for group in sorted(self._signals) if (blob := self._blob(group)) is not None])

    def fill(self) -> float:
        """The pairs of the fullest slice, of those that it has room for; above 1 `false_known` does not hold."""
        return self._seen.fill()

    def estimated_false_known(self) -> float:
        """The rate at which a value in none of the slices seems known now, by how many pairs are in each."""
        return self._seen.estimated_false_known()

    def approximation(self) -> Approximation:
        """How full it is, and what that makes of *false_known*."""
        return Approximation(self.fill(), self.estimated_false_known(), self._false_known, "pairs")

    def footprint(self) -> Footprint:
        """The filters, and what is kept exactly."""
        exact = sum(map(sys.getsizeof, (self._values, *self._values, *self._values.values(), self._signals)))
        signals = sum(sys.getsizeof(group) + sys.getsizeof(held[0]) for group, held in self._signals.items())
        return Footprint(disk=None, memory=self._seen.bytes() + exact + signals)

    def close(self) -> None:
        """Nothing to let go of."""

    def _admit(self, values: set[Key]) -> None:
        new = values - self._values.keys()
        if len(self._values) + len(new) > self._most_values:
            found = f"found more than {self._most_values} values of the rule's metrics"
            raise StoreError(f"--store: bloom: {found}; it suits rules whose metrics have few (parameter values)")
        self._values.update((value, _hash(value.encode())) for value in sorted(new))

    def _remember(self, group: bytes, last_seen: Mapping[Key, int]) -> None:
        add, values, base = self._seen.add, self._values, _hash(group)
        for value, last in last_seen.items():
            add(base ^ values[value], last)

    def _keep_signal(self, group: bytes, baseline: Baseline) -> None:
        if baseline.signal is None:
            self._signals.pop(group, None)
        else:
            self._signals[group] = baseline.signal, baseline.run, baseline.place

    def _blob(self, group: bytes) -> bytes | None:
        base, seen = _hash(group), self._seen.last_seen
        probed = ((value, seen(base ^ hashed)) for value, hashed in self._values.items())
        last_seen = {value: last for value, last in probed if last != UNSET}
        signal, run, place = self._signals.get(group, (None, 0, 0))
        if not last_seen and signal is None:
            return None
        return to_blob(Baseline(_NOT_KEPT, last_seen, signal, run, place))


def _hash(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest()) & _HASHED


def _unsuited(field: str, found: str, legal: str) -> StoreError:
    return StoreError(f"--store: bloom: it keeps too little for the rule: {field}: found {found}; legal: {legal}")


def _opened(url: StoreUrl) -> BaselineStore:
    return BloomStore(*BloomSize.of(url))


def _not_there(url: StoreUrl) -> StoreView:  # noqa: ARG001 - as every kind has it
    raise StoreError("--store: bloom: holds nothing after its process; legal: sqlite:///f.db or a path")


KIND: Final = StoreKind(
    SUMMARIES["bloom"],
    SETTINGS,
    _opened,
    _not_there,
    lasts=False,
)

"""Rotating generations of Bloom filters: in which slices of time a pair was seen, nearly."""

import math
from itertools import islice
from typing import Final

from rbloom import Bloom

from detector.verdict import UNSET

_MOST_PROBES: Final = 64


class _Generation:
    """The pairs of one slice: sized for so many at so great a rate of pairs that only seem to be there."""

    def __init__(self, pairs: int, rate: float) -> None:
        # rbloom rounds its number of probes down, which would miss the rate by some percent: a filter of a power of
        # two gets the probes that are asked for, and its bits are what the rate needs with these.
        self._probes = min(max(round(-math.log2(rate)), 1), _MOST_PROBES)
        bits = -self._probes * pairs / math.log1p(-(rate ** (1 / self._probes)))
        self._filter = Bloom(math.ceil(bits * math.log(2) / self._probes), 2.0**-self._probes * (1 - 1e-9))
        self.add = self._filter.add

    def __contains__(self, pair: int) -> bool:
        return pair in self._filter

    def pairs(self) -> float:
        """How many were added, as its set bits tell: about. With all of them set it counts as though one were not."""
        bits = self._filter.size_in_bits
        return min(float(self._filter.approx_items), bits / self._probes * math.log(bits))

    def seeming(self) -> float:
        """The rate of pairs that only seem to be there, as its set bits tell."""
        empty = math.exp(-self._probes * self._filter.approx_items / self._filter.size_in_bits)
        return float((1 - empty) ** self._probes)

    def bytes(self) -> int:
        return self._filter.size_in_bits // 8


class Generations:
    """When pairs were last seen, to a slice of time; only event time moves it.

    A pair is an integer from 0 to 2**60 - 1, spread evenly: it is its own hash. Times and the *width* of a slice are
    nanoseconds. The *kept* newest slices that anything was seen in are there, each of a filter for *pairs* pairs; over
    all of them, *false_known* is the rate of pairs that seem to be seen and were not.

    >>> seen = Generations(width=10, kept=2, pairs=1000, false_known=0.01)
    >>> seen.add(7, 3), seen.add(7, 25), seen.last_seen(7), seen.last_seen(8) == UNSET
    (None, None, 29, True)
    >>> seen.add(9, 31)
    >>> seen.forgotten
    9
    """

    def __init__(self, width: int, kept: int, pairs: int, false_known: float) -> None:
        self._width = width
        self._kept = kept
        self._pairs = pairs
        self._rate = false_known / kept
        self._slices: dict[int, _Generation] = {}
        """By the number of the slice, the newest first."""
        self.forgotten = UNSET
        """The last nanosecond of the newest slice that was dropped, or came too late to be kept; `UNSET`: none yet.

        Every time that is not kept is at or before it, and it is before every slice that is.
        """

    def add(self, pair: int, t: int) -> None:
        """The pair was seen at *t*."""
        generation = self._slices.get(t // self._width) or self._begun(t // self._width)
        if generation is not None:
            generation.add(pair)

    def last_seen(self, pair: int) -> int:
        """The last nanosecond of the newest slice that has the pair; `forgotten` where none has it.

        Never before the time that it was last seen at.
        """
        for number, generation in self._slices.items():
            if pair in generation:
                return self._end(number)
        return self.forgotten

    def fill(self) -> float:
        """The pairs of the fullest slice, of those that it was made for; above 1 `false_known` does not hold."""
        return max((each.pairs() for each in self._slices.values()), default=0) / self._pairs

    def estimated_false_known(self) -> float:
        """The rate over all slices, as full as they are now."""
        return 1 - math.prod(1 - each.seeming() for each in self._slices.values())

    def bytes(self) -> int:
        """The filters' size."""
        return sum(each.bytes() for each in self._slices.values())

    def _begun(self, number: int) -> _Generation | None:
        """The generation of a slice that has none; None where all that are kept are newer."""
        numbers = sorted({*self._slices, number}, reverse=True)
        for late in islice(numbers, self._kept, None):
            self._slices.pop(late, None)
            self.forgotten = max(self.forgotten, self._end(late))
        if number not in numbers[: self._kept]:
            return None
        begun = {**self._slices, number: _Generation(self._pairs, self._rate)}
        self._slices = {each: begun[each] for each in numbers[: self._kept]}
        return self._slices[number]

    def _end(self, number: int) -> int:
        return (number + 1) * self._width - 1

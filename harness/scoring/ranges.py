"""Range-based precision and recall: how much of what happened the signals cover, and in how many pieces.

After Tatbul, Lee, Zdonik, Alam and Gottschlich, "Precision and Recall for Time Series" (NeurIPS 2018). The positions
are the events of a group that the rule watches, in arrival order. A signal's range goes from its first to its last
match; an attack's, in each group, from its first to its last watched event there. Bias is flat: every position weighs
the same. Cardinality is reciprocal: what is covered in n pieces is worth an n-th. Existence alone is worth nothing
(alpha 0).

>>> reward((0, 9), Spans([(2, 3), (8, 12)]))  # 4 of its 10 positions, in 2 pieces
0.2
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Final, TypeAlias

from detector.token import Key

Span: TypeAlias = tuple[int, int]
"""The first and the last position, both of them inside."""


class Spans:
    """The ranges of one group, which may overlap each other."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        self._reached = list(accumulate((end for _, end in self._spans), max))

    def meeting(self, own: Span) -> Iterator[Span]:
        """Those that share a position with *own*."""
        start, end = own
        for span in self._spans[bisect_left(self._reached, start) : bisect_right(self._starts, end)]:
            if span[1] >= start:
                yield span


NOWHERE: Final = Spans(())


def reward(own: Span, others: Spans) -> float:
    """The share of *own* that *others* cover, over the number of pieces in which they do; from 0 to 1."""
    start, end = own
    shared = [min(end, last) - max(start, first) + 1 for first, last in others.meeting(own)]
    return sum(shared) / (end - start + 1) / len(shared) if shared else 0.0


def mean_reward(own: Mapping[Key, Span], others: Mapping[Key, Spans]) -> float:
    """The mean reward of *own* over its groups; 0 where it has no position in any."""
    return sum(reward(span, others.get(group, NOWHERE)) for group, span in own.items()) / len(own) if own else 0.0


def spans(places: Iterable[tuple[Key, int]]) -> dict[Key, Span]:
    """From the first to the last of the *places* in each group."""
    found: dict[Key, Span] = {}
    for group, place in places:
        first, last = found.get(group, (place, place))
        found[group] = (min(first, place), max(last, place))
    return found


def by_group(ranges: Collection[Mapping[Key, Span]]) -> dict[Key, Spans]:
    """The ranges of many signals or incidents, group by group."""
    found: dict[Key, list[Span]] = {}
    for each in ranges:
        for group, span in each.items():
            found.setdefault(group, []).append(span)
    return {group: Spans(held) for group, held in found.items()}

"""Randomness without state: every draw is a hash of what it is for, so no draw depends on another."""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

_Option = TypeVar("_Option")


def draw(*purpose: object) -> tuple[int, int]:
    """Return two 64-bit integers that depend on the texts of *purpose* alone, in their order.

    They are the first half of the SHA-256 of the texts, each closed by a zero byte.

    >>> draw(7, "attacks/bulk-export#1", "start") == draw(7, "attacks/bulk-export#1", "start")
    True
    """
    digest = hashlib.sha256("".join(f"{part}\0" for part in purpose).encode()).digest()
    return int.from_bytes(digest[:8]), int.from_bytes(digest[8:16])


def below(limit: int, *purpose: object) -> int:
    """Return an integer from 0 to *limit* - 1, or 0 if *limit* is 0."""
    return draw(*purpose)[0] % max(limit, 1)


def pick(options: Sequence[_Option], weights: Sequence[int], *purpose: object) -> _Option:
    """Return one of *options*, each as likely as its weight; the sum of the *weights* must be positive.

    >>> pick("ab", [0, 3], 7, "letter")
    'b'
    """
    totals = list(accumulate(weights))
    return options[bisect_right(totals, below(totals[-1], *purpose))]

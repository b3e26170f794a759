"""Skew: which of the known pairs an event has."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_ZIPF: Final = 0.99
"""YCSB's constant."""


def known_rows(skew: str, weight: Ints, known: Ints, draw: np.random.Generator) -> Ints:
    """For each event a row below *known*, the number of pairs that are known by then.

    The first rows, those with a *weight*, were loaded. `simulated` goes by weight; `zipfian` by rank, the first row
    being the most popular; `latest` likewise, from the last known row backwards; `uniform` takes all alike.

    >>> draw = np.random.default_rng(1)
    >>> known_rows("simulated", np.array([0, 1, 0]), np.array([3, 3]), draw).tolist()
    [1, 1]
    """
    at = draw.random(len(known))
    if skew == "simulated" and weight.sum():
        bounds = np.cumsum(weight)
        return np.asarray(np.searchsorted(bounds, at * bounds[-1], side="right"), dtype=np.int64)
    if skew in ("zipfian", "latest") and len(known):
        ranks = np.arange(1, known.max() + 1, dtype=np.float64)
        bounds = np.cumsum(ranks**-_ZIPF)
        rank: Ints = np.searchsorted(bounds, at * bounds[np.maximum(known, 1) - 1], side="right").astype(np.int64)
        rank = np.minimum(rank, np.maximum(known - 1, 0))
        return rank if skew == "zipfian" else known - 1 - rank
    return np.asarray(at * known, dtype=np.int64)

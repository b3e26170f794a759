"""Counter-based randomness: a draw is a hash of who, when and what for, never the state of a generator.

So any person, day or session can be drawn alone, in any order and by any number of workers, and comes
out the same. The hash is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014), absorbing one counter after another.
"""

from hashlib import blake2b
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio in 64 bits, SplitMix64's increment
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_NORMAL_FROM = 500.0
_FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def stream(seed: int, name: str) -> int:
    """Return the 64-bit key of the stream *name* of *seed*; draws of two streams are independent."""
    return int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "little")


def words(key: int, *counters: ArrayLike) -> Words:
    """Return 64 random bits for each tuple of integer *counters*, which broadcast like numpy arrays.

    >>> [hex(word) for word in words(0, [0, 1])]
    ['0xe220a8397b1dcdaf', '0x6e789e6aa1b965f4']
    """
    state = np.full(1, key, dtype=np.uint64)
    for counter in counters:
        state = _finalise(state + (np.atleast_1d(counter).astype(np.uint64) + np.uint64(1)) * _GAMMA)
    return state


def _finalise(state: Words) -> Words:
    state = (state ^ (state >> _SHIFTS[0])) * _FACTORS[0]
    state = (state ^ (state >> _SHIFTS[1])) * _FACTORS[1]
    return state ^ (state >> _SHIFTS[2])


def uniform(bits: Words) -> Floats:
    """Return numbers in [0, 1), each a multiple of 2**-53.

    >>> uniform(np.array([0, 1 << 63], dtype=np.uint64)).tolist()
    [0.0, 0.5]
    """
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def cumulative(weights: ArrayLike) -> Floats:
    """Return the running share of non-negative *weights* along the last axis, ending at exactly 1.

    >>> cumulative([1, 0, 3]).tolist()
    [0.25, 0.25, 1.0]
    """
    sums = np.cumsum(np.asarray(weights, dtype=np.float64), axis=-1)
    return sums / sums[..., -1:]


def choose(shares: Floats, at: Floats) -> Ints:
    """Return for each of *at*, in [0, 1), the index its share falls in.

    *shares* come from `cumulative`: one row for all, or one row for each of *at*. An index of weight
    0 is never chosen.

    >>> choose(cumulative([1, 0, 3]), np.array([0.0, 0.25, 0.99])).tolist()
    [0, 2, 2]
    """
    if shares.ndim == 1:
        return np.asarray(np.searchsorted(shares, at, side="right"), dtype=np.int64)
    return np.asarray((shares <= at[:, None]).sum(axis=1), dtype=np.int64)


def poisson(mean: Floats, at: Floats) -> Ints:
    """Return Poisson counts by inverting the distribution function at *at*, in [0, 1).

    Means above 500, whose exp(-mean) vanishes, are rounded from the normal distribution of that mean and variance.

    >>> poisson(np.array([0.0, 1.0, 1.0]), np.array([0.99, 0.36, 0.37])).tolist()
    [0, 0, 1]
    """
    count = np.zeros(mean.shape, dtype=np.int64)
    for large in np.flatnonzero(mean > _NORMAL_FROM):
        normal = NormalDist(float(mean[large]), float(mean[large]) ** 0.5)
        count[large] = max(0, round(normal.inv_cdf(min(max(float(at[large]), 1e-12), 1 - 1e-12))))
    small = mean <= _NORMAL_FROM
    count[small] = _poisson(mean[small], at[small])
    return count


def _poisson(mean: Floats, at: Floats) -> Ints:
    count = np.zeros(mean.shape, dtype=np.int64)
    term = np.exp(-mean)
    below = term.copy()
    # The limit stops a draw that rounding keeps above the last representable sum.
    limit = 20 + 10 * int(np.ceil(mean.max(initial=0.0)))
    for step in range(1, limit):
        beyond = (at >= below) & (term > 0)
        if not beyond.any():
            break
        count += beyond
        term = term * mean / step
        below = below + term
    return count


def quantile(table: Ints, bits: Words) -> Ints:
    """Return draws whose equally spaced quantiles are *table*, interpolated in integers.

    *table* ascends, its length is one more than a power of two and its steps are below 2**31.
    Integers, because a logarithm's last bit differs between machines and would show in a timestamp.

    >>> quantile(np.array([0, 10, 100]), np.array([0, 1 << 62, 1 << 63], dtype=np.uint64)).tolist()
    [0, 5, 10]
    """
    depth = (len(table) - 1).bit_length() - 1
    segment = (bits >> np.uint64(64 - depth)).astype(np.int64)
    within = ((bits << np.uint64(depth)) >> np.uint64(32)).astype(np.int64)
    return table[segment] + ((table[segment + 1] - table[segment]) * within >> 32)

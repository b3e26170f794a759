"""Drawing: the people and the incidents of some streams drawn again, and what they add up to on each draw.

People are drawn whole, and so are incidents: the signals of one person come together, as the matches of one incident
do, so that to draw signals alone would promise too much.

They are drawn from all streams together; streams are not strata. Where each stream stages a scenario once, to draw
within the stream would draw the same incident again and again, and promise certainty. Nor are streams drawn
themselves: a handful is too few for that. What befalls a whole company at once is therefore in no interval, however
many people it has; more `--seeds` bring more companies into the figure itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.scoring.evidence import Evidence

_AT_ONCE: Final = 1 << 21
"""Weights held at a time: 16 MiB."""

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Draws: TypeAlias = Floats
"""A figure on each resample, or several; not a number where it is undefined there."""
Column: TypeAlias = tuple[int, ArrayLike]
"""A side, and a value for each of its signals, or of its staged incidents."""


def resampled(cells: Floats, stand_for: Counts, seed: int, resamples: int) -> Draws:
    """The sums of each column of *cells* over *resamples* draws, with replacement, of as many things as there are.

    A row of *cells* holds what one thing adds, and *stand_for* how many things are like it.
    """
    if not stand_for.sum():
        return np.full((resamples, cells.shape[1]), np.nan)
    # Not `times @ rows`: BLAS takes every core for a few products, and its sums hang on how many there are.
    added = [np.einsum("dr,rc->dc", times, rows) for times, rows in _drawn(cells, stand_for, seed, resamples)]
    return np.concatenate(added)


def medians(cells: Floats, seed: int, resamples: int) -> Draws:
    """The median of each column of *cells* over such draws, what is infinite left out; not a number where all is."""
    if not len(cells):
        return np.full((resamples, cells.shape[1]), np.nan)
    one_each = np.ones(len(cells), np.int64)
    return np.concatenate(
        [
            np.column_stack([_medians(times, column) for column in rows.T])
            for times, rows in _drawn(cells, one_each, seed, resamples)
        ]
    )


def _drawn(cells: Floats, stand_for: Counts, seed: int, resamples: int) -> Iterator[tuple[Counts, Floats]]:
    """How often each row is drawn, a draw a line, and the rows.

    Rows that are alike are drawn as one, so that time and memory grow with the different rows: few, where they are
    counts of signals. Some draws come at a time.
    """
    rows, like = np.unique(cells, axis=0, return_inverse=True)
    things = int(stand_for.sum())
    shares = np.bincount(like.reshape(-1), stand_for, len(rows)) / things
    draw, step = np.random.default_rng(seed), max(1, _AT_ONCE // len(rows))
    for done in range(0, resamples, step):
        yield draw.multinomial(things, shares, min(step, resamples - done)), rows


def _medians(times: Counts, values: Floats) -> Floats:
    """On each draw the median of the finite *values*, each counted as often as it was drawn."""
    rising = np.argsort(values)[: int(np.isfinite(values).sum())]
    if not len(rising):
        return np.full(len(times), np.nan)
    counted = times[:, rising].cumsum(axis=1)
    of = counted[:, -1:]
    below, above = ((counted > middle).argmax(axis=1) for middle in ((of - 1) // 2, of // 2))
    middles = (values[rising[below]] + values[rising[above]]) / 2
    return np.where(of[:, 0] > 0, middles, np.nan)


class Homes(NamedTuple):
    """What is drawn, by stream and name, each with its number; and of each side's rows the number of their home."""

    known: Mapping[tuple[str, str], int]
    rows: list[Counts]


def homes_of(sides: Iterable[Iterable[tuple[str, str]]]) -> Homes:
    """The homes of the rows of each side, which are given by stream and name."""
    known: dict[tuple[str, str], int] = {}
    rows = [np.array([known.setdefault(name, len(known)) for name in side], np.int64) for side in sides]
    return Homes(known, rows)


def ranks(sides: Sequence[Sequence[Evidence]]) -> list[int]:
    """The place of each side in an order that hangs on what they hold alone.

    What is drawn depends on the order of the columns. In this one, two sides have the same draws whichever comes first.
    """
    held = [msgspec.msgpack.encode(list(side)) if len(sides) > 1 else b"" for side in sides]
    ordered = sorted(range(len(sides)), key=held.__getitem__)
    return [ordered.index(place) for place in range(len(sides))]


def summed(homes: Sequence[Counts], columns: Sequence[Column], size: int) -> Floats:
    """What each thing that is drawn adds to the sum of each column."""
    sums = [np.bincount(homes[side], np.asarray(values, np.float64), size) for side, values in columns]
    return np.column_stack(sums) if sums else np.empty((size, 0))


def with_the_silent(known: Mapping[tuple[str, str], int], sides: Sequence[Sequence[Evidence]]) -> tuple[Counts, Floats]:
    """How many people each home is, and the scored days of one of them on each side.

    After those who have a signal on some side comes a home for each stream with all who have none.
    """
    heard = Counter(stream for stream, _ in known)
    streams = list(zip(*sides, strict=True))
    everybody = {own[0].stream: max(heard[own[0].stream], *(each.people for each in own)) for own in streams}
    days = {
        own[0].stream: [each.days * each.people / max(1, everybody[each.stream]) for each in own] for own in streams
    }
    silent = [everybody[stream] - heard[stream] for stream in everybody]
    person_days = [days[stream] for stream, _ in known] + [days[stream] for stream in everybody]
    people = np.array([1] * len(known) + silent, np.int64)
    return people, np.array(person_days, np.float64).reshape(len(people), len(sides))

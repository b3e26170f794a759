"""Identifiers of events and sessions, drawn from what they name; and identifiers as text, many at once."""

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.activity import Sessions
from simulator.draws import Ints, Words, stream, words
from simulator.records import FEEDS

EVENT_KINDS: Final = dict(zip(FEEDS, ("item usage", "sign-in", "audit event"), strict=True))
"""What an event of each feed is called, see `event_words`."""

_LENGTH = 26
UUID: Final = np.dtype((np.uint16, _LENGTH // 2))
"""An identifier's text, two characters each: a field for `write_uuids`."""


def _pairs(alphabet: bytes) -> NDArray[np.uint16]:
    """Return the two characters of each 10 bits."""
    return np.frombuffer(b"".join(map(bytes, product(alphabet, repeat=2))), dtype=np.uint16)


UPPER: Final = _pairs(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")  # RFC 4648, section 6
"""Letters of events, users and sessions, see `simulator.records.upper_uuid`."""
LOWER: Final = _pairs(b"abcdefghijklmnopqrstuvwxyz234567")
"""Letters of vaults, items, devices and groups, see `simulator.records.lower_uuid`."""


def write_uuids(out: NDArray[np.uint16], high: Words, low: Words, letters: NDArray[np.uint16] = UPPER) -> None:
    """Write each pair's identifier into the rows of *out*, shape (n, 13); *letters* are `UPPER` or `LOWER`.

    A table of 1,024 stays in the nearest cache: some 25 ns an identifier.
    """
    # Signed, because an unsigned index is converted first; the masks take off what an arithmetic shift brings in.
    first, second = high.view(np.int64), low.view(np.int64)
    for place, bit in enumerate(range(54, 0, -10)):
        out[:, place] = letters[(first >> bit) & 1023]
    out[:, 6] = letters[((first << 6) & 960) | ((second >> 58) & 63)]
    for place, bit in enumerate(range(48, 0, -10), start=7):
        out[:, place] = letters[(second >> bit) & 1023]
    out[:, 12] = letters[(second << 2) & 1020]  # the last pair has but 8 bits, the padding is zero


def uuid_bytes(high: Words, low: Words, letters: NDArray[np.uint16] = UPPER) -> NDArray[np.bytes_]:
    """Return each pair's identifier as 26 bytes, an ``S26`` for each.

    >>> uuid_bytes(np.zeros(1, np.uint64), np.ones(1, np.uint64)).tolist()
    [b'AAAAAAAAAAAAAAAAAAAAAAAAAE']
    """
    out = np.empty((len(high), _LENGTH // 2), dtype=np.uint16)
    write_uuids(out, high, low, letters)
    return out.view(f"S{_LENGTH}").ravel()


def cased_uuids(high: Words, low: Words, upper: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Return each pair's identifier as `write_uuids` writes it, in upper case where *upper* says so.

    >>> cased_uuids(np.zeros(2, np.uint64), np.ones(2, np.uint64), np.array([True, False])).view("S26").tolist()
    [[b'AAAAAAAAAAAAAAAAAAAAAAAAAE'], [b'aaaaaaaaaaaaaaaaaaaaaaaaae']]
    """
    out = np.empty((len(high), _LENGTH // 2), dtype=np.uint16)
    for letters, rows in ((UPPER, np.flatnonzero(upper)), (LOWER, np.flatnonzero(~upper))):
        out[rows] = uuid_bytes(high[rows], low[rows], letters).view(np.uint16).reshape(-1, _LENGTH // 2)
    return out


def event_words(seed: int, kind: str, sessions: Sessions, rows: Ints, number: Ints) -> tuple[Words, Words]:
    """Return the two words that name what is called *kind* and numbered *number* in rows *rows* of *sessions*.

    *kind* is ``item usage``, ``sign-in`` or ``audit event``; ``session`` with number 0; ``failed session``
    with the failure's number. The low word hashes the full name of the session, not its key, so that a
    collision of keys is no collision of identifiers.
    """
    high = words(stream(seed, f"{kind} high"), sessions.key[rows], number)
    name = (column[rows] for column in (sessions.key, sessions.day, sessions.number))
    return high, words(stream(seed, f"{kind} low"), *name, number)


def session_words(seed: int, sessions: Sessions, rows: Ints, number: Ints) -> tuple[Words, Words]:
    """Return the two words of the session that each sign-in opened, or, unless *number* is 0, failed to open."""
    high, low = event_words(seed, "session", sessions, rows, np.zeros_like(number))
    failed = np.flatnonzero(number)
    high[failed], low[failed] = event_words(seed, "failed session", sessions, rows[failed], number[failed])
    return high, low

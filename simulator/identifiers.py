"""Identifiers of events, sessions and items: drawn from what they name, so unique and stable."""

import numpy as np

from simulator.draws import Ints, Words, stream, words
from simulator.sessions import Sessions

_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", dtype=np.uint8)  # RFC 4648, section 6
_LENGTH = 26


def uuid_texts(high: Words, low: Words) -> list[str]:
    """Return `simulator.records.upper_uuid` of each pair.

    >>> uuid_texts(np.zeros(1, np.uint64), np.ones(1, np.uint64))
    ['AAAAAAAAAAAAAAAAAAAAAAAAAB']
    """
    # Five bits a character: 13 characters of the high word, one across both, 12 of the low word.
    of_high = [high >> np.uint64(bit) for bit in range(61, 0, -5)]
    across = (high << np.uint64(4)) | (low >> np.uint64(60))
    of_low = [low >> np.uint64(bit) for bit in range(55, -1, -5)]
    digits = np.stack([*of_high, across, *of_low], axis=-1) & np.uint64(31)
    text = _ALPHABET[digits.astype(np.intp)].tobytes().decode("ascii")
    return [text[at : at + _LENGTH] for at in range(0, len(text), _LENGTH)]


def event_uuids(seed: int, kind: str, held: Sessions, session: Ints, number: Ints) -> list[str]:
    """Return the identifiers of what is called *kind* and numbered *number* in rows *session* of *held*.

    The low word hashes the full name of the session, not its key, so that a collision of keys is no
    collision of identifiers.
    """
    high = words(stream(seed, f"{kind} high"), held.key[session], number)
    name = (column[session] for column in (held.person, held.day, held.number))
    return uuid_texts(high, words(stream(seed, f"{kind} low"), *name, number))


def item_uuids(seed: int, items: Ints) -> list[str]:
    """Return the identifiers of *items*, which are numbered through the company."""
    distinct, where = np.unique(items, return_inverse=True)
    high, low = (words(stream(seed, f"item {half}"), distinct) for half in ("high", "low"))
    texts = [text.lower() for text in uuid_texts(high, low)]
    return [texts[at] for at in where.tolist()]

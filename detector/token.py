"""Tokens: JSON scalars as text that keeps their JSON type.

In Python `True == 1 == 1.0`, and a dict would take them for one value; in a New Value rule `true`, `1` and `"1"` are
three, while `1` and `1.0` are one. So a string stands for itself, and everything else for NUL followed by its
canonical JSON text. A string that itself begins with NUL is written the second way, which keeps the mapping one to one.
A `Key` is one token, or NUL and the JSON array of several.
"""

from typing import Final, TypeAlias

import msgspec

Token: TypeAlias = str
Key: TypeAlias = str
Scalar: TypeAlias = str | int | float | bool

NOT_AVAILABLE: Final = "N/A"
"""What stands in for an absent optional group-by field (Datadog's own word)."""

_decode = msgspec.json.Decoder().decode


def token(value: object) -> Token | None:
    r"""The token of a JSON value, or None where the value counts as absent: null, "", a list or an object.

    >>> token("1"), token(1), token(1.0), token(True), token(""), token([1])
    ('1', '\x001', '\x001', '\x00true', None, None)
    """
    if type(value) is str:
        if value > "\x01":  # neither empty nor beginning with NUL: nearly every string there is
            return value
        return (f"\0{_json(value)}" if value[0] == "\0" else value) if value else None
    if type(value) is float and value.is_integer():
        return f"\0{int(value)}"
    return f"\0{_json(value)}" if isinstance(value, (int, float)) else None


def scalar(token: Token) -> Scalar:
    r"""The JSON value that a token stands for.

    >>> scalar("1"), scalar("\x001"), scalar("\x00true")
    ('1', 1, True)
    """
    if token[0] != "\0":
        return token
    value: Scalar = _decode(token[1:])
    return value


def key_of(tokens: tuple[Token, ...]) -> Key:
    r"""One hashable key for a tuple of tokens; equal tuples of equal length give equal keys, others never do.

    >>> key_of(("export",)), key_of(("export", "\x001"))
    ('export', '\x00["export",1]')
    """
    if len(tokens) == 1:
        return tokens[0]
    members = ",".join(t[1:] if t[0] == "\0" else _json(t) for t in tokens)
    return f"\0[{members}]"


def scalars(key: Key, count: int) -> list[Scalar]:
    r"""The *count* JSON values that a key was made of.

    >>> scalars('\x00["export",1]', 2), scalars("export", 1)
    (['export', 1], ['export'])
    """
    if count == 1:
        return [scalar(key)]
    values: list[Scalar] = _decode(key[1:])
    return values


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()

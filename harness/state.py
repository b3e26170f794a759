"""Which group of a store a user means: by its value as text, by `field=value`, or as a JSON array."""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final

import msgspec

from detector.instant import instant_text
from detector.state import Extent, State
from detector.token import Key, Scalar, Token, key_of, token

EVERYTHING: Final = "[]"
"""The group of a rule without group-by fields, as one writes it."""


class StateError(ValueError):
    """What was asked of a store cannot be told; the text is one line."""


def moment_of_look(extent: Extent, at: int | None) -> int:
    """When to look at a store, in nanoseconds since the epoch: *at*, or at its latest sighting.

    Raises `StateError` on an earlier moment: what was known then, later sightings have replaced.

    >>> moment_of_look(Extent(groups=1, values=1, latest=5), None)
    5
    """
    if at is not None and at < extent.latest:
        latest = instant_text(extent.latest)
        raise StateError(f"--at: found {instant_text(at)}, but the store is from {latest}; legal: that or later")
    return extent.latest if at is None else at


def refuse_json(text: str, group_by: tuple[str, ...]) -> None:
    """Raise `StateError` for a text that names no known group and is a JSON object, or broken JSON.

    >>> refuse_json("{", ("@usr.email",))
    Traceback (most recent call last):
    ...
    harness.state.StateError: --group: found '{'; legal: a value of @usr.email
    """
    if text.lstrip()[:1] in ("{", "[") and not _is_array(text):
        raise StateError(f"--group: found {text!r}; legal: {_legal(group_by)}")


def group_keys(text: str, group_by: tuple[str, ...]) -> list[Key]:
    """The keys that *text* may stand for, the likeliest first: what looks like a number is text before it is one.

    Raises `StateError` where the text cannot be a group of these fields.

    >>> group_keys("ada@example.com", ("@usr.email",))
    ['ada@example.com']
    >>> group_keys("env=dev,@usr.email=ada@example.com", ("@usr.email", "env")) == group_keys(
    ...     '["ada@example.com","dev"]', ("@usr.email", "env")
    ... )
    True
    """
    named = _named(text, group_by)
    plain = [text] if len(group_by) == 1 and text else []
    members = [[one] for one in plain] + ([named] if named is not None else [])
    found = [key_of(tokens) for texts in members for tokens in product(*map(_tokens, texts))]
    found += [key_of(tokens) for tokens in _array(text, len(group_by))]
    if not found:
        raise StateError(f"--group: found {text!r}; legal: {_legal(group_by)}")
    return list(dict.fromkeys(found))


def group_text(members: dict[str, Scalar]) -> str:
    """A group as `group_keys` reads it.

    >>> group_text({"@usr.email": "ada@example.com"}), group_text({"@usr.email": "a", "env": "dev"}), group_text({})
    ('ada@example.com', '@usr.email=a,env=dev', '[]')
    """
    if not members:
        return EVERYTHING
    texts = {field: _scalar_text(value) for field, value in members.items()}
    return next(iter(texts.values())) if len(texts) == 1 else ",".join(f"{name}={text}" for name, text in texts.items())


def near(state: State, keys: Iterable[Key]) -> str | None:
    """A group that is known and differs from the keys in case or in blanks around it only, as one writes it."""
    asked = {key.strip().casefold() for key in keys}
    found = next((key for key in state.every_key() if key.strip().casefold() in asked), None)
    return None if found is None else group_text(state.members(found))


def _named(text: str, group_by: tuple[str, ...]) -> list[str] | None:
    """The values of `field=value,field=value` in the rule's order; a value may hold commas."""
    names = "|".join(map(re.escape, group_by))
    parts = [part.partition("=") for part in re.split(rf",(?=(?:{names})=)", text)]
    values = {name: value for name, _, value in parts}
    complete = len(parts) == len(group_by) and values.keys() == set(group_by) and all(values.values())
    return [values[name] for name in group_by] if complete and group_by else None


def _tokens(text: str) -> list[Token]:
    """The text itself, and the number or truth value that it spells."""
    try:
        spelt = token(msgspec.json.decode(text, type=int | float | bool))
    except msgspec.DecodeError:
        return [text]
    return [text] if spelt is None else [text, spelt]


def _array(text: str, count: int) -> Iterator[tuple[Token, ...]]:
    try:
        tokens = tuple(map(token, msgspec.json.decode(text, type=list[object])))
    except (msgspec.DecodeError, RecursionError):
        return
    present = tuple(one for one in tokens if one is not None)
    if len(present) == len(tokens) == count:
        yield present


def _is_array(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), list)
    except (msgspec.DecodeError, RecursionError):
        return False


def _scalar_text(value: Scalar) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _legal(group_by: tuple[str, ...]) -> str:
    if not group_by:
        return f"{EVERYTHING}, as the rule has one group for everything"
    named = ",".join(f"{name}=VALUE" for name in group_by)
    return f"a value of {group_by[0]}" if len(group_by) == 1 else f"{named}, or a JSON array of these values"

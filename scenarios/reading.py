"""Reading lines of a stream: of a record of any feed, of either version of the API, what casting looks at."""

from functools import lru_cache

import msgspec

from scenarios.duration import SECOND
from simulator.records import parse_timestamp

OPENS = frozenset({"success", "firewall_reported_success"})
"""The categories of sign-in attempts that open a session."""

UNREADABLE = (msgspec.DecodeError, ValueError)
"""What reading a line, or a part of it that is read later, may raise."""

_NOTHING = msgspec.Raw()
_DIGITS = 9
_SECONDS = {f"{second:02d}.": second * SECOND for second in range(60)}


class Person(msgspec.Struct, gc=False):
    """Someone, as records name them."""

    email: str = ""
    uuid: str = ""
    name: str = ""


class _Session(msgspec.Struct, gc=False):
    uuid: str = ""
    device_uuid: str | None = None


class Line(msgspec.Struct, gc=False):
    """The fields that casting looks at; those of the feeds that a record is not of are absent."""

    timestamp: str
    user: msgspec.Raw = _NOTHING
    vault_uuid: str | None = None
    item_uuid: str | None = None
    used_version: int | None = None
    action: str | None = None
    client: msgspec.Raw = _NOTHING
    location: msgspec.Raw = _NOTHING
    session_uuid: str | None = None
    category: str | None = None
    type: str | None = None
    country: str | None = None
    target_user: Person | None = None
    actor_uuid: str | None = None
    actor_details: Person | None = None
    object_type: str | None = None
    object_uuid: str | None = None
    aux_uuid: str | None = None
    session: _Session | None = None

    @property
    def is_usage(self) -> bool:
        """Whether it is an item usage."""
        return self.object_type is None and bool(self.item_uuid and self.vault_uuid)

    @property
    def doer(self) -> str:
        """Who did what an audit event tells: their email, or their uuid where records do not say more."""
        return (self.actor_details.email if self.actor_details else "") or self.actor_uuid or ""

    @property
    def at(self) -> int:
        """When it happened, in nanoseconds since the epoch. Raise ValueError if that cannot be read."""
        return instant(self.timestamp)


_LINE = msgspec.json.Decoder(Line)
_PERSON = msgspec.json.Decoder(Person)


def read(line: bytes) -> Line | None:
    """Return the fields of *line*, or None if it is no JSON object whose fields have the API's types."""
    try:
        return _LINE.decode(line)
    except UNREADABLE:
        return None


@lru_cache(maxsize=1 << 16)
def person(user: bytes) -> Person:
    """Return the user object whose JSON is *user*; nobody, all its fields empty, if it cannot be read."""
    try:
        return _PERSON.decode(user)
    except UNREADABLE:
        return Person()


def instant(text: str) -> int:
    """Return exactly `parse_timestamp` of *text*, in a third of the time where it has a fraction and ends in `Z`.

    >>> instant("1970-01-01T00:01:01.5Z")
    61500000000
    """
    seconds, digits = _SECONDS.get(text[17:20]), text[20:-1]
    if seconds is None or text[-1] != "Z" or not (digits.isdigit() and digits.isascii() and len(digits) <= _DIGITS):
        return parse_timestamp(text)
    return _minute(text[:17]) + seconds + int(digits.ljust(_DIGITS, "0"))


@lru_cache(maxsize=1 << 16)
def _minute(text: str) -> int:
    """Return when the minute begins that *text* names up to its seconds; streams are busy, and repeat it."""
    return parse_timestamp(f"{text}00Z")


def json_object(raw: msgspec.Raw) -> bytes:
    """Return *raw* if it is a JSON object, else nothing; a copy, for *raw* keeps its whole line in memory."""
    text = bytes(raw)
    return text if text.startswith(b"{") else b""

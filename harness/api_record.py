"""Records of the Events API as far as they are counted, decoded from lines in every form that they come in."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

_UNSET: Final = msgspec.UNSET
_SHOWN: Final = 60  # characters of what is no record that still fit a one-line message
Struct = TypeVar("Struct", bound=msgspec.Struct)


class RecordError(ValueError):
    """A record cannot be read; the text is one line with its place."""


class ApiUser(msgspec.Struct, gc=False):
    """Who; v1 and v2 name both."""

    email: str | None = None
    uuid: str | None = None


class _Client(msgspec.Struct, gc=False):
    app_name: str | None = None


class ApiRecord(msgspec.Struct, gc=False):
    """An item usage, sign-in or audit event, told by the fields it has, or a page of them; only what is counted.

    What is optional and of another type than the API's counts as absent; *timestamp* is then its JSON.
    """

    uuid: str | None = None
    timestamp: str = ""
    item_uuid: str | msgspec.UnsetType = _UNSET
    action: str | None = None
    user: ApiUser | None = None
    client: _Client | None = None
    session_uuid: str | msgspec.UnsetType = _UNSET
    category: str | msgspec.UnsetType = _UNSET
    type: str | None = None
    target_user: ApiUser | None = None
    object_type: str | msgspec.UnsetType = _UNSET
    items: list[msgspec.Raw] | msgspec.UnsetType | None = _UNSET
    cursor: msgspec.Raw | msgspec.UnsetType = _UNSET


_decode = msgspec.json.Decoder(ApiRecord).decode


def records_of_lines(lines: list[bytes]) -> list[ApiRecord] | None:
    """The records of lines that are one record each, the usual case; None for any other."""
    try:
        records = [_decode(line) for line in lines]
    except (msgspec.DecodeError, RecursionError):
        return None
    return None if any(record.items is not _UNSET for record in records) else records


def records_of_line(line: bytes, place: str) -> Iterator[ApiRecord]:
    """The records of a line that may be blank, a record, or a page or an array of records.

    Raises `RecordError`, which names the *place*.
    """
    if not line.strip():
        return
    try:
        if line.lstrip()[:1] == b"[":
            yield from (_record(item, place) for item in msgspec.json.decode(line, type=list[msgspec.Raw]))
            return
        record = _record(line, place)
        if isinstance(record.items, list):
            yield from (_record(item, place) for item in record.items)
        elif record.items is _UNSET or record.cursor is _UNSET:
            yield record
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RecordError(f"{place}: found no JSON ({error}); legal: a record of the Events API") from None


def _record(text: bytes | msgspec.Raw, place: str) -> ApiRecord:
    try:
        return _decode(text)
    except msgspec.ValidationError:
        pass
    try:
        return _typed(ApiRecord, text)
    except msgspec.ValidationError:
        found = bytes(text).strip()[:_SHOWN].decode(errors="replace")
        raise RecordError(f"{place}: found {found}; legal: a record of the Events API, a JSON object") from None


def _typed(kind: type[Struct], text: bytes | msgspec.Raw) -> Struct:
    """The *kind* of object that *text* is, without what is of another type; raise ValidationError if it is none."""
    values: dict[str, Any] = {}
    for name, part in _decode_parts(text).items():
        if name in _FIELDS[kind]:
            try:
                values[name] = _FIELDS[kind][name](part)
            except msgspec.ValidationError:
                if name in _PRESENT:
                    values[name] = bytes(part).decode()
    return kind(**values)


_PRESENT: Final = ("timestamp", "item_uuid", "session_uuid", "category", "object_type")
"""Fields that are there whatever their type: the kind of a record is told by them, and its time is necessary."""

_decode_parts = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_FIELDS: Final[dict[type[msgspec.Struct], dict[str, Callable[[msgspec.Raw], Any]]]] = {
    kind: {field.name: msgspec.json.Decoder(field.type).decode for field in msgspec.structs.fields(kind)}
    for kind in (ApiUser, _Client, ApiRecord)
}
_FIELDS[ApiRecord] |= {
    "user": partial(_typed, ApiUser),
    "target_user": partial(_typed, ApiUser),
    "client": partial(_typed, _Client),
}

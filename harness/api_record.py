"""Records of the Events API as far as they are counted, decoded from lines in every form that they come in."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

_UNSET: Final = msgspec.UNSET
_misfit = re.compile(r"Expected `(?P<legal>[^`]+)`, got `(?P<found>[^`]+)`(?: - at `\$\.(?P<field>[^`]+)`)?").fullmatch


class RecordError(ValueError):
    """A record cannot be read; the text is one line with its place."""


class ApiUser(msgspec.Struct, gc=False):
    """Who; v1 and v2 name both."""

    email: str | None = None
    uuid: str | None = None


class _Client(msgspec.Struct, gc=False):
    app_name: str | None = None


class ApiRecord(msgspec.Struct, gc=False):
    """An item usage, sign-in or audit event, told by the fields it has, or a page of them; only what is counted."""

    uuid: str | None = None
    timestamp: str | None = None
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
            yield from (_decode(item) for item in msgspec.json.decode(line, type=list[msgspec.Raw]))
            return
        record = _decode(line)
        if isinstance(record.items, list):
            yield from map(_decode, record.items)
        elif record.items is _UNSET or record.cursor is _UNSET:
            yield record
    except msgspec.ValidationError as error:
        raise RecordError(f"{place}: {_told(error)}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RecordError(f"{place}: found no JSON ({error}); legal: a record of the Events API") from None


def _told(error: msgspec.ValidationError) -> str:
    parts = _misfit(str(error))
    if parts is None:
        return f"{error}; legal: a record of the Events API"
    return f"{parts['field'] or 'record'}: found {parts['found']}; legal: {parts['legal']}"

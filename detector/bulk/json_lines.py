"""JSON lines: rows as the records that they were, of the fields that were read."""

from collections.abc import Callable, Collection, Mapping
from itertools import groupby
from typing import TypeAlias

import msgspec

from detector.bulk.raw_texts import RawTexts

_encode = msgspec.json.Encoder().encode

Written: TypeAlias = Callable[[bytes], bytes]
"""How a text stands in the record."""


def line_of(texts: Mapping[str, RawTexts], strings: Collection[str], marks: Collection[str]) -> Callable[[int], bytes]:
    """Gives the record of a row: *texts* by raw path, as `read_texts` reads them with these *strings*.

    Members without a value are left out, lest they make it another kind, but for those of *marks*.
    """
    paths = ["uuid", *sorted(texts.keys() - {"uuid"})]
    gaps = []
    for path in paths:
        written = _quoted if path in strings else _as_it_is
        is_own = path != "uuid" and "." not in path
        gaps.append((texts[path].reader(), _member(path, written, is_mark=path in marks) if is_own else written))
    record = b'{"uuid":%s' + b"".join(_members(paths[1:])) + b"}"
    return lambda row: record % tuple([written(text(row)) for text, written in gaps])


def _members(paths: list[str]) -> list[bytes]:
    """A record's own members, each with its comma: a gap, or an object with gaps for its values."""
    members = []
    for name, group in groupby(paths, key=lambda path: path.partition(".")[0]):
        below = [path.partition(".")[2] for path in group]
        members.append(b"," + _object(name, below) if below != [""] else b"%s")
    return members


def _object(name: str, paths: list[str]) -> bytes:
    r"""A member that is an object.

    >>> _object("user", ["email", "home.city", "home.street"])
    b'"user":{"email":%s,"home":{"city":%s,"street":%s}}'
    """
    members = []
    for step, group in groupby(paths, key=lambda path: path.partition(".")[0]):
        below = [path.partition(".")[2] for path in group]
        members.append(_object(step, below) if below != [""] else b'"%s":%%s' % step.encode())
    return b'"%s":{%s}' % (name.encode(), b",".join(members))


def _member(name: str, written: Written, *, is_mark: bool) -> Written:
    start = b',"%s":' % name.encode()
    return lambda text: start + written(text) if text or is_mark else b""


def _as_it_is(text: bytes) -> bytes:
    return text or b"null"


def _quoted(text: bytes) -> bytes:
    """A string that says this."""
    return b'"%s"' % text if text.isalnum() else _encode(text.decode())

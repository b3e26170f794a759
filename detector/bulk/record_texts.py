"""Record texts: rows of columns as JSON again, many at once, to be kept until one of them is asked for."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
from pyarrow import compute

from detector.columnar.columns import Column, Columns
from detector.instant import instant_text
from detector.onepassword import Kind
from detector.token import Token, scalar

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tree: TypeAlias = dict[str, Any]
"""Paths by their steps, down to Nones."""
Places: TypeAlias = "NDArray[np.int64]"

_MARKS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ITEM_USAGE: ("item_uuid", "vault_uuid"),
    Kind.SIGN_IN: ("category", "session_uuid"),
    Kind.AUDIT_EVENT: ("object_type",),
    Kind.LOG: ("type", "attributes"),
}
"""What makes the kind, whatever its value; other fields without a value are left out, lest they make another."""
_OWN: Final = frozenset({"uuid", "timestamp"})
"""What is written apart; but a timestamp that a rule asks for is written again, as it was spelled."""


def record_texts(columns: Columns, places: Places, uuids: Any, paths: Collection[str]) -> Any:
    """The rows at these places, with these *uuids* and raw paths, as a binary array of texts for `whole`."""
    read = {path for path in paths if path in columns.columns}
    tree = _tree({*read, *_MARKS[columns.kind], *_OWN})
    if tree is None or columns.kind is Kind.LOG:
        return pa.array([columns.line(row) for row in places.tolist()], pa.binary())
    for name in _OWN - (read - {"uuid"}):
        del tree[name]
    fragments = [pa.scalar(b',"uuid":"'), uuids, pa.scalar(b'"'), *_members(tree, columns, places), pa.scalar(b"}")]
    return compute.binary_join_element_wise(*fragments, b"")


def whole(text: bytes, t: int) -> bytes:
    """The record of a text and its time, which is not written for every row, but when it is asked for.

    >>> whole(b',"action":"fill"}', 1_500_000_000)
    b'{"timestamp":"1970-01-01T00:00:01.5Z","action":"fill"}'
    """
    return b'{"timestamp":"%s"%s' % (instant_text(t).encode(), text) if text.startswith(b",") else text


def uuids_at(columns: Columns, places: Places) -> Any:
    """The uuids of the rows at these places, as a binary array."""
    column = columns.columns["uuid"]
    return pa.array(column.tokens, pa.string()).cast(pa.binary()).take(pa.array(column.codes[places]))


def _texts_at(column: Column, places: Places, text: Callable[[Token | None], bytes]) -> Any:
    """The texts of a column's tokens at these places as a binary array, each token's made once."""
    codes = column.codes[places]
    used = np.zeros(len(column.tokens), np.bool_)
    used[codes] = True
    numbers = np.cumsum(used, dtype=np.int32) - np.int32(1)
    texts = [text(column.tokens[code]) for code in np.flatnonzero(used).tolist()]
    return pa.array(texts, pa.binary()).take(pa.array(numbers[codes]))


def _tree(paths: Collection[str]) -> Tree | None:
    """None where a path leads through another."""
    tree: Tree = {}
    for path in sorted(paths):
        *parents, last = path.split(".")
        branch: Tree | None = tree
        for step in parents:
            branch = branch.setdefault(step, {}) if branch is not None else None
        if branch is None:
            return None
        branch[last] = None
    return tree


def _members(tree: Tree, columns: Columns, places: Places) -> Iterator[Any]:
    """A record's own members, each behind a comma; those without a value are left out."""
    for name, branch in tree.items():
        member = b",%s:" % msgspec.json.encode(name)
        if branch:
            yield pa.scalar(member)
            yield from _object(branch, f"{name}.", columns, places)
        elif name in columns.columns:
            yield _texts_at(columns.columns[name], places, _member(member, is_mark=name in _MARKS[columns.kind]))
        elif name in _MARKS[columns.kind]:
            yield pa.scalar(member + b"null")


def _member(start: bytes, *, is_mark: bool) -> Callable[[Token | None], bytes]:
    return lambda token: b"" if token is None and not is_mark else start + _json(token)


def _object(tree: Tree, parents: str, columns: Columns, places: Places) -> Iterator[Any]:
    """A member that is an object."""
    for place, (name, branch) in enumerate(tree.items()):
        yield pa.scalar(b"%s%s:" % (b"," if place else b"{", msgspec.json.encode(name)))
        path = f"{parents}{name}"
        if branch:
            yield from _object(branch, f"{path}.", columns, places)
        else:
            yield _texts_at(columns.columns[path], places, _json)
    yield pa.scalar(b"}")


def _json(token: Token | None) -> bytes:
    return b"null" if token is None else msgspec.json.encode(scalar(token))

"""Layouts: where in the columns of a Parquet file the paths of a record stand, and whether that is plain to see."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final, NamedTuple

import pyarrow as pa

from detector.parquet import exact_columns

MARKS: Final = ("item_uuid", "vault_uuid", "object_type", "category", "session_uuid", "type", "attributes")
"""The fields that tell a record's kind; see `detector.onepassword.Projection.kind`."""


class Place(NamedTuple):
    """Where a path stands: in a column, or in a struct that the column holds."""

    column: str
    steps: tuple[str, ...]


class Layout:
    """The columns of one file.

    >>> layout = Layout(pa.schema({"uuid": pa.string(), "user": pa.struct({"email": pa.string()})}))
    >>> layout.is_flat, layout.places(["user.email", "action"])
    (True, {'user.email': Place(column='user', steps=('email',))})
    """

    def __init__(self, schema: Any) -> None:
        self.exact = exact_columns(schema.names)
        """The column of nanoseconds of each column that has one beside it."""
        self.types = {field.name: field.type for field in schema if field.name not in self.exact.values()}
        """The type of every other column."""
        self.is_flat = _distinct(schema.names) and _apart(name.split(".") for name in self.types)
        """Whether no two columns speak of the same value, nor of a mark's parts."""

    def places(self, paths: Iterable[str]) -> dict[str, Place] | None:
        """Where the paths stand that stand anywhere; None where one is of a type that lines had better tell."""
        found = {}
        for path in paths:
            place = self._place(path)
            if place is None:
                continue
            held = _type_at(self.types[place.column], place.steps)
            if held is None:
                continue
            if place.column in self.exact or not _is_plain(held):
                return None
            found[path] = place
        return found

    def _place(self, path: str) -> Place | None:
        steps = path.split(".")
        cuts = ((".".join(steps[:cut]), tuple(steps[cut:])) for cut in range(1, len(steps) + 1))
        return next((Place(column, rest) for column, rest in cuts if column in self.types), None)


def _distinct(names: list[str]) -> bool:
    return len({name.casefold() for name in names}) == len(names)


def _apart(paths: Iterable[list[str]]) -> bool:
    """Whether no path leads into another, or into a mark."""
    ordered = sorted(paths)
    if any(longer[: len(path)] == path for path, longer in pairwise(ordered)):
        return False
    return not any(len(path) > 1 and path[0] in MARKS for path in ordered)


def _type_at(held: Any, steps: tuple[str, ...]) -> Any:
    """The type that stands there; None where nothing does, since what is no struct is no object."""
    for step in steps:
        if not pa.types.is_struct(held):
            return None
        fields = held.get_all_field_indices(step)
        if len(fields) != 1:
            return held if fields else None  # the struct itself, which is not plain
        held = held.field(fields[0]).type
    return held


def _is_plain(held: Any) -> bool:
    if pa.types.is_dictionary(held):
        return is_text(held.value_type)
    kinds = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_null)
    return is_text(held) or any(is_kind(held) for is_kind in kinds)


def is_text(held: Any) -> bool:
    """Whether a type is one of Arrow's strings."""
    return bool(pa.types.is_string(held) or pa.types.is_large_string(held) or pa.types.is_string_view(held))

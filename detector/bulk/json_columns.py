"""JSON columns: what DuckDB read of a file's records, each value as it is written there, as the detector's columns."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from detector.bulk.doubt import Doubt
from detector.bulk.raw_texts import RawTexts
from detector.columnar.columns import Column, Columns
from detector.onepassword import Kind
from detector.token import Token, token

if TYPE_CHECKING:
    import pyarrow as pa

MARKS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ITEM_USAGE: ("item_uuid", "vault_uuid"),
    Kind.SIGN_IN: ("category", "session_uuid"),
    Kind.AUDIT_EVENT: ("object_type",),
}
"""What makes a record one of the kind, if it is none of a kind that comes first."""


def columns_of(kind: Kind, texts: Mapping[str, "pa.Array"]) -> Columns:
    """The columns of a batch; *texts* are of type string, by raw path, null where a field is absent or null.

    Raises `Doubt` where a row is not plainly a well-formed record of the kind.
    """
    if any(texts[path].null_count for path in ("uuid", "timestamp", *MARKS[kind])):
        raise Doubt
    if not RawTexts.of(texts["uuid"]).are_uuids():
        raise Doubt
    return Columns(kind, RawTexts.of(texts["timestamp"]).instants(), _JsonColumns(texts), _Lines(texts))


class _JsonColumns(Mapping[str, Column]):
    """Each column is coded when it is asked for: some are only told of the few rows that match."""

    def __init__(self, texts: Mapping[str, "pa.Array"]) -> None:
        self._texts = texts
        self._columns: dict[str, Column] = {}

    def __getitem__(self, path: str) -> Column:
        if path not in self._columns:
            self._columns[path] = _column(self._texts[path])
        return self._columns[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _column(texts: "pa.Array") -> Column:
    coded = texts.dictionary_encode()
    tokens = _tokens(coded.dictionary)
    if coded.indices.null_count:
        return Column(coded.indices.fill_null(len(tokens)).to_numpy(), [*tokens, None])
    return Column(coded.indices.to_numpy(), tokens)


def _tokens(texts: "pa.Array") -> list[Token | None]:
    """The token of each JSON value; all are decoded in one call."""
    import pyarrow as pa
    import pyarrow.compute as pc

    together = pc.binary_join(pa.ListArray.from_arrays([0, len(texts)], texts), ",")[0].as_py()
    values = msgspec.json.decode(f"[{together}]")
    if set(map(type, values)) == {str} and min(values) > "\x01":
        return values  # type: ignore[no-any-return]
    return list(map(token, values))


class _Lines:
    """Rows as the records that they were, of the fields that were read."""

    def __init__(self, texts: Mapping[str, "pa.Array"]) -> None:
        self._fields = [(path.split("."), RawTexts.of(column).text) for path, column in texts.items()]

    def __call__(self, row: int) -> bytes:
        record: dict[str, Any] = {}
        for (*parents, name), text in self._fields:
            if value := text(row):
                branch = record
                for parent in parents:
                    branch = branch.setdefault(parent, {})
                branch[name] = msgspec.Raw(value)
        return msgspec.json.encode(record)

"""JSON columns: what DuckDB read of a file's records as the detector's columns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec

from detector.bulk.distinct_texts import DistinctTexts
from detector.bulk.doubt import Doubt
from detector.bulk.json_lines import line_of
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
ALWAYS_STRINGS: Final = frozenset({"uuid", "timestamp"})
"""Whose legal values look like nothing but strings, once the uuid is told from a number."""
_MOST_TEXTS: Final = 32_768
_MOST_BYTES: Final = 1 << 24
"""No more of a field's texts are kept for the next batch: such fields hold hardly any text twice."""


class MistakableError(Exception):
    """A value at this path may be a string or not; it has to be read as JSON."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class JsonColumns:
    """Makes columns of the batches of one file, whose records are of *kind*, read for *paths*.

    *strings* are what `read_texts` was told.
    """

    def __init__(self, kind: Kind, paths: Sequence[str], strings: Collection[str]) -> None:
        self._kind = kind
        self._paths = paths
        self._strings = strings
        self._coded = {path: _Field(path in strings) for path in paths}

    def of(self, batch: "pa.RecordBatch") -> Columns:
        """The columns of a batch.

        Raises `Doubt` where a row is not plainly a well-formed record of the kind, and `MistakableError`.
        """
        columns = dict(zip(self._paths, batch.columns, strict=True))
        if any(columns[path].null_count for path in (*ALWAYS_STRINGS, *MARKS[self._kind])):
            raise Doubt
        texts = {path: RawTexts.of(column) for path, column in columns.items()}
        if not texts["uuid"].are_uuids():
            raise Doubt
        for path in self._strings:
            if path not in ALWAYS_STRINGS and not texts[path].are_strings():
                raise MistakableError(path)
        t, line = texts["timestamp"].instants(), line_of(texts, self._strings, MARKS[self._kind])
        return Columns(self._kind, t, _Columns(texts, self._coded), line)


class _Field:
    """The tokens of one field, from batch to batch."""

    def __init__(self, is_string: bool) -> None:  # noqa: FBT001 - a fact, not a switch
        self._tokens_of = _tokens_of_strings if is_string else _tokens_of_json
        self._begin()

    def _begin(self) -> None:
        self._distinct = DistinctTexts()
        self._tokens: list[Token | None] = []

    def column(self, texts: RawTexts) -> Column:
        """The column of these texts; it shares its tokens with others, which may add to them."""
        if len(self._tokens) >= _MOST_TEXTS or self._distinct.size >= _MOST_BYTES:
            self._begin()
        codes = self._distinct.numbers(texts)
        if len(self._distinct) > len(self._tokens):
            self._tokens += self._tokens_of(self._distinct.since(len(self._tokens)))
        return Column(codes, self._tokens)


class _Columns(Mapping[str, Column]):
    """Each column is coded when it is asked for: some are only told of the few rows that match."""

    def __init__(self, texts: Mapping[str, RawTexts], fields: Mapping[str, _Field]) -> None:
        self._texts = texts
        self._fields = fields
        self._columns: dict[str, Column] = {}

    def __getitem__(self, path: str) -> Column:
        if path not in self._columns:
            self._columns[path] = self._fields[path].column(self._texts[path])
        return self._columns[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _slices(texts: RawTexts) -> list[bytes]:
    start = int(texts.offsets[0])
    together = texts.data[start : texts.offsets[-1]].tobytes()
    return [together[first:end] for first, end in pairwise((texts.offsets - start).tolist())]


def _tokens_of_strings(texts: RawTexts) -> list[Token | None]:
    return _tokens([text.decode() for text in _slices(texts)])


def _tokens_of_json(texts: RawTexts) -> list[Token | None]:
    """The token of each JSON value, none where there is no text; all are decoded in one call."""
    return _tokens(msgspec.json.decode(b"[%s]" % b",".join([text or b"null" for text in _slices(texts)])))


def _tokens(values: list[object]) -> list[Token | None]:
    if set(map(type, values)) == {str} and min(values) > "\x01":  # type: ignore[operator, type-var]
        return values  # type: ignore[return-value]
    return list(map(token, values))

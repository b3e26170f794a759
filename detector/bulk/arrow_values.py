"""Arrow arrays as the detector's values: instants, identifiers, and codes into tokens."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from detector.bulk.parquet_layout import is_text
from detector.columnar.columns import Column
from detector.columnar.compiled import compiled
from detector.instant import FIRST_YEAR, LAST_YEAR, SECOND, InstantError, InstantReader, parse_instant
from detector.token import Scalar, Token, scalar, token

if TYPE_CHECKING:
    from numpy.typing import NDArray

UUID_LENGTH: Final = 26
_FIRST: Final = parse_instant(f"{FIRST_YEAR}-01-01T00:00:00Z")
_LAST: Final = parse_instant(f"{LAST_YEAR}-12-31T23:59:59.999999999Z")
_UNITS: Final = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}
_UTC: Final = ("UTC", "Z", "+00:00", "Etc/UTC")


class Tokens:
    """Makes columns of a field's arrays, batch after batch; tokens are made once while the dictionary stays equal."""

    def __init__(self) -> None:
        self._dictionary: Any = None
        self._tokens: list[Token | None] = [None]

    def column(self, array: Any) -> Column:
        """The array's column; the last of its tokens is None, for nulls. Raises UnicodeDecodeError on other bytes."""
        array = _dictionary_of(array)
        if self._dictionary is None or not array.dictionary.equals(self._dictionary):
            self._tokens = [*_tokens(array.dictionary.to_pylist()), None]
            self._dictionary = array.dictionary
        indices = array.indices.cast(pa.int32())
        if indices.null_count:
            indices = indices.fill_null(len(array.dictionary))
        return Column(indices.to_numpy(zero_copy_only=False), self._tokens)


def told(array: Any, column: Callable[[Any], Column]) -> Callable[[int], Scalar | None]:
    """Reads the value of a row; *column* makes a column of the array if it has a dictionary."""
    if not pa.types.is_dictionary(array.type):
        return lambda row: array[row].as_py()
    codes, tokens = column(array)

    def read(row: int) -> Scalar | None:
        found = tokens[codes[row]]
        return None if found is None else scalar(found)

    return read


def are_uuids(array: Any) -> bool:
    """Whether all are 26 characters of base32, as 1Password's identifiers are.

    >>> are_uuids(pa.array(["56YE2TYN2VFYRLNSHKPW5NVT5E"])), are_uuids(pa.array(["56YE2TYN2VFYRLNSHKPW5NVT51"]))
    (True, False)
    """
    if array.null_count or not is_text(_values_of(array.type)):
        return False
    texts = array if pa.types.is_string(array.type) else array.cast(pa.string())
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]
    return bool(_evenly(ends, UUID_LENGTH) and _base32(letters))


def instants(array: Any) -> "NDArray[np.int64] | None":
    """Nanoseconds since the epoch of texts in RFC 3339 or timestamps in UTC; None unless all are legal.

    >>> instants(pa.array(["1970-01-01T00:00:01.5Z"])), instants(pa.array(["1970-02-30T00:00:00Z"]))
    (array([1500000000]), None)
    """
    held = array.type
    if pa.types.is_timestamp(held) and held.tz in _UTC:
        return nanoseconds(array.cast(pa.int64()), _UNITS[held.unit])
    return _parsed(array.to_pylist()) if is_text(held) and not array.null_count else None


def nanoseconds(array: Any, unit: int = 1) -> "NDArray[np.int64] | None":
    """Counts since the epoch of so many nanoseconds each, in nanoseconds; None unless all are legal instants.

    >>> nanoseconds(pa.array([1, 2]), 1_000), nanoseconds(pa.array([-(2**63)])), nanoseconds(pa.array([1, None]))
    (array([1000, 2000]), None, None)
    """
    if array.null_count:
        return None
    counts: NDArray[np.int64] = array.to_numpy()
    if len(counts) and (counts.min() < -(-_FIRST // unit) or counts.max() > _LAST // unit):
        return None
    return counts if unit == 1 else counts * unit


def _parsed(texts: list[str]) -> "NDArray[np.int64] | None":
    read = InstantReader().read
    try:
        return np.fromiter(map(read, texts), np.int64, len(texts))
    except InstantError:
        return None


def _dictionary_of(array: Any) -> Any:
    if pa.types.is_dictionary(array.type):
        return array
    if pa.types.is_null(array.type) or pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    return array.dictionary_encode()


def _values_of(held: Any) -> Any:
    return held.value_type if pa.types.is_dictionary(held) else held


def _tokens(values: list[Any]) -> Iterable[Token | None]:
    if values and isinstance(values[0], str) and min(values) > "\x01":  # nearly always; see `token`
        return values
    return map(_token, values)


def _token(value: Any) -> Token | None:
    return None if isinstance(value, float) and not isfinite(value) else token(value)  # JSON has no such numbers


@compiled
def _evenly(ends: Any, length: int) -> bool:
    """Whether each text is as long as that."""
    uneven = 0
    for i in range(len(ends) - 1):
        uneven |= ends[i + 1] - ends[i] != length
    return uneven == 0


@compiled
def _base32(letters: Any) -> bool:
    """Whether all bytes are A-Z, a-z or 2-7. Without a branch, so that the machine takes many at once."""
    other = np.uint8(0)
    for i in range(len(letters)):
        letter = np.uint8(np.uint8(letters[i] | np.uint8(32)) - np.uint8(97)) < np.uint8(26)
        digit = np.uint8(letters[i] - np.uint8(50)) < np.uint8(6)
        other |= np.uint8(not (letter or digit))
    return bool(other == 0)

"""JSON head: what the first records of a file tell about the rest of it."""

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from detector.bulk.raw_texts import RawTexts


def strings_in(lines: Iterable[bytes], paths: Iterable[str]) -> frozenset[str]:
    """Those of the *paths* at which there are only strings, which look like nothing else, or nothing.

    Lines are looked at up to the first that is no JSON.

    >>> sorted(strings_in([b'{"a": "x", "b": {"c": "1"}, "d": 1, "e": null}'], ["a", "b.c", "d", "e"]))
    ['a', 'e']
    """
    found: dict[str, set[Any]] = {path: set() for path in paths}
    for line in lines:
        try:
            record = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            break
        for path, values in found.items():
            value = _value(record, path)
            values.add(value if isinstance(value, str) or value is None else 0)
    return frozenset(path for path, values in found.items() if _are_strings(values - {None}))


def _value(record: Any, path: str) -> Any:
    """What stands at a path, or None."""
    for step in path.split("."):
        if not isinstance(record, dict):
            return None
        record = record.get(step)
    return record


def _are_strings(values: set[Any]) -> bool:
    if not all(isinstance(value, str) for value in values):
        return False
    texts = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
    return RawTexts(np.frombuffer(b"".join(texts), np.uint8), ends).are_strings()

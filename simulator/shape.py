"""The first part of a plain value that is not of the shape it should be of, in words."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from math import isfinite
from reprlib import Repr
from typing import Any, NamedTuple

from msgspec import inspect

Keys = tuple[str | int, ...]
"""The way from the top of a document to one of its values."""

_LONGEST = 60  # characters of a found value that still fit a one-line message
_LISTED = 16  # names that still fit it
_LARGEST = 2**63 - 1


class Mismatch(NamedTuple):
    """One complaint about a document; as text ``field: found X; legal: Y``.

    >>> print(Mismatch(("offices", "value", 0, "ip"), "'8.8.8.8'", "a documentation address"))
    offices.value[0].ip: found '8.8.8.8'; legal: a documentation address
    """

    keys: Keys
    found: str
    legal: str

    def __str__(self) -> str:
        field = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys)
        return f"{field.lstrip('.') or 'document'}: found {self.found}; legal: {self.legal}"


def misfit(shape: inspect.Type, value: object, keys: Keys = ()) -> Mismatch | None:
    """Return the first part of *value*, found at *keys*, that msgspec would not convert to *shape*; None if all fits.

    Shapes are structs, mappings, tuples, texts and numbers. Numbers must be finite and below 2**63.

    >>> str(misfit(inspect.type_info(dict[str, float]), {"a": 1, "b": "x"}, ("weights",)))
    "weights.b: found 'x'; legal: a number"
    """
    if isinstance(shape, inspect.Metadata):
        return misfit(shape.type, value, keys)
    if isinstance(shape, inspect.StructType) and isinstance(value, dict):
        needs = {field.encode_name: _legal(field.type) for field in shape.fields if field.required}
        wrong = misnamed(value, keys, needs, [field.encode_name for field in shape.fields])
        if wrong:
            return wrong
    parts = _parts(shape, value)
    if parts is None:
        return None if _fits(shape, value) else Mismatch(keys, shown(value), _legal(shape))
    return next((wrong for key, each, part in parts if (wrong := misfit(each, part, (*keys, key)))), None)


def misnamed(value: Mapping[Any, object], keys: Keys, needs: Mapping[str, str], names: list[str]) -> Mismatch | None:
    """Return the first key of *value* that is not among *names*, or the first of *needs* that it lacks, or None.

    *needs* says for each necessary name what is legal there.
    """
    for key in value:
        if key not in names:
            return Mismatch((*keys, str(key)), "an unknown key", _choice(str(key), names))
    return next((Mismatch((*keys, name), "nothing", needs[name]) for name in needs if name not in value), None)


def shown(value: object) -> str:
    """Return *value* as it may stand in a one-line message: its repr, shortened.

    >>> shown("x" * 70)[-4:]
    'xxx…'
    """
    # Not repr itself: a few lines of YAML whose aliases refer to one another can stand for millions of values.
    brief = Repr()
    brief.maxlevel, brief.maxstring = 3, 2 * _LONGEST
    try:
        text = brief.repr(value)
    except ValueError:  # Python does not write integers of thousands of digits
        return "an integer of thousands of digits"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _parts(shape: inspect.Type, value: object) -> list[tuple[str | int, inspect.Type, object]] | None:
    """Return key, shape and value of what *value* consists of; None unless it is the container that *shape* says."""
    match shape, value:
        case inspect.StructType(fields=fields), dict():
            return [
                (each.encode_name, each.type, value[each.encode_name]) for each in fields if each.encode_name in value
            ]
        case inspect.DictType(value_type=each), dict() if all(isinstance(key, str) for key in value):
            return [(key, each, part) for key, part in value.items()]
        case inspect.VarTupleType(item_type=each, min_length=least, max_length=most), list():
            if (least or 0) <= len(value) <= (most or len(value)):
                return [(index, each, part) for index, part in enumerate(value)]
        case inspect.TupleType(item_types=types), list() if len(types) == len(value):
            return [(index, *pair) for index, pair in enumerate(zip(types, value, strict=True))]
    return None


def _fits(shape: inspect.Type, value: object) -> bool:
    if isinstance(value, bool):
        return False
    match shape, value:
        case inspect.StrType(min_length=least, pattern=pattern), str():
            return len(value) >= (least or 0) and (pattern is None or re.search(pattern, value) is not None)
        case inspect.IntType(), int():
            return _within(shape, value)
        case inspect.FloatType(), int() | float():
            return _within(shape, value)
    return False


def _within(shape: inspect.IntType | inspect.FloatType, value: float) -> bool:
    if isinstance(value, float) and not isfinite(value):
        return False
    least, most = (-_LARGEST if shape.ge is None else shape.ge), (_LARGEST if shape.le is None else shape.le)
    above = shape.gt is None or value > shape.gt
    return least <= value <= most and above and (shape.lt is None or value < shape.lt)


def _legal(shape: inspect.Type) -> str:
    """Return in words what *shape* accepts."""
    match shape:
        case inspect.Metadata(type=inner):
            return _legal(inner)
        case inspect.StrType(pattern=None):
            return "a text"
        case inspect.StrType(pattern=pattern):
            return f"a text that matches {pattern}"
        case inspect.IntType():
            return "an integer" + _bounds(shape)
        case inspect.FloatType():
            return "a number" + _bounds(shape)
        case inspect.StructType(fields=fields):
            return "a mapping of " + ", ".join(field.encode_name for field in fields)
        case inspect.DictType(value_type=each):
            return f"a mapping of names, each to {_legal(each)}"
        case inspect.TupleType(item_types=types):
            return f"a list of {len(types)}, each {_legal(types[0])}"
        case inspect.VarTupleType(item_type=each, min_length=least, max_length=most):
            return f"a list of {least}{'' if least == most else ' or more'}, each {_legal(each)}"
    return "another type"


def _bounds(shape: inspect.IntType | inspect.FloatType) -> str:
    if shape.ge is not None and shape.le is not None:
        return f" from {shape.ge} to {shape.le}"
    if shape.gt is not None and shape.le is not None:
        return f" above {shape.gt}, at most {shape.le}"
    words = {"of at least": shape.ge, "above": shape.gt, "of at most": shape.le, "below": shape.lt}
    return "".join(f" {word} {bound}" for word, bound in words.items() if bound is not None)


def _choice(key: str, names: list[str]) -> str:
    """Return *names* as they may stand in a one-line message: those most like *key* if they are many."""
    if len(names) <= _LISTED:
        return ", ".join(names)
    return f"one of {len(names)} names, such as " + ", ".join(get_close_matches(key, names, cutoff=0))

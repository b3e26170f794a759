"""A value of the wrong shape, put into words: which field, what was found, what is legal."""

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import inspect

Keys = tuple[str | int, ...]
"""The way from the top of a document to one of its values."""

_WHERE = re.compile(r" - at (?:`key` in )?`\$([^`]*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_ABSENT = re.compile(r"Object missing required field `(\w+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`")
_LONGEST = 60  # characters of a found value that still fit a one-line message
_PLAIN: Final = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.FloatType: "a number",
    inspect.NoneType: "null",
    inspect.DictType: "a mapping",
    inspect.VarTupleType: "a list",
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One complaint about a document; as text ``field: found …; legal: …``."""

    keys: Keys
    found: str
    legal: str

    def __str__(self) -> str:
        field = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys)
        return f"{field.lstrip('.') or 'document'}: found {self.found}; legal: {self.legal}"


def explain(error: msgspec.ValidationError, value: object, kind: Any) -> Mismatch:
    """Return what *error*, raised by ``msgspec.convert(value, kind)``, complains about.

    >>> try:
    ...     msgspec.convert(["a", 1], tuple[str, ...])
    ... except msgspec.ValidationError as error:
    ...     print(explain(error, ["a", 1], tuple[str, ...]))
    [1]: found 1; legal: text
    """
    place = _WHERE.search(str(error))
    steps = _STEP.findall(place[1]) if place else []
    keys: Keys = tuple(name or int(index) for name, index in steps)
    shape = inspect.type_info(kind)
    for key in keys:
        shape = _below(shape, key, value)
        value = value[key] if isinstance(value, dict | list) else value  # type: ignore[index]
    if unknown := _UNKNOWN.match(str(error)):
        return Mismatch((*keys, unknown[1]), "an unknown field", _legal(_struct(shape, value)))
    if absent := _ABSENT.match(str(error)):
        return Mismatch((*keys, absent[1]), "nothing", _legal(_below(shape, absent[1], value)))
    return Mismatch(keys, shown(value), _legal(shape))


def shown(value: object) -> str:
    """Return *value* as it may stand in a one-line message: its repr, shortened."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _below(shape: inspect.Type, key: str | int, value: object) -> inspect.Type:
    """Return the type that *shape* demands of the value at *key*."""
    if isinstance(shape, inspect.Metadata):
        return _below(shape.type, key, value)
    if isinstance(shape, inspect.VarTupleType):
        return shape.item_type
    struct = _struct(shape, value)
    if isinstance(struct, inspect.StructType):
        return next((field.type for field in struct.fields if field.encode_name == key), _tags(shape))
    return _tags(shape)


def _struct(shape: inspect.Type, value: object) -> inspect.Type:
    """Return the struct among the members of *shape* that *value* claims to be, or *shape* itself."""
    members = shape.types if isinstance(shape, inspect.UnionType) else (shape,)
    structs = [member for member in members if isinstance(member, inspect.StructType)]
    claims = value if isinstance(value, dict) else {}
    named = [each for each in structs if each.tag_field is None or claims.get(each.tag_field) == each.tag]
    return named[0] if named else shape


def _tags(shape: inspect.Type) -> inspect.Type:
    """Return the literal of the tags that tell the members of the union *shape* apart."""
    members = shape.types if isinstance(shape, inspect.UnionType) else (shape,)
    return inspect.LiteralType(tuple(getattr(member, "tag", None) for member in members))


def _legal(shape: inspect.Type) -> str:
    """Return in words what *shape* accepts."""
    match shape:
        case inspect.Metadata(type=inner, extra_json_schema=notes):
            return str(notes["description"]) if notes and "description" in notes else _legal(inner)
        case inspect.CustomType(cls=cls):
            return str(getattr(cls, "LEGAL", cls.__name__))
        case inspect.LiteralType(values=values):
            return ", ".join(str(value) for value in values)
        case inspect.IntType(ge=least, le=None):
            return "an integer" if least is None else f"an integer of at least {least}"
        case inspect.IntType(ge=least, le=most):
            return f"an integer from {least} to {most:,}"
        case inspect.StructType(fields=fields):
            return "a mapping of " + ", ".join(field.encode_name for field in fields)
        case inspect.UnionType(types=types):
            return " or ".join(_legal(member) for member in types)
    return _PLAIN.get(type(shape), "another type")

"""JSON Schemas of the YAML files, for the editors in which they are written.

They are made from the structs that read the files and from the text below each field, and are published beside the
library as ``scenario.schema.json`` and ``expectations.schema.json``.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import inspect as shapes

from scenarios.duration import Duration
from scenarios.expectation_file import ExpectationFile
from scenarios.scenario import Scenario
from scenarios.template import FILLED

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

FILES: Final[dict[str, type[msgspec.Struct]]] = {"scenario": Scenario, "expectations": ExpectationFile}
"""The files that have a schema, by name, and the structs that read them."""

Schema: TypeAlias = dict[str, Any]
Leaf: TypeAlias = Callable[[Schema], Schema]

_DURATION: Final = {
    "type": "string",
    "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
    "description": "A whole number and a unit: 300ms, 0s, 15m, 8h, 14d. A day is 24 hours.",
}
_PLACEHOLDER: Final = {"type": "string", "pattern": r"^#\{[^}]+\}$", "description": "The value of an argument."}
_NAMES: Final[dict[type, str]] = {
    shapes.IntType: "integer",
    shapes.FloatType: "number",
    shapes.StrType: "string",
    shapes.BoolType: "boolean",
    shapes.NoneType: "null",
}
_BOUNDS: Final = {"minLength": "min_length", "pattern": "pattern", "minimum": "ge", "maximum": "le"}


def schema(name: str) -> Schema:
    """Return the JSON Schema, draft 2020-12, of the files of that *name*: ``scenario`` or ``expectations``.

    Wherever an argument may stand, a number, a word or a duration may be ``#{name}`` instead.

    >>> schema("scenario")["properties"]["count"]["anyOf"]
    [{'type': 'integer', 'minimum': 1}, {'$ref': '#/$defs/Placeholder'}]
    """
    maker = _Maker()
    top = maker.struct(shapes.type_info(FILES[name]), FILLED if name == "scenario" else ())
    return {"$schema": DIALECT, "title": f"vaultdrill {name}", **top, "$defs": dict(sorted(maker.parts.items()))}


def field_docs(kind: type) -> dict[str, str]:
    """Return the text below each field of the struct *kind* and of those it extends, each in one line."""
    docs: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if not issubclass(each, msgspec.Struct) or each is msgspec.Struct:
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        for field, below in pairwise(getattr(definition, "body", ())):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    docs[name] = " ".join(text.split())
    return docs


class _Maker:
    """Turns types into schemas; structs become parts that are referred to, so that each is written once."""

    def __init__(self) -> None:
        self.parts: dict[str, Schema] = {}

    def struct(self, shape: shapes.Type, varied: Iterable[str]) -> Schema:
        """Return the schema of a struct, in whose fields *varied* arguments may stand."""
        assert isinstance(shape, shapes.StructType)
        docs, varied = field_docs(shape.cls), frozenset(varied)
        tag = {shape.tag_field: {"const": shape.tag}} if shape.tag_field else {}
        fields = {
            field.encode_name: self._field(field, docs.get(field.name), self._or_placeholder)
            if field.name in varied
            else self._field(field, docs.get(field.name), _as_it_is)
            for field in shape.fields
        }
        return {
            "description": " ".join((shape.cls.__doc__ or "").split("\n\n")[0].split()),
            "type": "object",
            "properties": {**tag, **fields},
            "required": [*tag, *(field.encode_name for field in shape.fields if field.required)],
            "additionalProperties": False,
        }

    def _field(self, field: shapes.Field, doc: str | None, leaf: Leaf) -> Schema:
        """Return the schema of one field with its text and its default, where that says something."""
        told = {"description": doc} if doc else {}
        default = field.default.written if isinstance(field.default, Duration) else field.default
        usual = {"default": default} if isinstance(default, str | int | float) else {}
        return {**self._value(field.type, leaf), **told, **usual}

    def _value(self, shape: shapes.Type, leaf: Leaf) -> Schema:
        """Return the schema of a value; *leaf* turns the schema of one that is no list or mapping into another."""
        match shape:
            case shapes.Metadata(type=inner):
                return self._value(inner, leaf)
            case shapes.UnionType(types=types):
                return self._union(types, leaf)
            case shapes.StructType():
                return self._part(shape, leaf)
            case shapes.VarTupleType(item_type=item, min_length=least):
                return {"type": "array", "items": self._value(item, leaf), **({"minItems": least} if least else {})}
            case shapes.DictType(value_type=value):
                return {"type": "object", "additionalProperties": self._value(value, leaf)}
        return self._leaf(shape, leaf)

    def _leaf(self, shape: shapes.Type, leaf: Leaf) -> Schema:
        match shape:
            case shapes.LiteralType(values=values):
                return leaf({"enum": list(values)})
            case shapes.CustomType(cls=cls):
                self.parts["Duration"] = _DURATION
                duration = {"$ref": "#/$defs/Duration"}
                return leaf(duration if cls is Duration else {"anyOf": [duration, {"const": "active-day"}]})
            case shapes.IntType() | shapes.FloatType():
                return leaf({"type": _NAMES[type(shape)], **_bounds(shape)})
            case shapes.StrType(pattern=str()):
                return leaf({"type": "string", **_bounds(shape)})
        return {"type": _NAMES[type(shape)], **_bounds(shape)}

    def _union(self, members: Iterable[shapes.Type], leaf: Leaf) -> Schema:
        """Return the schema of a choice; a choice among mappings alone leaves no room for an argument."""
        some = list(members)
        within = leaf if all(isinstance(each, shapes.StructType) for each in some) else _as_it_is
        found = {"anyOf": [self._value(each, within) for each in some]}
        return found if within is leaf else leaf(found)

    def _part(self, shape: shapes.StructType, leaf: Leaf) -> Schema:
        name = shape.cls.__name__
        if name not in self.parts:
            varied = () if leaf is _as_it_is else (field.name for field in shape.fields)
            self.parts[name] = self.struct(shape, varied)
        return {"$ref": f"#/$defs/{name}"}

    def _or_placeholder(self, found: Schema) -> Schema:
        self.parts["Placeholder"] = _PLACEHOLDER
        choices = found.get("anyOf", [found])
        return {"anyOf": [*choices, {"$ref": "#/$defs/Placeholder"}]}


def _as_it_is(found: Schema) -> Schema:
    return found


def _bounds(shape: shapes.Type) -> Schema:
    given = {name: getattr(shape, attribute, None) for name, attribute in _BOUNDS.items()}
    return {name: bound for name, bound in given.items() if bound is not None}

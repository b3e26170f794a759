"""1Password records as Datadog names them.

A record is an object of the Events API (item usage, sign-in, audit event; v1 or v2), or a Datadog log as the v2 Logs
Search API returns it. Attributes have Datadog's names (`@usr.email`, `@evt.name`, `source`); every raw field also
stands under its own name (`@client.app_name`). Only the attributes that a rule asks for are ever decoded: a record has
some thirty, a rule reads three, and decoding is nearly all of the cost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from operator import attrgetter
from typing import Any, Final, TypeAlias

import msgspec

from detector.query import ANYWHERE, MESSAGE
from detector.terms import SEPARATOR
from detector.token import Token, token

Record: TypeAlias = Any
"""A decoded record: an instance of the struct that a `Projection` made for its rule."""
Getter: TypeAlias = Callable[[Record], Token | None]


class Kind(IntEnum):
    """What an object is, told by the fields that it has (their values do not matter)."""

    ITEM_USAGE = 0
    SIGN_IN = 1
    AUDIT_EVENT = 2
    LOG = 3


_EVENT_TYPES: Final = {
    Kind.ITEM_USAGE: "1password-item-usages",
    Kind.SIGN_IN: "1password-signin-attempts",
    Kind.AUDIT_EVENT: "1password-audit-events",
}
_NAMED_BY_DATADOG: Final[Mapping[str, Sequence[str]]] = {
    # Datadog's name: the raw path in an item usage, a sign-in and an audit event
    "evt.name": ("action", "category", "action"),
    "usr.email": ("user.email", "target_user.email", "actor_details.email"),
    "usr.name": ("user.name", "target_user.name", "actor_details.name"),
    "usr.id": ("user.uuid", "target_user.uuid", "actor_uuid"),
    "network.client.ip": ("client.ip_address", "client.ip_address", "session.ip"),
}
_LOG_FIELDS: Final = ("service", "host", "status", "message")
_MARKS: Final = ("item_uuid", "vault_uuid", "object_type", "category", "session_uuid", "type", "attributes")
_ALWAYS: Final = (
    "uuid",
    "timestamp",
    "id",
    *_MARKS,
    "attributes.timestamp",
    "attributes.tags",
    "attributes.attributes",
)
_TEXT: Final = "\x7ftext"  # msgspec refuses names with a control character below it
_UNSET: Final = msgspec.UNSET


class Projection:
    """Decodes records, keeping the attributes *fields* and no others.

    >>> names = Projection(["@evt.name"])
    >>> record = names.decode(b'{"item_uuid": "i", "vault_uuid": "v", "action": "reveal", "user": {}}')
    >>> kind = names.kind(record)
    >>> kind.name, names.getter("@evt.name", kind)(record)
    ('ITEM_USAGE', 'reveal')
    """

    def __init__(self, fields: Iterable[str]) -> None:
        wanted = set(fields)
        paths = {path for kind in Kind for field in wanted if (path := path_of(field, kind))}
        texts = [_TEXT] if wanted & {MESSAGE, ANYWHERE} else []
        self._struct = _Struct.of([*_ALWAYS, *sorted(paths), *texts])
        self._text = self._struct.names.get(_TEXT, "")
        decode: Callable[[bytes], Record] = msgspec.json.Decoder(self._struct.type).decode
        self.decode = self._with_text(decode) if self._text else decode
        """The record of one JSON object. Raises msgspec's DecodeError where the text is not a JSON object."""

    def kind(self, record: Record) -> Kind | None:
        """Which kind of record it is, or None if none."""
        if record.item_uuid is not _UNSET and record.vault_uuid is not _UNSET:
            return Kind.ITEM_USAGE
        if record.object_type is not _UNSET:
            return Kind.AUDIT_EVENT
        if record.category is not _UNSET and record.session_uuid is not _UNSET:
            return Kind.SIGN_IN
        return Kind.LOG if record.type == "log" and record.attributes is not _UNSET else None

    def raw(self, path: str) -> Callable[[Record], object]:
        """Reads the value at a raw *path* as it stands in the JSON; msgspec's UNSET where there is none."""
        get = self._struct.getter(path.split("."))
        if "." not in path:
            return get

        def read(record: Record) -> object:
            try:
                return get(record)
            except AttributeError:
                return _UNSET

        return read

    def plain(self, fields: Sequence[str], kind: Kind) -> Callable[[Record], Any] | None:
        """Reads the value of a single field as it stands, or None where the fields are not one with a place.

        The reader raises AttributeError where a parent is not an object.
        """
        path = path_of(fields[0], kind) if len(fields) == 1 and constant(fields[0], kind) is None else None
        return None if path is None or fields[0] in (MESSAGE, ANYWHERE) else self._struct.getter(path.split("."))

    def getter(self, field: str, kind: Kind) -> Getter:
        """Reads *field* (as a rule writes it) from records of one kind; None where it is absent."""
        if field in (MESSAGE, ANYWHERE):
            return self._text_getter(field, kind)
        fixed = constant(field, kind)
        if fixed is not None:
            return lambda _: fixed
        path = path_of(field, kind)
        if path is None:
            return _tag(field, self.raw("attributes.tags")) if kind is Kind.LOG else lambda _: None
        get = self._struct.getter(path.split("."))

        def read(record: Record) -> Token | None:
            try:
                value = get(record)
            except AttributeError:  # a parent that is not an object
                return None
            return value if type(value) is str and value > "\x01" else token(value)  # token()'s usual case, uncalled

        return read

    def _with_text(self, decode: Callable[[bytes], Record]) -> Callable[[bytes], Record]:
        def decode_with_text(line: bytes) -> Record:
            record = decode(line)
            setattr(record, self._text, _Text(line))
            return record

        return decode_with_text

    def _text_getter(self, field: str, kind: Kind) -> Getter:
        get_text = attrgetter(self._text)
        if kind is Kind.LOG and field == MESSAGE:
            message = self.raw("attributes.message")
            return lambda record: token(message(record))
        return lambda record: get_text(record).values()


def constant(field: str, kind: Kind) -> Token | None:
    """What *field* is for every record of the kind, or None where records differ.

    >>> constant("source", Kind.SIGN_IN), constant("@evt.type", Kind.SIGN_IN), constant("source", Kind.LOG)
    ('1password', '1password-signin-attempts', None)
    """
    return constants(kind).get(field)


def constants(kind: Kind) -> dict[str, Token]:
    """The fields that are the same for every record of the kind, each with what it is.

    >>> constants(Kind.SIGN_IN)
    {'source': '1password', '@evt.type': '1password-signin-attempts'}
    """
    return {} if kind is Kind.LOG else {"source": "1password", "@evt.type": _EVENT_TYPES[kind]}


def path_of(field: str, kind: Kind) -> str | None:
    """Where in the JSON *field* stands, or None where it is no place of its own (a constant, a tag, a text)."""
    if field in constants(kind):
        return None
    attribute = field.removeprefix("@")
    if kind is Kind.LOG:
        if field.startswith("@"):
            return f"attributes.attributes.{attribute}"
        return f"attributes.{field}" if field in _LOG_FIELDS else None
    if not field.startswith("@"):
        return field if field == "env" else None
    return _NAMED_BY_DATADOG[attribute][kind] if attribute in _NAMED_BY_DATADOG else attribute


def _tag(name: str, get_tags: Callable[[Record], object]) -> Getter:
    """The first tag `name:value` of a Datadog log."""
    prefix = f"{name}:"

    def read(record: Record) -> Token | None:
        tags = get_tags(record)
        if not isinstance(tags, list):
            return None
        return next(
            (token(tag[len(prefix) :]) for tag in tags if isinstance(tag, str) and tag.startswith(prefix)), None
        )

    return read


class _Text:
    """A record's scalar values as one searchable text, made when first asked for."""

    __slots__ = ("_line",)

    def __init__(self, line: bytes) -> None:
        self._line = line

    def values(self) -> str:
        return SEPARATOR.join(_leaves(msgspec.json.decode(self._line)))


def _leaves(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    elif (text := token(value)) is not None:
        yield text.removeprefix("\0")


class _Struct:
    """A msgspec struct with just the given dotted paths; what should be an object may turn out to be anything."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._inner = {name: _Struct(branch) for name, branch in tree.items() if branch}
        self.names = {name: name if name in _MARKS else f"f{index}" for index, name in enumerate(tree)}
        self.type: Any = msgspec.defstruct(
            "Record",
            [(self.names[name], self._field_type(name), _UNSET) for name in tree],
            rename={attribute: name for name, attribute in self.names.items()},
            gc=False,
        )

    @classmethod
    def of(cls, paths: Iterable[str]) -> "_Struct":
        tree: dict[str, Any] = {}
        for path in paths:
            branch = tree
            for step in path.split("."):
                branch = branch.setdefault(step, {})
        return cls(tree)

    def getter(self, steps: Sequence[str]) -> Callable[[Record], object]:
        """Reads a path; raises AttributeError where a parent is not an object."""
        return attrgetter(self.attribute(steps))

    def attribute(self, steps: Sequence[str]) -> str:
        """The dotted name under which the struct keeps a path."""
        name = self.names[steps[0]]
        return name if len(steps) == 1 else f"{name}.{self._inner[steps[0]].attribute(steps[1:])}"

    def _field_type(self, name: str) -> Any:
        if name not in self._inner:
            return Any
        return self._inner[name].type | str | int | float | bool | list[Any] | None

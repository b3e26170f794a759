"""Lenses: how one rule looks at records of one kind, one at a time or a column of them."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from detector.onepassword import Getter, Kind, Projection, Record, constant
from detector.questions import Values, any_of, apart, group_key, judges_apart, places, seen_at_all, together
from detector.rules import NewValueRule
from detector.token import Key, Scalar, Token, scalar

Raw: TypeAlias = Callable[[Record], Any]

_ANSWERS_KEPT: Final = 50_000
_is_uuid = re.compile(r"[A-Za-z2-7]{26}").fullmatch  # twice as quick as ignoring case


class Lens:
    """Reads what *rule* asks of records of *kind*.

    Each `..._column` gives what its namesake gives for every record, in fewer steps.
    """

    def __init__(self, rule: NewValueRule, projection: Projection, kind: Kind) -> None:
        self._projection = projection
        self._kind = kind
        self._attributes: dict[str, Getter] = {}
        is_log = kind is Kind.LOG
        self.uuid_name = "id" if is_log else "uuid"
        self.uuid_legal = "a non-empty string" if is_log else "26 characters of base32 (A-Z, 2-7)"
        self.is_uuid: Callable[[str], object] = _is_id if is_log else _is_uuid
        self.uuid: Raw = projection.raw(self.uuid_name)
        self.timestamp_name = "attributes.timestamp" if is_log else "timestamp"
        self.timestamp: Raw = projection.raw(self.timestamp_name)
        self._group = _Column(self._getters(rule.group_by), projection.plain(rule.group_by, kind))
        self._group_key = group_key(optional=rule.optional_group_by)
        self._has_one_group_field = len(rule.group_by) == 1 and not rule.optional_group_by
        self._values = self._answers(*_values(rule))
        self._suppressed = self._answers(*any_of(rule.suppressed))

    def group(self, record: Record) -> Key | None:
        """The key of the record's group, or None where a group-by field is absent."""
        tokens = self._group.read(record)
        return tokens if self._has_one_group_field else self._group_key(tokens)

    def group_column(self, records: Sequence[Record]) -> list[Key | None]:
        """`group` of each record."""
        column = self._group.read_all(records)
        return column if self._has_one_group_field else list(map(self._group_key, column))

    def values(self, record: Record) -> Values | None:
        """The watched values; None where the query does not match, empty where the fields are absent."""
        values: Values | None = self._values.of(record)
        return values

    def values_column(self, records: Sequence[Record]) -> list[Values | None]:
        """`values` of each record."""
        return self._values.of_all(records)

    def suppresses(self, record: Record) -> bool:
        """Whether a match on this record is kept from the user."""
        return bool(self._suppressed.of(record))

    def attribute(self, record: Record, field: str) -> Token | None:
        """The token of *field* in *record*; the field must be one that the rule names."""
        getter = self._attributes.get(field)
        if getter is None:
            getter = self._attributes[field] = self._projection.getter(field, self._kind)
        return getter(record)

    def scalars(self, record: Record) -> Callable[[str], Scalar | None]:
        """What reads the record's fields as JSON scalars; they must be fields that the rule names."""

        def read(field: str) -> Scalar | None:
            token = self.attribute(record, field)
            return None if token is None else scalar(token)

        return read

    def _getters(self, fields: Sequence[str]) -> list[Getter]:
        return [self._projection.getter(field, self._kind) for field in fields]

    def _answers(self, fields: Sequence[str], answer: Callable[[Sequence[Token | None]], Any]) -> "_Answers":
        fixed = [constant(field, self._kind) for field in fields]
        varying = [place for place, token in enumerate(fixed) if token is None]
        asked = [fields[place] for place in varying]
        column = _Column(self._getters(asked), self._projection.plain(asked, self._kind))
        return _Answers(column, fixed, varying, answer)


def _is_id(found: object) -> bool:
    return isinstance(found, str) and bool(found)


class _Column:
    """Tokens of one field, or tuples of tokens where there are several fields or none."""

    def __init__(self, getters: list[Getter], plain: Raw | None) -> None:
        self._plain = plain if len(getters) == 1 else None
        self.read: Callable[[Record], Any] = (
            getters[0] if len(getters) == 1 else lambda record: tuple([get(record) for get in getters])
        )

    def read_all(self, records: Sequence[Record]) -> list[Any]:
        """`read` of each record: without a Python call for each where all hold plain strings, which are tokens."""
        if self._plain is not None:
            try:
                values = list(map(self._plain, records))
            except AttributeError:  # a parent that is not an object
                values = []
            if set(map(type, values)) == {str} and min(values) > "\x01":
                return values
        return list(map(self.read, records))


class _Answers(dict[Any, Any]):
    """Answers to the few distinct inputs that a stream's many records have, each worked out once."""

    def __init__(
        self,
        column: _Column,
        fixed: list[Token | None],
        varying: list[int],
        answer: Callable[[Sequence[Token | None]], Any],
    ) -> None:
        super().__init__()
        self._column = column
        self._fixed = fixed
        self._varying = varying
        self._answer = answer

    def of(self, record: Record) -> Any:
        """The answer for one record."""
        return self[self._column.read(record)]

    def of_all(self, records: Sequence[Record]) -> list[Any]:
        """The answers for a column of records."""
        return list(map(self.__getitem__, self._column.read_all(records)))

    def __missing__(self, found: Any) -> Any:
        if len(self) >= _ANSWERS_KEPT:
            self.clear()
        tokens = self._fixed.copy()
        for place, token in zip(self._varying, found if isinstance(found, tuple) else (found,), strict=True):
            tokens[place] = token
        return self.setdefault(found, self._answer(tokens))


def _values(rule: NewValueRule) -> tuple[tuple[str, ...], Callable[[Sequence[Token | None]], Values | None]]:
    """Query and watched fields as one question: which fields to read, and what follows from their tokens."""
    asked, matches = seen_at_all(rule)
    fields = tuple(dict.fromkeys([*asked, *rule.metrics]))
    among = places(rule.metrics, fields)
    as_values = apart if judges_apart(rule) else together

    def values(tokens: Sequence[Token | None]) -> Values | None:
        return as_values([tokens[place] for place in among]) if matches(tokens[: len(asked)]) else None

    return fields, values

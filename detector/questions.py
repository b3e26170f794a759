"""Questions: what a rule asks of a record's tokens, be they those of one record or the distinct ones of a column."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from detector.formula import Predicate
from detector.query import compile_query
from detector.rules import NewValueRule
from detector.signals import Template
from detector.token import NOT_AVAILABLE, Key, Token, key_of

Values: TypeAlias = tuple[Key, ...]


def fields_of(rule: NewValueRule) -> set[str]:
    """Every field that the rule reads, be it to decide or to tell."""
    queries = [rule.query, *rule.required, *rule.excluded, *rule.suppressed]
    asked = {field for query in queries for field in compile_query(query).fields}
    told = {"@item_uuid", "@vault_uuid", *Template(rule.message).fields, *Template(rule.name).fields}
    return asked | told | {*rule.group_by, *rule.metrics} | ({"env"} if rule.decrease_by_env else set())


def judges_apart(rule: NewValueRule) -> bool:
    """Whether each watched field keeps its own values; a single one has nothing to be apart from."""
    return rule.multi_value == "any" and len(rule.metrics) > 1


def seen_at_all(rule: NewValueRule) -> tuple[tuple[str, ...], Predicate]:
    """The rule's query, what its filters require, and nothing that they exclude, as one predicate over the fields."""
    unwanted, excludes = any_of(rule.excluded)
    wanted = [compile_query(query) for query in (rule.query, *rule.required)]
    fields = tuple(dict.fromkeys([*unwanted, *(field for query in wanted for field in query.fields)]))
    parts = [(query.matches, places(query.fields, fields)) for query in wanted]

    def predicate(tokens: Sequence[Token | None]) -> bool:
        if excludes(tokens[: len(unwanted)]):
            return False
        return all(matches([tokens[place] for place in among]) for matches, among in parts)

    return fields, predicate


def any_of(texts: Sequence[str]) -> tuple[tuple[str, ...], Predicate]:
    """Whether any of the queries matches, as one predicate over the fields."""
    queries = [compile_query(text) for text in texts]
    fields = tuple(dict.fromkeys(field for query in queries for field in query.fields))
    parts = [(query.matches, places(query.fields, fields)) for query in queries]
    return fields, lambda tokens: any(matches([tokens[place] for place in among]) for matches, among in parts)


def places(fields: Sequence[str], among: Sequence[str]) -> list[int]:
    """Where the fields stand among others."""
    return [among.index(field) for field in fields]


def group_key(*, optional: bool) -> Callable[[Any], Key | None]:
    """From the tokens of the group-by fields to the group's key; None where one is absent and must not be.

    >>> group_key(optional=False)(("ada", None)), group_key(optional=True)(None)
    (None, 'N/A')
    """
    absent = NOT_AVAILABLE if optional else None

    def key(tokens: Any) -> Key | None:
        members = [token or absent for token in (tokens if isinstance(tokens, tuple) else (tokens,))]
        return key_of(tuple(member for member in members if member)) if all(members) else None

    return key


def together(tokens: Sequence[Token | None]) -> Values:
    """One value: the tuple of all fields; none where one is absent."""
    present = tuple(token for token in tokens if token)
    return (key_of(present),) if len(present) == len(tokens) else ()


def apart(tokens: Sequence[Token | None]) -> Values:
    """One value a field, under the position of its field.

    >>> apart(["fill", None, "Canada"])
    ('0:fill', '2:Canada')
    """
    return tuple(key for place, token in enumerate(tokens) if (key := apart_key(place, token)))


def apart_key(place: int, token: Token | None) -> Key | None:
    """The key of one watched field's value; None where the field is absent."""
    return f"{place}:{token}" if token else None


def place_of(key: Key) -> int:
    """The position of the field that an `apart_key` belongs to.

    >>> place_of(apart_key(2, "Canada"))
    2
    """
    return int(key.partition(":")[0])

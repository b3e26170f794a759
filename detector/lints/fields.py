"""Whether 1Password's records have the fields that a rule asks for, and whether its queries can match any."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from detector.lints.page import Finding, Page
from detector.onepassword import constants
from detector.query import compile_query
from detector.reach import kinds_seen
from detector.record_fields import RECORD_KINDS, record_fields
from detector.rules import NewValueRule
from detector.signals import Template

_OF_LOGS: Final = {"env", "service", "host", "status", "message", "*", "@*"}
"""What any Datadog log can have, and searches without a field of their own."""
_KNOWN: Final = set().union(*map(record_fields, RECORD_KINDS))


def fields(page: Page) -> Iterator[Finding]:
    """Yield fields that no record has, and queries that select none."""
    kinds = kinds_seen(page.rule)
    if not kinds:
        yield page.on("queries.0.query", "selects-nothing", "no 1Password record can match; only other logs could")
    yield from _unknown(page)
    if kinds:
        held = [record_fields(kind) for kind in kinds]
        yield from _gaps(page, held)
        yield from _absent(page, held) or _apart(page, held)
    for query in page.rule.suppressed:
        compiled = compile_query(query)
        if kinds and all(compiled.verdict(constants(kind)) for kind in kinds):
            yield page.on(
                "suppressions", "suppresses-all", f"no match ever becomes a signal: {query!r} suppresses them all"
            )


def _named(page: Page) -> Iterator[tuple[str, str]]:
    """Each field with the place in the rule that names it."""
    rule = page.rule
    yield from (("queries.0.query", field) for field in compile_query(rule.query).fields)
    for query in (*rule.required, *rule.excluded):
        yield from (("filters", field) for field in compile_query(query).fields)
    for query in rule.suppressed:
        yield from (("suppressions", field) for field in compile_query(query).fields)
    yield from (("queries.0.groupByFields", field) for field in rule.group_by)
    yield from (("queries.0.metrics", field) for field in rule.metrics)
    yield from (("name", field) for field in Template(rule.name).fields)
    yield from (("message", field) for field in Template(rule.message).fields)


def _unknown(page: Page) -> Iterator[Finding]:
    for place, field in dict.fromkeys(_named(page)):
        if field not in _KNOWN and field not in _OF_LOGS:
            near = [f"@{field}"] if f"@{field}" in _KNOWN else get_close_matches(field, sorted(_KNOWN), n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            yield page.on(place, "unknown-field", f"no 1Password record has {field}{meant}")


def _needed(rule: NewValueRule) -> dict[str, Sequence[str]]:
    """The fields without which an event is ignored, by the place that names them."""
    return {
        "queries.0.groupByFields": () if rule.optional_group_by else rule.group_by,
        "queries.0.metrics": rule.metrics,
    }


def _absent(page: Page, held: Sequence[set[str]]) -> list[Finding]:
    """Fields that records have, yet none of those that the rule sees."""
    return [
        page.on(place, "absent-field", f"the rule ignores every record: none that its query selects has {field}")
        for place, names in _needed(page.rule).items()
        for field in dict.fromkeys(names)
        if _lacking(field, held)
    ]


def _apart(page: Page, held: Sequence[set[str]]) -> list[Finding]:
    """Fields that records have, yet none has all."""
    group_by, metrics = _needed(page.rule).values()
    every = {*group_by, *(metrics if page.rule.multi_value == "tuple" else ())}
    if not every <= _KNOWN or any(every <= each for each in held):
        return []
    said = f"the rule ignores every record: none has all of {', '.join(sorted(every))}"
    return [page.on("queries.0.metrics", "fields-apart", said)]


def _gaps(page: Page, held: Sequence[set[str]]) -> Iterator[Finding]:
    """Fields that the texts of a signal name, and no record has."""
    for place, template in (("name", page.rule.name), ("message", page.rule.message)):
        for field in dict.fromkeys(Template(template).fields):
            if _lacking(field, held):
                said = f"no record that the rule sees has {field}: the text has a gap there"
                yield page.on(place, "absent-field", said)


def _lacking(field: str, held: Sequence[set[str]]) -> bool:
    """Whether records have the field, yet none of a kind that the rule sees."""
    return field in _KNOWN and not any(field in each for each in held)

"""Whether 1Password's records have the fields that a rule asks for, and whether its queries can match any."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from detector.lints.page import Finding, Page
from detector.onepassword import constants
from detector.query import compile_query
from detector.reach import kinds_seen
from detector.record_fields import RECORD_KINDS, record_fields
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
        yield from _absent(page)
    for query in page.rule.suppressed:
        compiled = compile_query(query)
        if kinds and all(compiled.verdict(constants(kind)) for kind in kinds):
            yield page.on(
                "suppressions", "suppresses-all", f"no match ever raises a signal: {query!r} selects them all"
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


def _absent(page: Page) -> Iterator[Finding]:
    """Fields that records have, yet none of those that the rule sees."""
    rule = page.rule
    held = [record_fields(kind) for kind in kinds_seen(rule)]
    needed = {"queries.0.groupByFields": () if rule.optional_group_by else rule.group_by}
    needed["queries.0.metrics"] = rule.metrics
    lacking = [
        (place, field)
        for place, names in needed.items()
        for field in dict.fromkeys(names)
        if field in _KNOWN and not any(field in each for each in held)
    ]
    for place, field in lacking:
        yield page.on(place, "absent-field", f"no record that the rule sees has {field}, so that it ignores them")
    for place, template in (("name", rule.name), ("message", rule.message)):
        for field in dict.fromkeys(Template(template).fields):
            if field in _KNOWN and not any(field in each for each in held):
                yield page.on(place, "absent-field", f"no record that the rule sees has {field}: it leaves a gap")
    every = {*needed["queries.0.groupByFields"], *(rule.metrics if rule.multi_value == "tuple" else ())}
    if not lacking and every <= _KNOWN and not any(every <= each for each in held):
        yield page.on("queries.0.metrics", "fields-apart", f"no record has all of {', '.join(sorted(every))}")

"""Reach: which kinds of records a rule can see, told from its queries alone."""

from detector.onepassword import Kind, constants
from detector.query import compile_query
from detector.record_fields import RECORD_KINDS
from detector.rules import NewValueRule


def kinds_seen(rule: NewValueRule) -> list[Kind]:
    """The kinds of 1Password records that nothing in the rule's queries and filters rules out by the kind alone.

    >>> from detector.rules import shipped_rule
    >>> [kind.name for kind in kinds_seen(shipped_rule())]
    ['ITEM_USAGE']
    """
    wanted = [compile_query(query) for query in (rule.query, *rule.required)]
    unwanted = [compile_query(query) for query in rule.excluded]
    return [
        kind
        for kind in RECORD_KINDS
        if all(query.verdict(constants(kind)) is not False for query in wanted)
        and not any(query.verdict(constants(kind)) for query in unwanted)
    ]

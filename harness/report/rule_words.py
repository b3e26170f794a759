"""What a rule does, in sentences under headings: each is true of the rule as its knobs stand."""

from collections.abc import Iterator, Sequence
from typing import Final

from detector.clock import learning_kind
from detector.conjunction import Term, conjunction, is_pattern
from detector.onepassword import Kind
from detector.reach import kinds_seen
from detector.rules import NewValueRule
from detector.verdict import FIRST_EVENT, GROUP_CLOCK, NEVER_LEARN, RULE_CLOCK
from harness.output import counted

_NAMES: Final = {Kind.ITEM_USAGE: "item usages", Kind.SIGN_IN: "sign-ins", Kind.AUDIT_EVENT: "audit events"}
_UNSEEN: Final = "events from before the rule was enabled are not seen"
_UNITS: Final = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def rule_words(rule: NewValueRule) -> dict[str, list[str]]:
    """Headings with their sentences; one without any is left out."""
    told = {
        "sees": _sees(rule),
        "leaves out": _leaves_out(rule),
        "new is": _new(rule),
        "learns": [_learns(rule), _history(rule)],
        "forgets": [_forgets(rule)],
        "signals": [_signals(rule), _severity(rule), *_suppressed(rule)],
        "rests on": list(_assumptions(rule)),
        "warnings": rule.oddities(),
        "imported": list(rule.import_notes),
    }
    return {heading: sentences for heading, sentences in told.items() if sentences}


def _sees(rule: NewValueRule) -> list[str]:
    kinds = [_NAMES[kind] for kind in kinds_seen(rule)]
    seen = _listed(kinds, "and") if kinds else "no 1Password records, only Datadog logs"
    queries = [_query(query) for query in (rule.query, *rule.required) if query.strip() not in ("", "*")]
    return [
        f"{seen} {'; and '.join(queries)}" if queries else f"all {seen}",
        "all other records are ignored: nothing is learned from them, and they do not keep a value from being"
        " forgotten",
    ]


def _query(text: str) -> str:
    """A query in words where it is a row of terms, else as it is written."""
    terms = conjunction(text)
    return f"that match the query `{text}`" if terms is None else f"where {', '.join(map(_term, terms))}"


def _term(term: Term) -> str:
    if term.values == ("*",):
        return f"{term.field} is {'absent' if term.negated else 'present'}"
    verb = "is not" if term.negated else "is"
    values = [f"like {value}" if is_pattern(value) else value.strip('"') for value in term.values]
    return f"{term.field} {verb} {_listed(values, 'or')}"


def _leaves_out(rule: NewValueRule) -> list[str]:
    told = [f"events {_query(query)}" for query in rule.excluded]
    if rule.group_by and not rule.optional_group_by:
        told.append(f"events without {_listed(rule.group_by, 'or')}")
    together = len(rule.metrics) == 1 or rule.multi_value == "tuple"
    told.append(f"events {'without' if together else 'with none of'} {_listed(rule.metrics, 'or')}")
    return list(dict.fromkeys(told))


def _new(rule: NewValueRule) -> list[str]:
    if len(set(rule.metrics)) == 1:
        what = f"a value of {rule.metrics[0]}"
    elif rule.multi_value == "tuple":
        what = f"a combination of {_listed(rule.metrics, 'and')}"
    else:
        what = f"a value of {_listed(rule.metrics, 'or')}, each by itself,"
    told = [f"{what} that {_not_known(rule)} within {counted(rule.forget_after_days, 'day')} before"]
    if rule.group_by:
        told.append(f"what is known of one {_listed(rule.group_by, 'and')} does not count for another")
    if rule.group_by and rule.optional_group_by:
        told.append(f"N/A stands in for {_listed(rule.group_by, 'or')} where an event has none")
    return told


def _not_known(rule: NewValueRule) -> str:
    same = f"the same {_listed(rule.group_by, 'and')}" if rule.group_by else ""
    if rule.forget_mode == "fixed":
        return f"was not learned for {same}" if same else "was not learned from any event"
    return f"{same} did not have" if same else "no event had, whoever's,"


def _learns(rule: NewValueRule) -> str:
    days = counted(rule.learning_duration_days, "day")
    return {
        NEVER_LEARN: "nothing in advance: from the first event on, every value that is not yet known is new",
        FIRST_EVENT: f"from the first event {_of_each(rule)} only: it is never new, and what follows is judged",
        RULE_CLOCK: f"for {days} from the rule's start (when it is enabled, or its first event), for all alike: nothing"
        " is new during that time; whoever appears later is judged from their first event on",
        GROUP_CLOCK: f"for {days} from the first event {_of_each(rule)}: nothing is new during that time",
    }[learning_kind(rule)]


def _history(rule: NewValueRule) -> str:
    if not rule.instantaneous_baseline:
        return _UNSEEN
    kind = learning_kind(rule)
    if kind not in (RULE_CLOCK, GROUP_CLOCK):
        return f"{_UNSEEN}; instantaneousBaseline changes nothing without a duration"
    who = "" if kind == RULE_CLOCK else " for the groups that were in them; the others learn as usual"
    days = counted(rule.learning_duration_days, "day")
    return (
        f"events of the {days} before the rule was enabled are learned without a match, if there are any; learning is"
        f" then over{who}"
    )


def _of_each(rule: NewValueRule) -> str:
    return f"of each {_listed(rule.group_by, 'and')}" if rule.group_by else "of all"


def _forgets(rule: NewValueRule) -> str:
    days = counted(rule.forget_after_days, "day")
    if rule.forget_mode == "fixed":
        return f"a value {days} after it was learned, however often it was seen since; it is then new again"
    return f"a value {days} after it was last seen; it is then new again"


def _signals(rule: NewValueRule) -> str:
    if not rule.keep_alive_seconds:
        return "each match is a signal of its own"
    keep, longest = length(rule.keep_alive_seconds), length(rule.max_signal_seconds)
    whose = f"of the same {_listed(rule.group_by, 'and')}" if rule.group_by else "of the rule"
    return (
        f"a match joins the signal {whose} if it comes within {keep} of its last match and {longest} of its opening;"
        " otherwise it opens a new one"
    )


def _severity(rule: NewValueRule) -> str:
    lower = "; one level lower where env begins with staging, test or dev" if rule.decrease_by_env else ""
    return f"severity {rule.severity}{lower}"


def _suppressed(rule: NewValueRule) -> list[str]:
    return [
        f"matches {_query(query)} become no signal; their values are learned all the same" for query in rule.suppressed
    ]


def _assumptions(rule: NewValueRule) -> Iterator[str]:
    by_duration = learning_kind(rule) in (RULE_CLOCK, GROUP_CLOCK)
    whose = "one clock for all" if rule.learning_scope == "rule" else "a clock for each group"
    idle = "" if by_duration else ", without effect here"
    yield f"learningScope {rule.learning_scope}: learning runs on {whose}{idle}"
    restarts = "every sighting" if rule.forget_mode == "sliding" else "only learning it again"
    yield f"forgetMode {rule.forget_mode}: {restarts} restarts the time after which a value is forgotten"
    several = (
        "one combination" if rule.multi_value == "tuple" else "each by itself, and one new value is enough for a match"
    )
    idle = "" if len(rule.metrics) > 1 else ", without effect here"
    yield f"multiValue {rule.multi_value}: several metrics are compared as {several}{idle}"
    if by_duration:
        yield "an event exactly at the end of learning is judged, not learned"
    since = "the last sighting" if rule.forget_mode == "sliding" else "it was learned"
    yield f"exactly {counted(rule.forget_after_days, 'day')} after {since}, a value is already forgotten"


def _listed(words: Sequence[str], last: str) -> str:
    """Each word once, with commas between them, and *last* before the last."""
    words = list(dict.fromkeys(words))
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def length(seconds: int) -> str:
    """A length of time in the largest unit that fits.

    >>> length(3600), length(86400), length(5400)
    ('1 hour', '1 day', '90 minutes')
    """
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return counted(seconds // size, unit)

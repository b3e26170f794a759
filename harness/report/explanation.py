"""Explanations as text for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

import click
from tabulate import tabulate

from detector.clock import learning_kind
from detector.instant import instant_text
from detector.questions import judges_apart
from detector.rules import NewValueRule
from detector.verdict import FIRST_EVENT, NEVER_LEARN, RULE_CLOCK
from harness.explain.explanation import Explanation, Remembered, SignalPart, rests_on
from harness.explain.inquiry import Unreadable
from harness.explain.spans import span_text
from harness.explain.why import day_text, group_name, named, scalar_text, with_field
from harness.output import counted
from harness.report.columns import hanging

_COLOURS: Final = {"new": "red", "learned": "yellow", "known": "green", "history": "yellow"}
_LABEL: Final = len("learning") + 2
_FIELD: Final = 48
"""Columns for the value of a field; what is longer is cut."""
_VALUE: Final = 26
"""Columns for a value in a baseline: a uuid, and all other columns beside it."""
_ROWS: Final = 40
"""Values of a group that are told in text; JSON has all."""


def explanation_text(told: Explanation, arrivals: int) -> str:
    """What became of the event, why, and what the rule knew then; its uuid came *arrivals* times in all."""
    parts = [
        *_note(told),
        _headline(told),
        *(_labelled("why" if place == 0 else "", f"{_sentence(each)}.") for place, each in enumerate(told.why)),
        *_signal(told.signal),
        "",
        _labelled("event", _event(told, arrivals)),
        _indented(_fields_table(told)),
        *([] if told.ignored else ["", *_learning(told), *_memory(told)]),
    ]
    return "\n".join(parts)


def unreadable_text(told: Unreadable) -> str:
    """A record that cannot be read, and why."""
    head = click.style("IGNORED", bold=True)
    return f"{head}  a record that cannot be read\n" + _labelled("why", scalar_text(told.complaint))


def _note(told: Explanation) -> Iterator[str]:
    if told.ahead is not None:
        lines = hanging("NOTE".ljust(_LABEL), scalar_text(f"{told.ahead.note()}."))
        yield click.style("NOTE", fg="yellow", bold=True) + lines.removeprefix("NOTE")
        yield ""


def _headline(told: Explanation) -> str:
    word = click.style(told.outcome.upper().replace("_", " "), fg=_COLOURS.get(told.outcome), bold=True)
    who = f" from {group_name(told.group or {})}" if told.group or told.values else ""
    decisive = [each.value for each in told.values if each.outcome == told.outcome]
    what = ", ".join(with_field(told.rule, value) for value in decisive) or told.kind
    return f"{word}  {what}{who} at {day_text(told.timestamp)}"


def _event(told: Explanation, arrivals: int) -> str:
    which = f", arrival {told.arrival} of {arrivals}" if arrivals > 1 else ""
    return f"{scalar_text(told.uuid)}, {told.kind}, {instant_text(told.timestamp)}{which}"


def _fields_table(told: Explanation) -> str:
    roles = {"group by": "group", "watched": "watched", "query": "query", "message": "message"}
    rows = [
        (
            each.name,
            _cut(each.compound or scalar_text(each.value), _FIELD),
            ", ".join(map(roles.__getitem__, each.roles)),
        )
        for each in told.fields
    ]
    return tabulate(rows, headers=["field", "value", "read for"], disable_numparse=True, tablefmt="plain")


def _signal(part: SignalPart | None) -> Iterator[str]:
    if part is None:
        return
    if part.fate == "suppressed":
        by = " and ".join(f"`{query}`" for query in part.by)
        yield _labelled("signal", f"none: the match is suppressed by {by}; its value was learned all the same")
    elif part.fate == "opened":
        yield _labelled("signal", f"opened {part.id}")
    else:
        opened = "" if part.opened_at is None else f", opened {day_text(part.opened_at)}"
        yield _labelled("signal", f"joined {part.id}{opened}, as match {part.matches}")


def _learning(told: Explanation) -> Iterator[str]:
    clock, rule = told.clock, told.rule
    kind, days = learning_kind(rule), f"{rule.learning_duration_days} d"
    if kind == NEVER_LEARN:
        how = "none: every value that is not known is new"
    elif kind == FIRST_EVENT:
        how = "the first event of each group is learned, and nothing else"
    else:
        whose = "the rule's start" if kind == RULE_CLOCK else "the group's first event"
        over = clock.learning_until is not None and told.timestamp >= clock.learning_until
        word = "over since" if over else "until"
        until = "" if clock.learning_until is None else f"{word} {day_text(clock.learning_until)}: "
        how = f"{until}{days} from {whose}"
    yield _labelled("learning", how)
    own_start = None if clock.rule_start == clock.enabled_at else clock.rule_start
    times = (
        ("rule enabled", clock.enabled_at),
        ("rule started", own_start),
        ("group first seen", clock.group_first_seen),
    )
    yield _labelled("", ", ".join(f"{name} {day_text(t)}" for name, t in times if t is not None))


def _memory(told: Explanation) -> Iterator[str]:
    rule, who = told.rule, group_name(told.group or {})
    yield _labelled("memory", f"a value is forgotten {rule.forget_after_days} d after it was last {_last(rule)}")
    yield _labelled("rests on", ", ".join(f"{name} {value}" for name, value in rests_on(rule).items()))
    yield ""
    kept = [each for each in told.known if not each.forgotten]
    lost = [each for each in told.known if each.forgotten]
    yield f"What the rule knew of {who} when the event arrived: {counted(len(kept), 'value')}"
    yield from _known_tables(kept, told, "forgotten at")
    if lost:
        yield ""
        yield f"What it had forgotten of them by then: {counted(len(lost), 'value')}"
        yield from _known_tables(lost, told, "since")


def _last(rule: NewValueRule) -> str:
    return "learned" if rule.forget_mode == "fixed" else "seen"


def _known_tables(known: Sequence[Remembered], told: Explanation, until: str) -> Iterator[str]:
    """One table; where the rule judges each field by itself, one for each of the fields."""
    if not judges_apart(told.rule):
        if known:
            yield _known_table(known, told, until)
        return
    for field in dict.fromkeys(told.rule.metrics):
        if of_field := [each for each in known if field in each.value]:
            yield f"{field}: {counted(len(of_field), 'value')}"
            yield _known_table(of_field, told, until)


def _known_table(known: Sequence[Remembered], told: Explanation, until: str) -> str:
    rows = [_row(each, told.timestamp) for place, each in enumerate(known) if place < _ROWS or each.own]
    headers = ["", "value", "first seen", f"last {_last(told.rule)}", "ago", until]
    table = tabulate(rows, headers=headers, disable_numparse=True, tablefmt="plain")
    more = len(known) - len(rows)
    return table + (f"\n   and {counted(more, 'value')} more; --format json has them all" if more else "")


def _row(each: Remembered, at: int) -> tuple[str, ...]:
    ago = at - each.last_seen
    return (
        ">" if each.own else "",
        _cut(named(each.value).strip("`"), _VALUE),
        "before this run" if each.first_seen is None else _minute(each.first_seen),
        _minute(each.last_seen),
        span_text(ago) if ago >= 0 else f"{span_text(-ago)} after",
        _minute(each.forgotten_at),
    )


def _minute(instant: int) -> str:
    return f"{instant_text(instant)[:16]}Z"


def _labelled(label: str, text: str) -> str:
    return hanging(label.ljust(_LABEL), text)


def _indented(text: str) -> str:
    return "\n".join(f"{' ' * _LABEL}{line}".rstrip() for line in text.splitlines())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else f"{text[: widest - 3]}..."

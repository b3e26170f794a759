"""What a store knows, as tables for a terminal."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from tabulate import tabulate

from detector.instant import instant_text
from detector.signals import Signal
from detector.state import KnownGroup, State
from detector.verdict import UNSET
from harness.output import Row, counted
from harness.report.state import Look, group_row, value_rows
from harness.state import group_text

_CLOCKS: Final = {"rule": "from the rule's start", "group": "from each group's first event"}


def groups_table(look: Look, groups: Iterable[KnownGroup], limit: int) -> str:
    """The head, and a line for each of the first *limit* groups."""
    rows = [_group_line(group_row(look, group)) for group in islice(groups, limit)]
    more = look.extent.groups - len(rows)
    parts = [_head(look)]
    if rows:
        parts.append(tabulate(rows, headers="keys", disable_numparse=True))
    if more > 0:
        parts.append(f"… and {counted(more, 'more group', 'more groups')}; --limit N shows more, --format ndjson all")
    return "\n\n".join(parts)


def group_table(look: Look, group: KnownGroup) -> str:
    """The head, the group's own clock, a line for each value, and the matches of its open signal."""
    lines = [*_head_lines(look), *_group_lines(look, group)]
    rows = [_value_line(row, look) for row in value_rows(look, group)]
    if all(look.known(value) for value in group.values):
        rows = [{name: told for name, told in row.items() if name} for row in rows]
    parts = [_aligned(lines), tabulate(rows, headers="keys", disable_numparse=True) if rows else "no values"]
    if group.signal:
        matches = [
            {"match": instant_text(match.timestamp), "new value": _joined(match.value), "uuid": match.uuid}
            for match in group.signal.matches
        ]
        parts.append(tabulate(matches, headers="keys", disable_numparse=True))
    return "\n\n".join(parts)


def _head(look: Look) -> str:
    return _aligned(_head_lines(look))


def _head_lines(look: Look) -> list[tuple[str, str]]:
    state, rule = look.state, look.state.rule
    start = state.clock.rule_start
    moved = "learned" if rule.forget_mode == "fixed" else "seen"
    return [
        ("rule", rule.name),
        ("watches", f"{_fields(rule.metrics, rule.multi_value)} of {_scope(rule.group_by)}"),
        ("enabled", _enabled(state)),
        ("rule start", "no event yet" if start == UNSET else instant_text(start)),
        ("learning", _learning(state, look.at)),
        ("forgets", f"a value {rule.forget_after_days} d after it was last {moved}"),
        ("knows", f"{counted(look.extent.values, 'value')} of {counted(look.extent.groups, 'group')}"),
        ("looked at", "nothing seen yet" if look.at == UNSET else f"{instant_text(look.at)}{_why_then(look)}"),
    ]


def _why_then(look: Look) -> str:
    return ", the latest sighting in the store (--at TIME for another moment)" if look.at == look.extent.latest else ""


def _enabled(state: State) -> str:
    if state.enabled_at is None:
        return "with its first event"
    return f"{instant_text(state.enabled_at)}{'' if state.clock.live else '; no event since then has arrived'}"


def _learning(state: State, at: int) -> str:
    rule = state.rule
    if rule.learning_method == "threshold" and not rule.learning_threshold:
        return "none"
    if rule.learning_method == "threshold" or not rule.learning_duration_days:
        return "of each group's first event only"
    lasts = f"{rule.learning_duration_days} d {_CLOCKS[rule.learning_scope]}"
    return lasts if state.learning_until is None else f"{lasts}, {_until(state.learning_until, at)}"


def _group_lines(look: Look, group: KnownGroup) -> Iterator[tuple[str, str]]:
    yield ("group", _named(group.group))
    yield ("first seen", instant_text(group.first_seen))
    if look.state.learning_until is None and group.learning_until is not None:
        yield ("its learning", _until(group.learning_until, look.at))
    if group.signal:
        yield ("last signal", _signal_text(look, group.signal))


def _signal_text(look: Look, signal: Signal) -> str:
    until = look.state.open_until(signal)
    matches = counted(len(signal.matches), "match", "matches")
    if until is None:
        end = "each match has a signal of its own"
    else:
        end = f"{'open until' if look.at <= until else 'over since'} {instant_text(until)}"
    return f"opened {instant_text(signal.opened_at)}, {matches}, {end}"


def _group_line(row: Row) -> Row:
    following, signal = row["next_forgotten"], row["signal"]
    opened = signal and signal["open"]
    return {
        "group": _joined(row["group"]) or "everything",
        "first seen": row["first_seen"][:10],
        "values": f"{row['known']}" + (f" (+{row['forgotten']} forgotten)" if row["forgotten"] else ""),
        "last seen": _short(row["last_seen"]),
        "next forgotten": f"{_short(following['at'])} {_joined(following['value'])}" if following else "",
        "open signal": f"{_short(signal['opened_at'])} ({signal['matches']})" if opened else "",
    }


def _value_line(row: Row, look: Look) -> Row:
    moved = "last learned" if look.state.rule.forget_mode == "fixed" else "last seen"
    several = look.state.rule.multi_value == "any" and len(look.state.rule.metrics) > 1
    return {
        "value": _named(row["value"]) if several else _joined(row["value"]),
        moved: row["last_seen"],
        "forgotten at": row["forgotten_at"],
        "": "" if row["known"] else "is forgotten",
    }


def _aligned(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name:<12}  {told}" for name, told in lines)


def _until(end: int, at: int) -> str:
    return f"{'until' if at < end else 'ended'} {instant_text(end)}"


def _short(text: str | None) -> str:
    """A time to the minute, which is as much as a table has room for."""
    return "" if text is None else f"{text[:16]}Z"


def _fields(names: tuple[str, ...], mode: str) -> str:
    return names[0] if len(names) == 1 else f"{'any' if mode == 'any' else 'the tuple'} of {', '.join(names)}"


def _scope(names: tuple[str, ...]) -> str:
    return f"each {' and '.join(names)}" if names else "everything together"


def _named(fields: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in fields.items()) or group_text({})


def _joined(fields: dict[str, Any]) -> str:
    return ", ".join(str(value) for value in fields.values())

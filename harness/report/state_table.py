"""What a store knows, as tables for a terminal."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from tabulate import MIN_PADDING, tabulate

from detector.instant import instant_text
from detector.signals import Signal
from detector.state import KnownGroup, State
from detector.verdict import UNSET
from harness.output import Row, counted
from harness.report.columns import WIDTH, hanging
from harness.report.open_run import open_run_text
from harness.report.state import Look, group_row, value_rows
from harness.state import group_text

_CLOCKS: Final = {"rule": "from the rule's start", "group": "from each group's first event"}
_VALUE: Final = 42
"""Columns for a value beside its two times, or beside time and uuid of a match."""
_GAP: Final = 2
"""Columns between two of a table's."""
_CUT_FIRST: Final = (("next forgotten", 24), ("group", 16))
"""What gives way in the table of groups where a line would be too wide, and the columns that it keeps."""


def groups_table(look: Look, groups: Iterable[KnownGroup], limit: int) -> str:
    """The head, and a line for each of the first *limit* groups."""
    rows = [_group_line(group_row(look, group)) for group in islice(groups, limit)]
    more = look.extent.groups - len(rows)
    parts = [_head(look)]
    if rows:
        parts.append(tabulate(_fitting(_without_empty(rows)), headers="keys", disable_numparse=True))
    if any("+" in row["values"] for row in rows):
        parts.append("(+N): values that are forgotten by then")
    if more > 0:
        parts.append(f"… and {counted(more, 'more group', 'more groups')}; --limit N shows more, --format ndjson all")
    return "\n\n".join(parts)


def group_table(look: Look, group: KnownGroup) -> str:
    """The head, the group's own clock, a line for each value, and the matches of its open signal."""
    lines = [*_head_lines(look), *_group_lines(look, group)]
    rows = [_value_line(row, look) for row in value_rows(look, group)]
    table = tabulate(_without_empty(rows), headers="keys", disable_numparse=True) if rows else "no values"
    parts = [_aligned(lines), table]
    if group.signal:
        matches = [
            {"match": _second(match.timestamp), "new value": _cut(_joined(match.value), _VALUE), "uuid": match.uuid}
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
    shards = [("shards" if len(state.shards) > 1 else "shard", ", ".join(state.shards))] if state.shards else []
    return [
        ("rule", rule.name),
        ("watches", f"{_fields(rule.metrics, rule.multi_value)} of {_scope(rule.group_by)}"),
        ("enabled", _enabled(state)),
        ("rule start", "no event yet" if start == UNSET else _second(start)),
        ("learning", _learning(state, look.at)),
        ("forgets", f"a value {rule.forget_after_days} d after it was last {moved}"),
        *shards,
        ("knows", _knows(look)),
        ("looked at", "nothing seen yet" if look.at == UNSET else f"{_second(look.at)}{_why_then(look)}"),
        *(("not ended", open_run_text(run)) for run in state.open_runs),
    ]


def _knows(look: Look) -> str:
    known = look.state.known_at(look.at)
    lost = look.extent.values - known
    told = f"{counted(known, 'value')} of {counted(look.extent.groups, 'group')}"
    return f"{told}; {counted(lost, 'value')} forgotten by then" if lost else told


def _why_then(look: Look) -> str:
    return ", the latest sighting in the store (--at TIME for a later moment)" if look.at == look.extent.latest else ""


def _enabled(state: State) -> str:
    if state.enabled_at is None:
        return "with its first event"
    return f"{_second(state.enabled_at)}{'' if state.clock.live else '; no event since then has arrived'}"


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
    yield ("first seen", _second(group.first_seen))
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
        end = f"{'open until' if look.at <= until else 'over since'} {_second(until)}"
    return f"opened {_second(signal.opened_at)}, {matches}, {end}"


def _group_line(row: Row) -> Row:
    following, signal = row["next_forgotten"], row["signal"]
    opened = signal and signal["open"]
    return {
        "group": _joined(row["group"]) or "everything",
        "values": f"{row['known']}" + (f" (+{row['forgotten']})" if row["forgotten"] else ""),
        "last seen": _minute(row["last_seen"]),
        "next forgotten": f"{following['at'][:10]} {_joined(following['value'])}" if following else "",
        "open signal": counted(signal["matches"], "match", "matches") if opened else "",
    }


def _value_line(row: Row, look: Look) -> Row:
    moved = "last learned" if look.state.rule.forget_mode == "fixed" else "last seen"
    several = look.state.rule.multi_value == "any" and len(look.state.rule.metrics) > 1
    return {
        "value": _cut(_named(row["value"]) if several else _joined(row["value"]), _VALUE),
        moved: f"{row['last_seen'][:19]}Z",
        "forgotten at": f"{row['forgotten_at'][:19]}Z",
        "": "" if row["known"] else "is forgotten",
    }


def _aligned(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(hanging(f"{name:<12}  ", told) for name, told in lines)


def _without_empty(rows: list[Row]) -> list[Row]:
    """The rows without the columns in which nothing stands."""
    return [{name: cell for name, cell in row.items() if any(each[name] for each in rows)} for row in rows]


def _fitting(rows: list[Row]) -> list[Row]:
    """The rows with what is too wide cut, so that the table has `WIDTH` columns at most."""
    for name, least in _CUT_FIRST:
        widths = {column: max(len(column) + MIN_PADDING, *(len(row[column]) for row in rows)) for column in rows[0]}
        excess = sum(widths.values()) + _GAP * (len(widths) - 1) - WIDTH
        if excess > 0 and name in widths:
            room = max(least, widths[name] - excess)
            rows = [{**row, name: _cut(row[name], room)} for row in rows]
    return rows


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else f"{text[: widest - 1]}…"


def _until(end: int, at: int) -> str:
    return f"{'until' if at < end else 'ended'} {_second(end)}"


def _second(instant: int) -> str:
    """A time to the second; JSON has all of it."""
    return f"{instant_text(instant)[:19]}Z"


def _minute(text: str | None) -> str:
    """A time to the minute, which is as much as the table of groups has room for."""
    return "" if text is None else f"{text[:16]}Z"


def _fields(names: tuple[str, ...], mode: str) -> str:
    return names[0] if len(names) == 1 else f"{'any' if mode == 'any' else 'the tuple'} of {', '.join(names)}"


def _scope(names: tuple[str, ...]) -> str:
    return f"each {' and '.join(names)}" if names else "everything together"


def _named(fields: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in fields.items()) or group_text({})


def _joined(fields: dict[str, Any]) -> str:
    return ", ".join(str(value) for value in fields.values())

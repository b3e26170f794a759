"""What a store knows, as rows of JSON."""

from typing import Final, NamedTuple

from detector.instant import instant_text
from detector.signals import Signal
from detector.state import Extent, KnownGroup, KnownValue, State
from detector.verdict import UNSET
from harness.output import Row
from harness.report.open_run import open_run_row

_TOLD_APART: Final = ("name", "shard", "enabled_at", "learning_scope", "forget_mode", "multi_value")
"""What a checkpoint says of its rule that is not among the settings."""


class Look(NamedTuple):
    """A state as it stands at a moment of event time, in nanoseconds; `UNSET` where nothing has been seen.

    The moment is none before the latest sighting: what was known then, the state no longer tells.
    """

    state: State
    extent: Extent
    at: int

    def known(self, value: KnownValue) -> bool:
        """Whether the value would still be known."""
        return self.at < value.forgotten_at


def head_row(look: Look) -> Row:
    """The rule and its clock, the workers and their open runs, how much is known, and the moment of the look."""
    state, known = look.state, look.state.known_at(look.at)
    return {
        "rule": state.rule.name,
        "rule_settings": {name: told for name, told in state.clock.rule.items() if name not in _TOLD_APART},
        "assumptions": state.rule.assumptions(),
        "enabled_at": _instant(state.enabled_at),
        "rule_start": _instant(state.clock.rule_start),
        "live": state.clock.live,
        "learning_until": _instant(state.learning_until),
        "shards": state.shards,
        "open_runs": [open_run_row(run) for run in state.open_runs],
        "groups": look.extent.groups,
        "known": known,
        "forgotten": look.extent.values - known,
        "at": _instant(look.at),
    }


def group_row(look: Look, group: KnownGroup) -> Row:
    """A group in one line: its values are counted, and the one to be forgotten next is named."""
    known = [value for value in group.values if look.known(value)]
    return {
        "group": group.group,
        "first_seen": _instant(group.first_seen),
        "learning_until": _instant(group.learning_until),
        "known": len(known),
        "forgotten": len(group.values) - len(known),
        "last_seen": _instant(group.values[-1].last_seen) if group.values else None,
        "next_forgotten": {"value": known[0].value, "at": _instant(known[0].forgotten_at)} if known else None,
        "signal": _signal_row(look, group.signal) if group.signal else None,
    }


def value_rows(look: Look, group: KnownGroup) -> list[Row]:
    """A row for each value of a group, in the order in which they are forgotten."""
    return [
        {
            "group": group.group,
            "value": each.value,
            "last_seen": _instant(each.last_seen),
            "forgotten_at": _instant(each.forgotten_at),
            "known": look.known(each),
        }
        for each in group.values
    ]


def group_json(look: Look, group: KnownGroup) -> Row:
    """A group with each of its values, and the signal that was opened last with its matches."""
    values = [{name: told for name, told in row.items() if name != "group"} for row in value_rows(look, group)]
    row = {**group_row(look, group), "values": values}
    if group.signal:
        row["signal"]["matches"] = [match.shown() for match in group.signal.matches]
    return row


def _signal_row(look: Look, signal: Signal) -> Row:
    until = look.state.open_until(signal)
    return {
        "id": signal.id,
        "opened_at": _instant(signal.opened_at),
        "last_match_at": _instant(signal.last_match_at),
        "open_until": _instant(until),
        "open": until is not None and look.at <= until,
        "matches": len(signal.matches),
    }


def _instant(instant: int | None) -> str | None:
    return None if instant is None or instant == UNSET else instant_text(instant)

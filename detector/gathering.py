"""Gathering: matches in arrival order become signals, one open signal a group at most."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from detector.event import Event
from detector.questions import judges_apart
from detector.rules import NewValueRule
from detector.signals import Match, Opener, Signal
from detector.stores.base import StoreError
from detector.token import Key, Scalar, scalar, scalars

_NAMED_KEPT: Final = 50_000
_decode_signal = msgspec.json.Decoder(Signal).decode


class Kept(NamedTuple):
    """An open signal as a store keeps it, and its place among those that gained matches in this run."""

    signal: bytes
    place: int


class Gathering:
    """The matches and signals of one rule in one run."""

    def __init__(self, rule: NewValueRule) -> None:
        self._rule = rule
        self._suppresses = bool(rule.suppressed)
        self._apart = judges_apart(rule)
        self._opener = Opener(rule)
        self._groups = _Named(rule.group_by)
        self._values = _Named(rule.metrics)
        self._closed: list[Signal] = []
        self._grown: dict[Key, Signal] = {}
        """Open signals that gained matches in this run."""
        self._changed: dict[Key, Signal] = {}
        """Those since the last commit: a signal is encoded once a commit, however many matches it gains."""
        self._places: dict[Key, int] = {}
        self._opened = 0

    def match(self, event: Event, new: list[Key], open_signal: bytes | None) -> Match:
        """The match of an event whose *new* values are new; it joins or opens a signal unless it is suppressed.

        *open_signal* is what the last commit left of the group's signal, as `changed` gave it.
        """
        attribute = event.lens.scalars(event.record)
        match = Match(
            uuid=event.uuid,
            timestamp=event.timestamp,
            group=self._groups[event.group],
            value=self._value(new),
            item_uuid=attribute("@item_uuid"),
            vault_uuid=attribute("@vault_uuid"),
        )
        if not (self._suppresses and event.lens.suppresses(event.record)):
            self._gather(match, event, open_signal)
        return match

    def closed(self) -> list[Signal]:
        """Signals that another has replaced since the last call, in the order in which that happened."""
        closed, self._closed = self._closed, []
        return closed

    def still_open(self) -> list[Signal]:
        """Signals that gained matches in this run and are open, in the order of their opening in it."""
        return list(self._grown.values())

    def changed(self) -> dict[Key, Kept]:
        """The open signals that gained matches since the last call, by group."""
        changed = {group: Kept(signal.stored(), self._places[group]) for group, signal in self._changed.items()}
        self._changed.clear()
        return changed

    def resume(self, kept: Iterable[tuple[Key, Kept]]) -> None:
        """Go on with the open signals that had gained matches in this run when it was interrupted."""
        for group, (signal, place) in sorted(kept, key=lambda told: told[1].place):
            held = _signal(signal)
            assert held is not None
            self._grown[group], self._places[group] = held, place
            self._opened = place + 1

    def _value(self, new: list[Key]) -> dict[str, Scalar]:
        if not self._apart:
            return self._values[new[0]]
        metrics = self._rule.metrics
        split = (value.partition(":") for value in new)
        return {metrics[int(index)]: scalar(token) for index, _, token in split}

    def _gather(self, match: Match, event: Event, open_signal: bytes | None) -> None:
        group = event.group
        held = self._grown.get(group) or _signal(open_signal)
        if held is not None and held.accepts(match.timestamp, self._rule):
            held.add(match)
        else:
            if group in self._grown:
                self._closed.append(self._grown.pop(group))
            held = self._opener.open(match, event)
        if group not in self._grown:
            self._places[group] = self._opened
            self._opened += 1
        self._grown[group] = self._changed[group] = held


class _Named(dict[Key, dict[str, Scalar]]):
    """What keys of some fields stand for, by field; matches of a group, or of a value, share it."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__()
        self._fields = fields

    def __missing__(self, key: Key) -> dict[str, Scalar]:
        if len(self) >= _NAMED_KEPT:
            self.clear()
        named = self[key] = dict(zip(self._fields, scalars(key, len(self._fields)), strict=True))
        return named


def _signal(blob: bytes | None) -> Signal | None:
    try:
        return None if blob is None else _decode_signal(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"the store holds an open signal that cannot be read ({error})") from None

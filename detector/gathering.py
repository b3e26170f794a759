"""Gathering: matches in arrival order become signals, one open signal a group at most."""

import msgspec

from detector.event import Event
from detector.questions import judges_apart
from detector.rules import NewValueRule
from detector.signals import Match, Opener, Signal
from detector.stores.base import StoreError
from detector.token import Key, Scalar, scalar, scalars

_decode_signal = msgspec.json.Decoder(Signal).decode


class Gathering:
    """The matches and signals of one rule in one run."""

    def __init__(self, rule: NewValueRule) -> None:
        self._rule = rule
        self._opener = Opener(rule)
        self._closed: list[Signal] = []
        self._grown: dict[Key, Signal] = {}
        """Open signals that gained matches in this run."""
        self._changed: dict[Key, Signal] = {}
        """Those since the last commit: a signal is encoded once a commit, however many matches it gains."""

    def match(self, event: Event, new: list[Key], open_signal: bytes | None) -> Match:
        """The match of an event whose *new* values are new; it joins or opens a signal unless it is suppressed.

        *open_signal* is what the last commit left of the group's signal, as `changed` gave it.
        """
        match = Match(
            uuid=event.uuid,
            timestamp=event.timestamp,
            group=dict(zip(self._rule.group_by, scalars(event.group, len(self._rule.group_by)), strict=True)),
            value=self._named(new),
            item_uuid=_attribute(event, "@item_uuid"),
            vault_uuid=_attribute(event, "@vault_uuid"),
        )
        if not event.lens.suppresses(event.record):
            self._gather(event, match, open_signal)
        return match

    def closed(self) -> list[Signal]:
        """Signals that another has replaced since the last call, in the order in which that happened."""
        closed, self._closed = self._closed, []
        return closed

    def still_open(self) -> list[Signal]:
        """Signals that gained matches in this run and are open, in the order of their opening in it."""
        return list(self._grown.values())

    def changed(self) -> dict[Key, bytes]:
        """The open signals that gained matches since the last call, by group, as a store keeps them."""
        changed = {group: msgspec.json.encode(signal) for group, signal in self._changed.items()}
        self._changed.clear()
        return changed

    def _named(self, new: list[Key]) -> dict[str, Scalar]:
        metrics = self._rule.metrics
        if not judges_apart(self._rule):
            return dict(zip(metrics, scalars(new[0], len(metrics)), strict=True))
        split = (value.partition(":") for value in new)
        return {metrics[int(index)]: scalar(token) for index, _, token in split}

    def _gather(self, event: Event, match: Match, open_signal: bytes | None) -> None:
        held = self._grown.get(event.group) or _signal(open_signal)
        if held is not None and held.accepts(match.timestamp, self._rule):
            held.add(match)
        else:
            if event.group in self._grown:
                self._closed.append(self._grown.pop(event.group))
            held = self._opener.open(match, lambda field: _attribute(event, field))
        self._grown[event.group] = self._changed[event.group] = held


def _attribute(event: Event, field: str) -> Scalar | None:
    token = event.lens.attribute(event.record, field)
    return None if token is None else scalar(token)


def _signal(blob: bytes | None) -> Signal | None:
    try:
        return None if blob is None else _decode_signal(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"the store holds an open signal that cannot be read ({error})") from None

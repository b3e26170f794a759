"""The register: who was there, when and where, as a pass of a rule over a dataset takes its events in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from detector.event import Event
from detector.instant import DAY
from detector.questions import fields_of, judges_apart
from detector.rules import NewValueRule
from detector.signals import Match
from detector.token import Key, scalar, scalars
from harness.oracle import Oracle
from harness.scoring.evidence import TENURE_DAYS
from harness.scoring.ranges import Span
from scenarios.ground_truth import Label

PERSON: Final = "@usr.email"


class Noted(NamedTuple):
    """An event that scoring will ask for: a match, an event of somebody else's signal, or a staged one."""

    group: Key
    place: int
    """Its position among the events of its group, in arrival order."""
    person: str
    recurs: bool
    """Whether its group had shown one of its new values before; of an event that is no match all values are meant."""


class Recollection(Oracle):
    """An oracle that can also be asked what a group has shown."""

    def has_shown(self, group: Key, value: Key) -> bool:
        """Whether an event that it took in showed the value in the group."""
        return (group, value) in self._shown_by


@dataclass
class Register:
    """Takes in every event that *rule* watches; memory grows with people, groups and the events that are noted."""

    rule: NewValueRule
    labels: Mapping[str, Label]
    asked: Collection[str]
    """The uuids of the events that signals of another tool hold."""
    oracle: Recollection
    noted: dict[str, Noted] = field(default_factory=dict)
    first_seen: dict[str, int] = field(default_factory=dict)
    """The time of each person's earliest event, in nanoseconds since the epoch."""
    spans: dict[str, dict[Key, Span]] = field(default_factory=dict)
    """Of each run in each group where it has events."""
    scored: int = 0
    """How many events came in scored time."""
    scored_attacks: int = 0
    """Those of them that are an attack's."""
    scored_of: dict[str, int] = field(default_factory=dict)
    """Those of each run."""
    _places: dict[Key, int] = field(default_factory=dict)

    def take(self, event: Event, match: Match | None, *, scored: bool) -> None:
        """Take in an event before the oracle does, with its match if it is one, and whether it came in scored time."""
        place, person = self._places.get(event.group, 0), person_of(event, self.rule)
        self._places[event.group] = place + 1
        t = event.timestamp
        if t < self.first_seen.setdefault(person, t):
            self.first_seen[person] = t
        self.scored += scored
        label = self.labels.get(event.uuid)
        if label is not None:
            self._stage(label, event.group, place, scored=scored)
        if event.uuid not in self.noted and (match or label or event.uuid in self.asked):
            self.noted[event.uuid] = Noted(event.group, place, person, self._recurs(event, match))

    def is_new(self, person: str, t: int, since: int) -> bool:
        """Whether *person* came after *since*, and at *t* for less than `TENURE_DAYS`."""
        first = self.first_seen.get(person)
        return first is not None and first >= since and 0 <= t - first < TENURE_DAYS * DAY

    def new_person_days(self, since: int, begin: int, end: int) -> float:
        """The days from *begin* to *end* that those who came after *since* spent in their first `TENURE_DAYS`."""
        came = [first for first in self.first_seen.values() if first >= since]
        return sum(max(0, min(first + TENURE_DAYS * DAY, end) - max(first, begin)) for first in came) / DAY

    def _stage(self, label: Label, group: Key, place: int, *, scored: bool) -> None:
        spans = self.spans.setdefault(label.run, {})
        spans[group] = (spans[group][0] if group in spans else place, place)
        self.scored_attacks += scored and label.kind == "attack"
        self.scored_of[label.run] = self.scored_of.get(label.run, 0) + scored

    def _recurs(self, event: Event, match: Match | None) -> bool:
        return any(self.oracle.has_shown(event.group, value) for value in _new_values(event, match, self.rule))


def person_of(event: Event, rule: NewValueRule) -> str:
    """Who an event is of: its `@usr.email`, else its group in words. It has to be read as `reads_people` says."""
    if rule.group_by == (PERSON,):
        return str(scalar(event.group))
    token = event.lens.attribute(event.record, PERSON)
    return group_words(event.group, rule) if token is None else str(scalar(token))


def group_words(group: Key, rule: NewValueRule) -> str:
    """A group as a person reads it."""
    return ", ".join(map(str, scalars(group, len(rule.group_by)))) if rule.group_by else "anybody"


def reads_people(rule: NewValueRule) -> NewValueRule:
    """*rule* for a selector that shall also read who did it: readers keep no field that a rule does not name."""
    return rule if PERSON in fields_of(rule) else replace(rule, message=f"{rule.message} {{{{{PERSON}}}}}")


def _new_values(event: Event, match: Match | None, rule: NewValueRule) -> list[Key]:
    if match is None or not judges_apart(rule):
        return list(event.values)
    return [value for value in event.values if rule.metrics[int(value.partition(":")[0])] in match.value]

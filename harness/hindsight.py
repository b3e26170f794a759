"""Hindsight: a rule run once over a dataset beside its truth, which the rule itself never sees."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from detector.clock import learning_kind
from detector.event import Event
from detector.instant import DAY, SECOND
from detector.reading import Reader
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.signals import Match
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from detector.token import Key
from detector.verdict import RULE_CLOCK, UNSET
from harness.feeds_seen import feeds_seen
from harness.knowledge import Knowledge
from harness.oracle import Oracle
from harness.traces import Traces
from harness.truth import Truth, incident_instant

_by_time = attrgetter("timestamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What hindsight says of one run. Times are nanoseconds since the epoch."""

    run: str
    started_at: int
    detectable_at: int | None
    """The time of the first detectable event: one with a value that its group showed in no earlier event (in arrival
    order) but the run's own. None where no event of the run is one."""
    detectable_uuid: str | None
    signalled_at: int | None
    """The earliest match, among the rule's own signals, that is an event of the run."""
    learning: bool
    """Whether scoring would start in the learning period, or before the rule was enabled: it is not scored then."""
    knew: str
    """What the rule knew of the actor's group when the run's first event that it watches arrived."""
    why: str
    """What was new in the event that raised the signal, or why none did."""

    @property
    def scored_from(self) -> int:
        """From when on a detection is due: the first detectable event, or the start where there is none."""
        return self.started_at if self.detectable_at is None else self.detectable_at

    def latency_seconds(self, found_at: int) -> float:
        """Seconds to a match at *found_at*; 0 where it came before the first detectable event.

        That happens: a value that the rule forgot raises a signal, though it was shown before.
        """
        return max(0, found_at - self.scored_from) / SECOND

    def seconds_from_start(self, found_at: int) -> float:
        """Seconds from the incident's first event to a match at *found_at*."""
        return (found_at - self.started_at) / SECOND


@dataclass
class Hindsight:
    """*rule* run over the dataset of *truth* in one pass: its signals, its learning period, and a review of each run.

    *enabled_at* is in nanoseconds since the epoch, or None to start with the first event. *asked* are the uuids of
    events outside the truth whose groups `covers` will be asked for. Memory grows with the (group, value) pairs and the
    staged events, not with all events. Raises the one-line errors of reading.
    """

    rule: NewValueRule
    truth: Truth
    enabled_at: int | None = None
    asked: Collection[str] = ()
    _oracle: Oracle = field(default_factory=Oracle, init=False, repr=False)
    _groups: dict[str, Key] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._asked = frozenset(self.asked)
        self._enabled_at = UNSET if self.enabled_at is None else self.enabled_at
        self._traces = {incident.run: Traces() for incident in self.truth.incidents}
        self._engine = StreamingEngine(self.rule, MemoryStore(), self.enabled_at)
        for batch in Reader(Selector(self.rule)).batches(feeds_seen(self.truth.directory, self.rule)):
            self._watch(batch)
        self._engine.commit()
        self.signals = [*self._engine.closed(), *self._engine.still_open()]
        """The signals of the rule, each with all of its matches."""
        self.reviews = self._reviews()
        """A review of each incident, by its run, in the order of the incidents."""

    @property
    def seen_groups(self) -> int:
        """How many groups the rule would see in the dataset."""
        return self._oracle.groups

    def covers(self, t: int, uuids: Iterable[str]) -> bool:
        """Whether something at *t*, made of the events *uuids*, came while the rule learned, or before it ran."""
        return self._learned_at(t, next((self._groups[uuid] for uuid in uuids if uuid in self._groups), None))

    def scored_days(self, end: int) -> float:
        """How many days before *end* are scored; under the groups' own clocks, all since the rule's start."""
        start = max(self._engine.rule_start, self._enabled_at)
        if start == UNSET:
            return 0.0
        if learning_kind(self.rule) == RULE_CLOCK and self._engine.learning_at(start, UNSET):
            start += self.rule.learning_duration_days * DAY
        return max(0, end - start) / DAY

    def _watch(self, batch: list[Event]) -> None:
        """Let oracle and engine see a batch; the engine is stopped at every event of a run, and asked what it knows."""
        labels, decided = self.truth.labels, 0
        for place, event in enumerate(batch):
            if event.uuid in self._asked:
                self._groups[event.uuid] = event.group
            label = labels.get(event.uuid)
            if label is None:
                self._oracle.take(event)
                continue
            self._groups[event.uuid] = event.group
            self._engine.decide(batch[decided:place])
            decided = place + 1
            knowledge = Knowledge.before(self._engine, event, self.enabled_at)
            matched, detectable = bool(self._engine.decide([event])), self._oracle.detects(event, label.run)
            traces = self._traces.setdefault(label.run, Traces())
            traces.note(event, knowledge, matched=matched, detectable=detectable)
        self._engine.decide(batch[decided:])

    def _reviews(self) -> dict[str, Review]:
        raised = self._raised()
        reviews = {}
        for incident in self.truth.incidents:
            traces, start = self._traces[incident.run], incident_instant(incident)
            first, match = traces.detectable, raised.get(incident.run)
            reviews[incident.run] = Review(
                run=incident.run,
                started_at=start,
                detectable_at=None if first is None else first.timestamp,
                detectable_uuid=None if first is None else first.uuid,
                signalled_at=None if match is None else match.timestamp,
                learning=self._learned_at(start if first is None else first.timestamp, traces.group),
                knew=traces.knew,
                why=traces.why(None if match is None else match.uuid),
            )
        return reviews

    def _raised(self) -> dict[str, Match]:
        """The earliest match of each run that a signal holds."""
        raised: dict[str, Match] = {}
        for match in sorted((match for signal in self.signals for match in signal.matches), key=_by_time):
            label = self.truth.labels.get(match.uuid)
            if label is not None:
                raised.setdefault(label.run, match)
        return raised

    def _learned_at(self, t: int, group: Key | None) -> bool:
        if t < self._enabled_at:
            return True
        if group is None:
            return learning_kind(self.rule) == RULE_CLOCK and self._engine.learning_at(t, UNSET)
        return self._engine.learning_at(t, self._engine.baseline(group).first_seen)

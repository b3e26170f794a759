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
from harness.scoring.register import Recollection, Register, reads_people
from harness.traces import Traces
from harness.truth import Truth, incident_instant

_by_time = attrgetter("timestamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What hindsight says of one run. Times are nanoseconds since the epoch."""

    run: str
    started_at: int
    detectable_at: int | None
    """The time of the first detectable event in arrival order: one with a value that its group showed in no earlier
    event, in arrival order too, but the run's own. Where events come late, another may have happened before it. None
    where no event of the run is one."""
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
    events that signals of another tool hold. Memory grows with the (group, value) pairs, the people, the matches and
    the staged events, not with all events. Raises the one-line errors of reading.
    """

    rule: NewValueRule
    truth: Truth
    enabled_at: int | None = None
    asked: Collection[str] = ()
    _oracle: Recollection = field(default_factory=Recollection, init=False, repr=False)

    def __post_init__(self) -> None:
        self.register = Register(self.rule, self.truth.labels, frozenset(self.asked), self._oracle)
        """What the pass has seen of people, groups and events."""
        self._enabled_at = UNSET if self.enabled_at is None else self.enabled_at
        self._traces = {incident.run: Traces() for incident in self.truth.incidents}
        self._engine = StreamingEngine(self.rule, MemoryStore(), self.enabled_at)
        for batch in Reader(Selector(reads_people(self.rule))).batches(feeds_seen(self.truth.directory, self.rule)):
            self._watch(batch)
        self._engine.commit()
        self.signals = [*self._engine.closed(), *self._engine.still_open()]
        """The signals of the rule, each with all of its matches."""
        self.reviews = self._reviews()
        """A review of each incident, by its run, in the order of the incidents."""

    def covers(self, t: int, uuids: Iterable[str]) -> bool:
        """Whether something at *t*, made of the events *uuids*, came while the rule learned, or before it ran."""
        noted = self.register.noted
        return self._learned_at(t, next((noted[uuid].group for uuid in uuids if uuid in noted), None))

    @property
    def begun_at(self) -> int:
        """When the rule's own clock started, or the rule was enabled if that was later; `UNSET` if neither was."""
        return max(self._engine.rule_start, self._enabled_at)

    @property
    def scored_from(self) -> int:
        """Since when time is scored, `UNSET` if never; under the groups' own clocks, since the rule's start."""
        start = self.begun_at
        if start != UNSET and learning_kind(self.rule) == RULE_CLOCK and self._engine.learning_at(start, UNSET):
            return start + self.rule.learning_duration_days * DAY
        return start

    def scored_days(self, end: int) -> float:
        """How many days before *end* are scored."""
        return 0.0 if self.scored_from == UNSET else max(0, end - self.scored_from) / DAY

    def _watch(self, batch: list[Event]) -> None:
        """Let all see a batch; the engine is stopped at every event of a run, and asked what it knows."""
        labels, decided = self.truth.labels, 0
        for place, event in enumerate(batch):
            if event.uuid in labels:
                self._pass(batch[decided:place])
                self._stage(event, labels[event.uuid].run)
                decided = place + 1
        self._pass(batch[decided:])

    def _pass(self, events: list[Event]) -> None:
        """Let engine, register and oracle see ordinary events."""
        matches = {match.uuid: match for match in self._engine.decide(events)}
        for event in events:
            self._take(event, matches.get(event.uuid))
            self._oracle.take(event)

    def _stage(self, event: Event, run: str) -> None:
        """Let them see an event of *run*, and keep what will explain its outcome."""
        knowledge = Knowledge.before(self._engine, event, self.enabled_at)
        match = next(iter(self._engine.decide([event])), None)
        self._take(event, match)
        detectable = self._oracle.detects(event, run)
        self._traces.setdefault(run, Traces()).note(event, knowledge, matched=match is not None, detectable=detectable)

    def _take(self, event: Event, match: Match | None) -> None:
        self.register.take(event, match, scored=not self._learned_at(event.timestamp, event.group))

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

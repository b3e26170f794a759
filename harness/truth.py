"""The truth about a dataset, joined with what a rule could see of it: incidents, labels, and the learning period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from detector.instant import DAY, parse_instant
from detector.reading import Reader
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine, learning_kind
from detector.token import Key  # noqa: TC001 - an ordinary import reads better
from detector.verdict import RULE_CLOCK, UNSET
from scenarios.ground_truth import Incident, Label, read_incidents, read_labels
from simulator.writers import Manifest, read_manifest


@dataclass(frozen=True, slots=True)
class Truth:
    """A dataset's manifest, its incidents, and its labels by the uuid of the event."""

    directory: Path
    manifest: Manifest
    incidents: tuple[Incident, ...]
    labels: Mapping[str, Label]

    @property
    def attacks(self) -> list[Incident]:
        """The incidents that a detection ought to find."""
        return [incident for incident in self.incidents if incident.kind == "attack"]

    def events_of(self, run: str) -> list[str]:
        """The uuids of the events that one incident consists of."""
        return [uuid for uuid, label in self.labels.items() if label.run == run]

    @property
    def people(self) -> int | None:
        """How many people the dataset is about, where its manifest says so."""
        people = self.manifest.parameters.get("people")
        return people if isinstance(people, int) else None


def read_truth(directory: Path) -> Truth:
    """Read the truth beside a dataset's records. Raises one-line errors of the reading modules."""
    manifest = read_manifest(directory)
    labels = {label.uuid: label for label in read_labels(directory / "labels.ndjson")}
    return Truth(directory, manifest, tuple(read_incidents(directory / "incidents.ndjson")), labels)


class LearningPeriod:
    """When a rule was still learning, on one dataset: nothing in that time is scored, since nothing could be found.

    It runs the rule over the dataset once, to see its clocks start as they did; *uuids* are the events whose group
    will be asked for. Times are nanoseconds since the epoch.
    """

    def __init__(self, rule: NewValueRule, directory: Path, uuids: set[str], enabled_at: int | None = None) -> None:
        self.rule = rule
        self._enabled_at = UNSET if enabled_at is None else enabled_at
        self._engine = StreamingEngine(rule, MemoryStore(), enabled_at)
        self._groups: dict[str, Key] = {}
        everyone: set[Key] = set()
        for batch in Reader(Selector(rule)).batches([str(directory)]):
            self._groups.update((event.uuid, event.group) for event in batch if event.uuid in uuids)
            everyone.update(event.group for event in batch)
            self._engine.feed(batch)
        self.seen_groups = len(everyone)

    def covers(self, t: int, uuids: Iterable[str]) -> bool:
        """Whether something at *t*, made of the events *uuids*, came while the rule learned, or before it ran."""
        if t < self._enabled_at:
            return True
        group = next((self._groups[uuid] for uuid in uuids if uuid in self._groups), None)
        if group is None:
            return learning_kind(self.rule) == RULE_CLOCK and self._engine.learning_at(t, UNSET)
        return self._engine.learning_at(t, self._engine.baseline(group).first_seen)

    def scored_days(self, end: int) -> float:
        """How many days before *end* are scored; under the groups' own clocks, all since the rule's start."""
        start = max(self._engine.rule_start, self._enabled_at)
        if start == UNSET:
            return 0.0
        if learning_kind(self.rule) == RULE_CLOCK and self._engine.learning_at(start, UNSET):
            start += self.rule.learning_duration_days * DAY
        return max(0, end - start) / DAY


def incident_instant(incident: Incident) -> int:
    """When an incident started, in nanoseconds since the epoch."""
    return parse_instant(incident.started_at)

"""The truth about a dataset: its incidents, and which of its records belong to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from detector.instant import parse_instant
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

    def first_of_each_run(self, events: Iterable[tuple[str, int]]) -> dict[str, int]:
        """The earliest time among *events*, given as uuid and time, for each run that one of them belongs to."""
        first: dict[str, int] = {}
        for uuid, t in events:
            label = self.labels.get(uuid)
            if label is not None:
                first[label.run] = min(t, first.get(label.run, t))
        return first

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


def incident_instant(incident: Incident) -> int:
    """When an incident started, in nanoseconds since the epoch."""
    return parse_instant(incident.started_at)

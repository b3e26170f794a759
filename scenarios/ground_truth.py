"""Ground truth: which records were staged and what happened in truth, in files beside the records."""

from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from scenarios.mismatch import explain
from simulator.records import parse_timestamp

Kind = Literal["attack", "benign"]


class Label(msgspec.Struct, frozen=True):
    """One staged record: its ``uuid`` and where it came from; ``step`` counts the scenario's steps from 1."""

    uuid: str
    scenario: str
    run: str
    step: int
    kind: Kind


class Incident(msgspec.Struct, frozen=True, omit_defaults=True):
    """One scenario played once by one actor.

    ``run`` names it among all incidents of a dataset (``attacks/bulk-export#1``), ``actor`` is an email,
    ``started_at`` and ``ended_at`` are the RFC 3339 times of its first and last event,
    ``events`` how many it has; ``administrator`` is the email of who did some of them for the actor, if anybody did.
    """

    run: str
    scenario: str
    kind: Kind
    actor: str
    started_at: str
    ended_at: str
    techniques: tuple[str, ...]
    events: int
    administrator: str | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """The emails of those who act in it."""
        return (self.actor,) if self.administrator is None else (self.actor, self.administrator)


class GroundTruthError(ValueError):
    """A file of ground truth cannot be used; one line with file, line, field, found and legal."""


_Truth = TypeVar("_Truth", Label, Incident)


def encode(truth: Label | Incident) -> bytes:
    """Return *truth* as one line of compact JSON."""
    return msgspec.json.encode(truth) + b"\n"


def read_labels(path: Path) -> list[Label]:
    """Return the labels in *path*, in order; raise `GroundTruthError` for a line that is none."""
    return _read(path, Label)


def read_incidents(path: Path) -> list[Incident]:
    """Return the incidents in *path*, in order; raise `GroundTruthError` for a line that is none."""
    return _read(path, Incident)


def _read(path: Path, kind: type[_Truth]) -> list[_Truth]:
    """Return the lines of *path* as *kind*; empty lines are none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise GroundTruthError(f"{path}: found no readable file ({error.strerror}); legal: NDJSON") from error
    return [_parsed(line, f"{path}:{number}", kind) for number, line in enumerate(lines, 1) if line.strip()]


def _parsed(line: bytes, where: str, kind: type[_Truth]) -> _Truth:
    """Return *line*, which stands at *where*, as *kind*."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, ValueError) as error:
        raise GroundTruthError(f"{where}: document: found {error}; legal: a JSON object") from error
    try:
        truth = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise GroundTruthError(f"{where}: {explain(error, value, kind)}") from error
    for field in ("started_at", "ended_at") if isinstance(truth, Incident) else ():
        try:
            parse_timestamp(getattr(truth, field))
        except ValueError as error:
            raise GroundTruthError(f"{where}: {field}: {str(error).removeprefix('timestamp: ')}") from None
    return truth

"""A trail: what one actor did in a stream, usage by usage, so that an incident can be laid among it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from scenarios.actor import Setting


class Usage(NamedTuple):
    """One item usage of the actor's; ``at`` in nanoseconds since the epoch."""

    at: int
    action: str
    vault: str
    item: str
    setting: Setting


class Session(NamedTuple):
    """A sign-in of the actor's that succeeded; ``at`` in nanoseconds since the epoch, ``country`` an ISO code."""

    at: int
    uuid: str
    country: str
    setting: Setting
    device: str | None


@dataclass(slots=True)
class Trail:
    """The actor's own item usages and sessions, each in order of time."""

    usages: list[Usage] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

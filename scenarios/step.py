"""The steps of a scenario: which events happen, when, how often, from which machine and where."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from scenarios.duration import Duration
from scenarios.vocabulary import ItemAction, SignInCategory, SignInType

AtLeastOne = Annotated[int, Meta(ge=1)]
Prose = Annotated[str, Meta(min_length=1, description="text that is not empty")]


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a scenario file: immutable, and a field it does not know is an error."""


class Client(Part, frozen=True, kw_only=True):
    """The app and machine that act, unless they are the actor's own."""

    app_name: str
    app_version: str
    platform_name: str
    platform_version: str
    os_name: str
    os_version: str


class Place(Part, frozen=True, kw_only=True):
    """Where the acting machine stands, unless with the actor; ``country_code`` is ISO 3166 alpha-2."""

    ip_address: str
    country: str
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="two letters like US")]
    region: str
    city: str
    latitude: float
    longitude: float


class _Step(Part, frozen=True, kw_only=True, tag_field="feed"):
    """One kind of event, once or repeated, at a time counted from the begin of the incident.

    The k-th repetition happens ``at + k * every`` later, delayed by less than ``jitter``. The client is
    the actor's most used one; ``desktop`` asks for a desktop app on the actor's own computer.
    """

    at: Duration = Duration(0)
    repeat: AtLeastOne = 1
    every: Duration = Duration(0)
    jitter: Duration = Duration(0)
    client: Literal["own", "desktop"] | Client = "own"
    place: Literal["own"] | Place = "own"

    @property
    def length(self) -> int:
        """Nanoseconds from the begin of the incident within which the last repetition happens."""
        return self.at + (self.repeat - 1) * self.every + self.jitter


class ItemUsageStep(_Step, frozen=True, kw_only=True, tag="itemusages"):
    """Item usages in one vault: any of its items each time, or each item once."""

    action: ItemAction
    vault: Literal["busiest", "any"] = "busiest"
    item: Literal["any", "each"] = "any"


class SignInStep(_Step, frozen=True, kw_only=True, tag="signinattempts"):
    """A sign-in attempt; one that succeeds opens the session that audit events name."""

    category: SignInCategory
    type: SignInType


class AuditStep(_Step, frozen=True, kw_only=True, tag="auditevents"):
    """An audit event; a vault, item, device or user it names is that of the incident."""

    action: Prose
    object_type: Prose
    vault: Literal["busiest", "any"] = "busiest"


Step = ItemUsageStep | SignInStep | AuditStep

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
    """The app and machine that act, spelt out."""

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

    The k-th repetition (from 0) happens ``at + k * every`` later, delayed by less than ``jitter``. With
    ``every: active-day`` it happens on the k-th day, counted from the begin, on which the actor used an item
    themself: ``at`` after a usage of theirs.

    ``client``: ``own`` is what the actor used last for such an action; ``browser``, ``desktop``, ``phone`` and
    ``command-line`` ask for that kind: the actor's own if they have one, else one as others in the stream use.
    ``device: strange`` is a machine that nobody in the stream used: same kind of client, another host.
    ``place``: ``own`` is where the actor was at the time.

    ``earlier`` says that the step belongs to an earlier incident by the same actor, of that kind, which is
    labelled by itself.
    """

    at: Duration = Duration(0)
    repeat: AtLeastOne = 1
    every: Duration | Literal["active-day"] = Duration(0)
    jitter: Duration = Duration(0)
    client: Literal["own", "browser", "desktop", "phone", "command-line"] | Client = "own"
    device: Literal["own", "strange"] = "own"
    place: Literal["own"] | Place = "own"
    earlier: Literal["attack", "benign"] | None = None


WhichVault = Literal["busiest", "any", "largest", "foreign", "all"]
"""Which of the vaults that the stream shows.

The one the actor uses most; any of theirs; of theirs that with the most items; any that they never used; all of
theirs, one after the other, the busiest first. The choice is the same for all steps of an incident.
"""


class ItemUsageStep(_Step, frozen=True, kw_only=True, tag="itemusages"):
    """Item usages. ``item``: any of the vault's each time, each once, or any of those that the actor used before."""

    action: ItemAction
    vault: WhichVault = "busiest"
    item: Literal["any", "each", "own"] = "any"


class SignInStep(_Step, frozen=True, kw_only=True, tag="signinattempts"):
    """A sign-in attempt; one that succeeds opens the session of the events that follow.

    ``type: own`` is the type with which the actor's sign-ins succeed. ``target: others`` lets each repetition
    try another person of the stream.
    """

    category: SignInCategory
    type: SignInType | Literal["own"] = "own"
    target: Literal["actor", "others"] = "actor"


class AuditStep(_Step, frozen=True, kw_only=True, tag="auditevents"):
    """An audit event by the actor; a vault, item, device or user it names is that of the incident."""

    action: Prose
    object_type: Prose
    vault: WhichVault = "busiest"


Step = ItemUsageStep | SignInStep | AuditStep

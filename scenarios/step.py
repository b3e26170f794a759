"""The steps of a scenario: which events happen, when, how often, from which machine and where.

The text below a field is what an editor shows an author who points at it.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from scenarios.duration import Duration, Pace
from scenarios.vocabulary import AuditAction, AuditObject, ItemAction, SignInCategory, SignInType

AtLeastOne = Annotated[int, Meta(ge=1)]
Prose = Annotated[str, Meta(min_length=1, description="text that is not empty")]
Repetitions = Annotated[int, Meta(ge=1, le=10_000)]
"""How often a step may happen: a service account's hourly limit of reads, so that a slip of the keyboard ends.

Source: https://developer.1password.com/docs/service-accounts/rate-limits/.
"""


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a scenario file: immutable, and a field it does not know is an error."""


class Client(Part, frozen=True, kw_only=True):
    """The app and machine that act, spelt out as the records have them."""

    app_name: str
    """The app, like `1Password for Mac`."""
    app_version: str
    """Its version, like `81075035`; text."""
    platform_name: str
    """The browser, or the name of the machine."""
    platform_version: str
    """The browser's version, or the machine's model."""
    os_name: str
    """The operating system, like `MacOSX`."""
    os_version: str
    """Its version, like `14.2.1`; text."""


class Place(Part, frozen=True, kw_only=True):
    """Where the acting machine stands, unless with the actor."""

    ip_address: str
    """An address for documentation, of 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32; or a network of
    them: then it is an address there that is drawn for the incident, if possible one that nobody in the stream has."""
    country: str
    """The country's name."""
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="two letters like US")]
    """The country: ISO 3166-1 alpha-2, like `US`."""
    region: str
    """The region's name."""
    city: str
    """The city's name."""
    latitude: float
    """Degrees north."""
    longitude: float
    """Degrees east."""


class _Step(Part, frozen=True, kw_only=True, tag_field="feed"):
    """One kind of event, once or repeated, at a time counted from the start of the incident.

    The k-th repetition (from 0) happens ``at + k * every`` later, delayed by less than ``jitter``; without jitter,
    the digits below a millisecond are drawn all the same, as far as the stream has them. With
    ``every: active-day`` it happens on the k-th day, counted from the start, on which the actor used an item
    themself: ``at`` after a usage of theirs. With ``after: previous`` it happens ``at`` after the k-th repetition of
    the step before it in the file, which has the same ``repeat``, and not at all where that one does not.

    ``client``: ``own`` is what the actor used last for such an action; ``browser`` (the extension), ``desktop``,
    ``phone``, ``web`` (1Password.com) and ``command-line`` ask for that kind: the actor's own if they have one, else
    one as others in the stream use.
    ``device: strange`` is a machine that nobody in the stream used: same kind of client, another host.
    ``place``: ``own`` is where the actor was at the time.

    ``earlier`` says that the step belongs to an earlier incident by the same actor, of that kind, which is
    labelled by itself.
    """

    at: Duration = Duration(0)
    """How long after the incident begins; with `every: active-day`, how long after a usage of the actor's own; with
    `after: previous`, how long after the step before it."""
    after: Literal["start", "previous"] = "start"
    """From when `at` counts: from the `start` of the incident, or, for each repetition, from the same repetition of the
    `previous` step in the file, as an audit event follows the item usage that it tells of."""
    repeat: Repetitions = 1
    """How often it happens."""
    every: Pace = Duration(0)
    """The time from one repetition to the next, or `active-day`: one on each day on which the actor uses an item."""
    jitter: Duration = Duration(0)
    """Each repetition is delayed by less than this, drawn anew each time; 0s still draws the digits below a
    millisecond."""
    client: Literal["own", "browser", "desktop", "phone", "web", "command-line"] | Client = "own"
    """The app: `own` is the one the actor used last for such an action; a kind is the actor's own of that kind, else
    one as others in the stream use: the `browser` extension, a `desktop` or `phone` app, 1Password.com (`web`), a
    `command-line`; or one spelt out."""
    device: Literal["own", "strange"] = "own"
    """The machine: the actor's `own`, or a `strange` one of the same kind that nobody in the stream uses."""
    place: Literal["own"] | Place = "own"
    """Where it stands: `own` is where the actor is at the time; or a place spelt out."""
    earlier: Literal["attack", "benign"] | None = None
    """The step belongs to an earlier incident of this kind by the same actor, which is labelled by itself."""


By = Literal["actor", "administrator"]
"""Who does it: the actor of the incident, or for them an administrator of the stream.

The administrator is one who plays in no other incident and is active around then; it is the same one for all steps
of an incident. They act from their own machine, from where they are, in their own session.
"""


WhichVault = Literal["busiest", "any", "largest", "foreign", "all"]
"""Which of the vaults that the stream shows.

The one the actor uses most; any of theirs; of theirs that with the most items; any that they never used; all of
theirs, one after the other, the busiest first. The choice is the same for all steps of an incident.
"""


class ItemUsageStep(_Step, frozen=True, kw_only=True, tag="itemusages"):
    """An item of a vault is used."""

    action: ItemAction
    """What is done with the item."""
    vault: WhichVault = "busiest"
    """The vault: the one the actor uses most; `any` of theirs; of theirs the one with the most items; a `foreign` one
    that they never used; `all` of theirs, one after the other, the busiest first. The same for the whole incident."""
    item: Literal["any", "each", "own"] = "any"
    """The item: `any` of the vault's each time; `each` of them once, so that no more are used than the vault has; any
    of the actor's `own`, used by them before."""

    @property
    def by(self) -> By:
        """Who uses it: always the actor."""
        return "actor"


class SignInStep(_Step, frozen=True, kw_only=True, tag="signinattempts"):
    """Somebody tries to sign in; an attempt that succeeds opens the session of the events that follow."""

    category: SignInCategory
    """How the attempt ends."""
    type: SignInType | Literal["own"] = "own"
    """Why it ends so; `own` is the type with which the actor's sign-ins succeed."""
    target: Literal["actor", "others"] = "actor"
    """Whose account: theirs who try, or at each repetition another person's of the stream."""
    by: By = "actor"
    """Who signs in: the actor, or an `administrator`, from their own machine and for what they do later."""


class AuditStep(_Step, frozen=True, kw_only=True, tag="auditevents"):
    """Somebody does something that the audit log keeps; what it is done to is what the incident is about."""

    action: AuditAction
    """What is done, as audit events name it: `export`, `grant`, `join`, `create`."""
    object_type: AuditObject
    """What it is done to: a `vault`, its `items`, an `item`, a `device`, a `user`, a person's access to a vault
    (`uva`), a membership in a group (`gm`), a service account's token (`satoken`)."""
    vault: WhichVault = "busiest"
    """Where a vault or an item is concerned: which, as for item usages. About `all` there is one event for each vault,
    whatever `repeat` says: each of which the incident uses an item with the same action, or else each of theirs. With
    `after: previous` it is instead the vault, and the item, of the item usage that it follows, where that says the same
    `vault`."""
    by: By = "actor"
    """Who does it: the actor, or an `administrator` to or for the actor, from their own machine and in their own
    session; the same one for the whole incident."""


Step = ItemUsageStep | SignInStep | AuditStep

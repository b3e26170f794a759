"""What happens in a company, as columns: sessions, and the item usages, sign-ins and audit events in them.

Times are nanoseconds since the epoch, days are local days since the epoch. An identifier is two columns of
64-bit words, ``..._high`` and ``..._low``, see `simulator.records.upper_uuid`. *cause* is an index into
`PROCESSES`, or -1 for plain habit.
"""

from dataclasses import dataclass, fields
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Words

PROCESSES: Final = (
    "joiner",
    "leaver",
    "role-change",
    "first-cli",
    "phone-replaced",
    "trip",
    "sso-roll-out",
    "client-upgrade",
    "rotation",
    "on-call",
    "parental-leave",
    "migration",
)
"""The harmless processes that bring about what is out of the ordinary."""

PLAIN: Final = -1
"""The cause of what is plain habit."""


class Outcome(NamedTuple):
    """How a sign-in ended, in the API's words; *failure* is its key in `Profile.failures`."""

    category: str
    type: str
    value: str | None = None  # of ``details``
    failure: str | None = None


OUTCOMES: Final = (
    Outcome("success", "credentials_ok"),
    Outcome("success", "mfa_ok"),
    Outcome("success", "federated"),
    Outcome("firewall_reported_success", "credentials_ok"),
    Outcome("firewall_reported_success", "mfa_ok"),
    Outcome("firewall_reported_success", "federated"),
    Outcome("credentials_failed", "password_secret_bad", failure="password"),
    Outcome("mfa_failed", "mfa_missing", failure="mfa-missing"),
    Outcome("mfa_failed", "totp_bad", failure="totp"),
    Outcome("mfa_failed", "totp_timeout", failure="totp-timeout"),
    Outcome("mfa_failed", "u2f_timeout", failure="security-key"),
    Outcome("mfa_failed", "duo_timeout", failure="duo"),
    Outcome("sso_failed", "sso_user_mismatch", failure="sso"),
    Outcome("modern_version_failed", "modern_version_old", failure="old-client"),
    Outcome("firewall_failed", "anonymous_blocked", failure="anonymous"),
    Outcome("firewall_failed", "country_blocked", failure="country"),
)
"""How sign-ins end. The first three, and the next three, are without, with a second factor, and single sign-on."""


class AuditKind(NamedTuple):
    """A kind of audit event; *aux* says what ``aux_uuid`` names, *details* which part has the subject's details."""

    action: str
    object_type: str
    upper: bool  # letter case of the object's identifier
    aux: str | None = None  # None, "vault", "item", "group" or "user"
    details: str | None = None  # None, "object" or "aux"


AUDIT_KINDS: Final = (
    AuditKind("dlgsess", "dlgdsess", upper=True),
    AuditKind("ssotknv", "ssotkn", upper=True),
    AuditKind("create", "device", upper=False, aux="user", details="aux"),
    AuditKind("share", "item", upper=False, aux="vault"),
    AuditKind("export", "vault", upper=False),
    AuditKind("patch", "items", upper=False),
    AuditKind("create", "vault", upper=False),
    AuditKind("delete", "vault", upper=False),
    AuditKind("grant", "uva", upper=False, aux="user", details="aux"),
    AuditKind("join", "gm", upper=False, aux="user", details="aux"),
    AuditKind("leave", "gm", upper=False, aux="user", details="aux"),
    AuditKind("create", "invite", upper=True),
    AuditKind("suspend", "user", upper=True, details="object"),
)
"""The audit events that people cause; ``object_uuid`` of ``patch/items``, ``grant/uva`` ... is the vault."""


class Columns:
    """Columns of one length, in slots."""

    __slots__ = ()

    def where(self, keep: NDArray[np.bool_] | Ints) -> Self:
        """Return the rows that *keep*, a mask or an index, chooses."""
        return type(self)(*(getattr(self, field.name)[keep] for field in fields(self)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Sessions(Columns):
    """(*person*, *day*, *number*) names a session and *key* is the hash of that name.

    *person* is a row of the population, *client* and *place* are codes of `simulator.directory.Directory`,
    *usages* is how many items are used.
    """

    key: Words
    person: Ints
    day: Ints
    number: Ints
    client: Ints
    place: Ints
    start: Ints
    length: Ints
    usages: Ints
    cause: Ints


@dataclass(frozen=True, slots=True)
class ItemUsages(Columns):
    """*session* is a row of the sessions, *number* counts within it, *action* is an index into `ACTIONS`."""

    session: Ints
    number: Ints
    time: Ints
    cause: Ints
    action: Ints
    version: Ints
    vault_high: Words
    vault_low: Words
    item_high: Words
    item_low: Words


@dataclass(frozen=True, slots=True)
class SignIns(Columns):
    """*number* 0 is the success that opened the session, others are failures before it; see `OUTCOMES`."""

    session: Ints
    number: Ints
    time: Ints
    cause: Ints
    outcome: Ints


@dataclass(frozen=True, slots=True)
class AuditEvents(Columns):
    """*kind* is an index into `AUDIT_KINDS`; *subject* a row of the population, -1 where nobody else is meant."""

    session: Ints
    number: Ints
    time: Ints
    cause: Ints
    kind: Ints
    object_high: Words
    object_low: Words
    aux_high: Words
    aux_low: Words
    subject: Ints


@dataclass(frozen=True, slots=True)
class Activity:
    """All that happens in some sessions."""

    sessions: Sessions
    item_usages: ItemUsages
    sign_ins: SignIns
    audit_events: AuditEvents

    def feeds(self) -> dict[str, ItemUsages | SignIns | AuditEvents]:
        """Return the columns of each feed, by its name in `simulator.records.FEEDS`."""
        return {"itemusages": self.item_usages, "signinattempts": self.sign_ins, "auditevents": self.audit_events}

"""The cast: who acts in a stream of 1Password records, and which vaults and items there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from scenarios.actor import Actor, Setting, most
from simulator.records import parse_timestamp

_NOTHING = msgspec.Raw()


class _User(msgspec.Struct):
    email: str
    uuid: str = ""


class _Session(msgspec.Struct):
    device_uuid: str | None = None


class _Line(msgspec.Struct):
    """What the survey reads of a record of any feed."""

    timestamp: str
    user: msgspec.Raw = _NOTHING
    vault_uuid: str | None = None
    item_uuid: str | None = None
    used_version: int | None = None
    action: str | None = None
    client: msgspec.Raw = _NOTHING
    location: msgspec.Raw = _NOTHING
    target_user: _User | None = None
    country: str | None = None
    actor_details: _User | None = None
    session: _Session | None = None


_RECORD = msgspec.json.Decoder(_Line)
_USER = msgspec.json.Decoder(_User)


@dataclass(slots=True)
class Cast:
    """Everyone who used an item in a stream, and the vaults and items they used.

    ``first`` and ``last`` are the times of the stream's first and last item usage, in nanoseconds since the
    epoch, both 0 if there was none. ``items`` maps vault to item to the latest version used.
    """

    actors: dict[str, Actor] = field(default_factory=dict)
    items: dict[str, dict[str, int]] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    _devices: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _countries: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def device(self, email: str) -> str | None:
        """Return the device that the audit events of *email* name most, or None without such events."""
        return most(self._devices[email]) if email in self._devices else None

    def country(self, email: str) -> str | None:
        """Return the country code that the sign-ins of *email* name most, or None without sign-ins."""
        return most(self._countries[email]) if email in self._countries else None

    def _note(self, record: _Line, at: int) -> None:
        """Count one record of whichever feed."""
        if record.item_uuid and record.vault_uuid and record.user:
            self._note_usage(record, record.vault_uuid, record.item_uuid, at)
        elif record.actor_details and record.session and record.session.device_uuid:
            self._devices[record.actor_details.email][record.session.device_uuid] += 1
        elif record.target_user and record.country:
            self._countries[record.target_user.email][record.country] += 1

    def _note_usage(self, record: _Line, vault: str, item: str, at: int) -> None:
        """Count one item usage."""
        user = bytes(record.user)
        email = _USER.decode(user).email
        self.first, self.last = (min(self.first, at), max(self.last, at)) if self.actors else (at, at)
        actor = self.actors.get(email) or self.actors.setdefault(email, Actor(email, user, at, at))
        actor.note(at, record.action, vault, Setting(_object(record.client), _object(record.location)))
        versions = self.items.setdefault(vault, {})
        versions[item] = max(record.used_version or 1, versions.get(item, 1))


def survey(lines: Iterable[bytes]) -> Cast:
    """Return the cast of a stream of records, one JSON object a line, in any order; one pass.

    Item usages say who there is and what they do. Sign-ins and audit events, if *lines* has them too,
    add each actor's country code and device. Lines that are none of these, or whose fields are of
    other types than the API's, are passed over. Memory grows with actors and items, not with events.
    """
    cast = Cast()
    for line in lines:
        _survey_line(cast, line)
    return cast


def _survey_line(cast: Cast, line: bytes) -> None:
    """Let *cast* count *line*, unless it cannot be read."""
    try:
        record = _RECORD.decode(line)
        cast._note(record, parse_timestamp(record.timestamp))  # noqa: SLF001 - counting ends with the survey
    except (msgspec.DecodeError, ValueError):
        return


def _object(raw: msgspec.Raw) -> bytes:
    """Return *raw* if it is a JSON object, else nothing; a copy, for *raw* keeps its whole line in memory."""
    text = bytes(raw)
    return text if text.startswith(b"{") else b""

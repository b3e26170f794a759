"""A trail: what one actor did in a stream, usage by usage, so that an incident can be laid among it."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from scenarios.actor import Setting
from scenarios.draws import below
from scenarios.duration import DAY, HOUR
from scenarios.reading import OPENS, UNREADABLE, Line, json_object, person, read

WAKE = 120_000_000_000
"""How long after a usage at most what goes with it follows: two minutes, in nanoseconds (assumption)."""
_SOONEST = 2_000_000_000

_at = attrgetter("at")


class Usage(NamedTuple):
    """One item usage of the actor's; ``at`` in nanoseconds since the epoch."""

    at: int
    action: str
    vault: str
    item: str
    setting: Setting


class Session(NamedTuple):
    """A sign-in of the actor's that succeeded; ``at`` in nanoseconds since the epoch, ``country`` an ISO code.

    ``device`` is None if no audit event of the session names it; ``type`` says how they signed in.
    """

    at: int
    uuid: str
    country: str
    setting: Setting
    device: str | None
    type: str = ""


@dataclass(slots=True)
class Trail:
    """The actor's own item usages and sessions, each in order of time."""

    usages: list[Usage] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    def session_at(self, at: int, app: str, client: bytes = b"") -> Session | None:
        """Return the latest session of *app* that was opened at *at* or before, or None without one.

        One of the very *client*, its JSON with the address, goes before all others.
        """
        opened = self.sessions[: bisect_right(self.sessions, at, key=_at)]
        of_app = [session for session in opened if session.setting.app == app]
        of_client = [session for session in of_app if session.setting.client == client]
        best = of_client or of_app
        return best[-1] if best else None

    def anchored(self, start: int, *purpose: object) -> int:
        """Return a time just after the usage nearest to *start* within its hour; *start* if the hour has none.

        After means 2 seconds to 2 minutes, as *purpose* draws.
        """
        hour = start - start % HOUR
        usages = self._between(hour, hour + HOUR)
        if not usages:
            return start
        usage = min(usages, key=lambda each: abs(each.at - start))
        return usage.at + _SOONEST + below(WAKE - _SOONEST, *purpose, "wake")

    def active_days_from(self, at: int) -> list[list[Usage]]:
        """Return the usages of each UTC day that has any, from the one in whose wake *at* lies, or from *at*, on."""
        since = self.usages[bisect_left(self.usages, at - WAKE, key=_at) :]
        days = groupby((usage for usage in since if usage.at // DAY >= at // DAY), lambda usage: usage.at // DAY)
        return [list(usages) for _, usages in days]

    def _between(self, begin: int, end: int) -> list[Usage]:
        return self.usages[bisect_left(self.usages, begin, key=_at) : bisect_left(self.usages, end, key=_at)]


def follow(lines: Iterable[bytes], emails: Collection[str]) -> dict[str, Trail]:
    """Return the trail of each of *emails* in a stream of records, one JSON object a line, in any order.

    Sessions are those whose sign-in the stream has. Lines that cannot be read are passed over. Memory grows
    with the events of these people alone.
    """
    chase = _Chase({email: Trail() for email in emails})
    for text in lines:
        line = read(text)
        if line is not None:
            chase.note(line)
    return chase.trails()


@dataclass(slots=True)
class _Chase:
    """What was seen so far of those who are followed."""

    seen: dict[str, Trail]
    _devices: dict[str, str] = field(default_factory=dict)
    _settings: dict[tuple[bytes, bytes], Setting] = field(default_factory=dict)
    _trails: dict[bytes, Trail | None] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Take in one record of whichever feed, unless its time cannot be read."""
        try:
            if line.is_usage:
                self._note_usage(line)
            elif line.session and line.session.device_uuid:
                self._note_device(line, line.session.uuid, line.session.device_uuid)
            elif line.target_user and line.category in OPENS and line.session_uuid:
                self._note_sign_in(line, line.target_user.email, line.session_uuid)
        except UNREADABLE:
            return

    def trails(self) -> dict[str, Trail]:
        """Return the trails, in order of time, each session with its device."""
        for trail in self.seen.values():
            trail.usages.sort()
            trail.sessions = sorted(each._replace(device=self._devices.get(each.uuid)) for each in trail.sessions)
        return self.seen

    def _note_usage(self, line: Line) -> None:
        user = bytes(line.user)
        if user not in self._trails:
            self._trails[user] = self.seen.get(person(user).email)
        trail = self._trails[user]
        if trail is not None:
            trail.usages.append(self._usage(line))

    def _usage(self, line: Line) -> Usage:
        vault, item = line.vault_uuid or "", line.item_uuid or ""
        return Usage(line.at, line.action or "", vault, item, self._setting(line))

    def _note_device(self, line: Line, session: str, device: str) -> None:
        """Take in the device of a session, unless it is somebody else's; the least, should there be several."""
        if line.actor_details is None or line.actor_details.email in self.seen:
            self._devices[session] = min(device, self._devices.get(session, device))

    def _note_sign_in(self, line: Line, email: str, uuid: str) -> None:
        trail = self.seen.get(email)
        if trail is not None:
            session = Session(line.at, uuid, line.country or "", self._setting(line), None, line.type or "")
            trail.sessions.append(session)

    def _setting(self, line: Line) -> Setting:
        """Return the client and place of *line*, the same object for the same; raise one of `UNREADABLE`."""
        seen = json_object(line.client), json_object(line.location)
        known = self._settings.get(seen)
        if known is None:
            known = Setting(*seen)
            _ = known.details  # which raises for a client that cannot be read, as the survey does
            self._settings[seen] = known
        return known

"""The cast: who acts in a stream of 1Password records, with what, and which vaults and items there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from scenarios.actor import Actor, most
from scenarios.apps import AppKind, able, kind_of
from scenarios.clients_seen import ClientsSeen
from scenarios.draws import draw
from scenarios.reading import OPENS, UNREADABLE, Line, json_object, person, read
from scenarios.standing import Standing


@dataclass(slots=True)
class Cast:
    """Everyone who used an item in a stream, and the vaults and items they used.

    ``first`` and ``last`` are the times of the stream's first and last item usage, in nanoseconds since the
    epoch, both 0 if there was none. ``items`` maps vault to item to version to when that was first used.
    ``clients_seen`` has the clients, ``standing`` what audit events say of who administers and who is suspended.
    """

    actors: dict[str, Actor] = field(default_factory=dict)
    items: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    clients_seen: ClientsSeen = field(default_factory=ClientsSeen)
    standing: Standing = field(default_factory=Standing)
    _kinds: defaultdict[str, set[AppKind]] = field(default_factory=lambda: defaultdict(set))
    _devices: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _countries: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _types: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def device(self, email: str) -> str | None:
        """Return the device that the audit events of *email* name most, or None without such events."""
        named = next((who for who in (email, self._uuid(email)) if who in self._devices), None)
        return None if named is None else most(self._devices[named])

    def country(self, email: str) -> str | None:
        """Return the country code that the sign-ins of *email* name most, or None without sign-ins."""
        return most(self._countries[email]) if email in self._countries else None

    def sign_in_type(self, email: str) -> str | None:
        """Return the type that the sign-ins of *email* that succeeded have most, or None without such sign-ins."""
        return most(self._types[email]) if email in self._types else None

    @property
    def shows_sign_ins(self) -> bool:
        """Whether the stream has any sign-in that succeeded."""
        return bool(self._types)

    def does(self, app: str, action: str) -> bool:
        """Return whether *app* is of a kind with which the stream shows *action*; of no known kind it may be.

        Where the stream shows *action* with no such kind, whether *app* can do it (`scenarios.apps.able`).
        """
        shown = self._kinds.get(action)
        return able(app, action) if not shown else kind_of(app) in {None, *shown}

    def borrowed(
        self, kind: AppKind, *, not_of: str, os_name: str = "", brand: str = "", at: int = 0
    ) -> dict[str, object] | None:
        """Return a client of *kind* that others than *not_of* use; see `ClientsSeen.borrowed`."""
        return self.clients_seen.borrowed(kind, not_of=not_of, os_name=os_name, brand=brand, at=at)

    def administers(self, actor: Actor) -> bool:
        """Return whether *actor* is a person who manages the accounts of others."""
        return actor.has_screen and bool(self.standing.administrators & {actor.email, self._uuid(actor.email)})

    def groups(self, email: str, *purpose: object) -> list[str]:
        """Return the groups that audit events name, in an order that *purpose* draws.

        Those last of which they say that *email* joined or left them.
        """
        uuid, known = self._uuid(email), self.standing.groups
        return sorted(known, key=lambda group: (uuid in known[group], draw(*purpose, group)))

    def suspensions(self, actor: Actor) -> list[tuple[int, int | None]]:
        """Return from when until when *actor* was suspended, in order; None stands for ever after."""
        return self.standing.suspensions(self._uuid(actor.email))

    def _uuid(self, email: str) -> str:
        return self.actors[email].identity["uuid"] if email in self.actors else ""

    def note(self, line: Line) -> None:
        """Count one record of whichever feed. Raise one of `UNREADABLE` for a part that cannot be read."""
        if line.is_usage:
            self._note_usage(line)
        elif line.object_type:
            self._note_audit_event(line)
        elif line.target_user and line.category in OPENS:
            self._note_sign_in(line, line.target_user.email)

    def _note_usage(self, line: Line) -> None:
        user, vault, item, at = bytes(line.user), line.vault_uuid or "", line.item_uuid or "", line.at
        email = person(user).email
        if not email:
            return
        app = self.clients_seen.note(json_object(line.client), email, at)
        if not self.actors:
            self.first = self.last = at
        elif at < self.first:
            self.first = at
        elif at > self.last:
            self.last = at
        actor = self.actors.get(email) or self.actors.setdefault(email, Actor(email, user, at, at))
        if at < actor.first:
            actor.user = user
        actor.note(at, line.action, vault)
        actor.apps.add(app)
        kind = kind_of(app)
        if kind is not None and line.action is not None:
            self._kinds[line.action].add(kind)
        self._note_version(vault, item, line.used_version or 1, at)

    def _note_version(self, vault: str, item: str, version: int, at: int) -> None:
        items = self.items.get(vault) or self.items.setdefault(vault, {})
        versions = items.get(item) or items.setdefault(item, {})
        if at < versions.setdefault(version, at):
            versions[version] = at

    def _note_audit_event(self, line: Line) -> None:
        if line.session and line.session.device_uuid:
            self._devices[line.doer][line.session.device_uuid] += 1
        self.standing.note(line)

    def _note_sign_in(self, line: Line, email: str) -> None:
        if line.country:
            self._countries[email][line.country] += 1
        if line.type:
            self._types[email][line.type] += 1


def survey(lines: Iterable[bytes]) -> Cast:
    """Return the cast of a stream of records, one JSON object a line, in any order; one pass.

    Item usages say who there is and what they do with which clients. Sign-ins that succeeded and audit
    events, if *lines* has them too, add each actor's country, way to sign in, device and standing. Lines that
    are none of these, or whose fields are of other types than the API's, are passed over. Memory grows with
    actors, clients, items and their versions, not with events.
    """
    cast = Cast()
    for text in lines:
        line = read(text)
        if line is None:
            continue
        try:
            cast.note(line)
        except UNREADABLE:
            continue
    return cast

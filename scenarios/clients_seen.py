"""Clients seen: the clients that a stream shows, so that one actor can borrow what others use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from scenarios.apps import AppKind, kind_of, lendable
from scenarios.draws import draw


@dataclass(slots=True)
class _Client:
    """One client, whatever its address: its JSON, its app, who used it and when, first and last."""

    details: bytes
    app: str
    os_name: str
    brand: str
    first: int
    last: int
    users: set[str] = field(default_factory=set)

    def distance(self, at: int) -> int:
        """Return how long before it was first seen, or after it was last seen, *at* lies, in nanoseconds."""
        return max(self.first - at, at - self.last, 0)


@dataclass(slots=True)
class ClientsSeen:
    """Every client of a stream, and every address. Memory grows with clients and their addresses, not with events."""

    addresses: set[str] = field(default_factory=set)
    _clients: dict[bytes, _Client] = field(default_factory=dict)
    _known: dict[bytes, _Client] = field(default_factory=dict)
    _apps: set[str] = field(default_factory=set)

    def note(self, client: bytes, email: str, at: int) -> str:
        """Count one use, at *at*, of the client whose JSON is *client*, by *email*; return the name of its app."""
        known = self._known.get(client) or self._know(client, at)
        known.users.add(email)
        if at < known.first:
            known.first = at
        elif at > known.last:
            known.last = at
        return known.app

    def _know(self, client: bytes, at: int) -> _Client:
        details = {name: value for name, value in _decoded(client).items() if name != "ip_address"}
        text = msgspec.json.encode(details)
        app, os_name = str(details.get("app_name", "")), str(details.get("os_name", ""))
        known = self._clients.setdefault(text, _Client(text, app, os_name, brand(details), at, at))
        self._known[client] = known
        self.addresses.add(str(_decoded(client).get("ip_address", "")))
        self._apps.add(app)
        return known

    @property
    def kinds(self) -> set[AppKind | None]:
        """The kinds of app that the stream shows; None stands for any that are of no known kind."""
        return {kind_of(app) for app in self._apps}

    def lends(self, kind: AppKind) -> bool:
        """Return whether anybody has a client of *kind* that others may borrow."""
        return any(kind_of(app) == kind and lendable(app) for app in self._apps)

    @property
    def hosts(self) -> set[str]:
        """The ``platform_name`` of every client: host names, browsers, models of phones."""
        return {str(_decoded(text).get("platform_name", "")) for text in self._clients}

    def borrowed(
        self, kind: AppKind, *, not_of: str, os_name: str = "", brand: str = "", at: int = 0
    ) -> dict[str, object] | None:
        """Return a client of *kind*, without ``ip_address``, that others than *not_of* use; None if nobody does.

        Of those of that *brand*, if there are any, and of these of those that run on *os_name*, if there are any, one
        that was in use closest to *at*. Which of several depends on *not_of* alone, so that not everyone borrows
        the same. A borrowed command line is one that a person types at (`scenarios.apps.lendable`).
        """
        clients = [each for each in self._clients.values() if kind_of(each.app) == kind and lendable(each.app)]
        fit = [each for each in clients if each.users - {not_of}]
        fit = [each for each in fit if each.brand == brand] or fit
        fit = [each for each in fit if each.os_name == os_name] or fit
        if not fit:
            return None
        return _decoded(min(fit, key=lambda each: (each.distance(at), draw(not_of, each.details.decode()))).details)


def brand(details: Mapping[str, object]) -> str:
    """Return the first word of a client's ``platform_name``: the brand, if that is a browser or its extension.

    >>> brand({"platform_name": "Edge extension"}), brand({})
    ('Edge', '')
    """
    return str(details.get("platform_name", "")).partition(" ")[0]


def _decoded(client: bytes) -> dict[str, object]:
    """Return the fields of a client's JSON, none if there is no client."""
    return msgspec.json.decode(client, type=dict[str, object]) if client else {}

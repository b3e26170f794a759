"""Borrowed clients: clients of kinds that an actor never used, as others in the stream use them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from scenarios.actor import Actor, Setting
from scenarios.apps import HOSTED, AppKind, kind_of
from scenarios.cast import Cast
from scenarios.clients_seen import brand
from scenarios.footsteps import nearest
from scenarios.host import another_host
from scenarios.trail import Trail, Usage

_BROWSED: Final = frozenset[AppKind]({"browser", "web"})
_LASTING: Final = ("platform_name", "os_name")


@dataclass(frozen=True)
class BorrowedClients:
    """What *actor* borrows in one incident, on the same machine all through it; ``seed`` and ``run`` name the draws.

    A client with a host runs on the actor's own computer, and 1Password.com in the browser of their own extension,
    as far as their *trail* shows these and the stream such clients. Versions are those of the day.
    """

    actor: Actor
    trail: Trail
    cast: Cast
    seed: int
    run: str

    def client(self, kind: AppKind, at: int) -> dict[str, object] | None:
        """Return a client of *kind*, without ``ip_address``; None if nobody else uses such."""
        beside, first = self._beside(kind, at), self._first.get(kind)
        model = first or beside or self._nearest_own(at)
        found = self.cast.borrowed(
            kind,
            not_of=self.actor.email,
            os_name=str(model.get("os_name", "")),
            brand=brand(model) if kind in _BROWSED else "",
            at=at,
        )
        if found is None:
            return None
        client = {**found, **self._machine(kind, found, beside)}
        first = self._first.setdefault(kind, client)
        lasting = _LASTING if kind in _BROWSED else (*_LASTING, "platform_version")
        return {**client, **{name: first[name] for name in lasting if name in first}}

    def elsewhere(self, client: dict[str, object]) -> dict[str, object]:
        """Return *client* on a host that nobody in the stream has."""
        name = str(client.get("platform_name", ""))
        return {**client, "platform_name": another_host(name, self.cast.clients_seen.hosts, self.seed, self.run)}

    def _machine(self, kind: AppKind, found: dict[str, object], beside: dict[str, object] | None) -> dict[str, object]:
        """Return what changes in a client that was *found* once it runs on their machine, or on a new one of theirs."""
        if beside is None:
            return self.elsewhere(found) if kind in HOSTED else {}
        if kind in HOSTED:
            names = ["platform_name", *(["os_version"] if found.get("os_name") == beside.get("os_name") else [])]
        else:
            names = ["platform_version", "os_name", "os_version"] if brand(found) == brand(beside) else []
        return {name: beside[name] for name in names if name in beside}

    def _beside(self, kind: AppKind, at: int) -> dict[str, object] | None:
        """Return the client of their own, nearest to *at*, that is on the machine of what they borrow; None without."""
        if kind not in self._neighbours:
            self._neighbours[kind] = self._on_one_machine(kind, at)
        usages = self._neighbours[kind]
        return nearest(usages, at).setting.details if usages else None

    def _on_one_machine(self, kind: AppKind, at: int) -> Sequence[Usage]:
        """Return their usages on the computer, or in the browser, that they used nearest to *at*."""
        kinds = next((each for each in (HOSTED, _BROWSED) if kind in each), frozenset[AppKind]())
        usages = self._with(kinds)
        if not usages:
            return []
        machine = _machine(nearest(usages, at).setting)
        same = {setting for setting in {usage.setting for usage in usages} if _machine(setting) == machine}
        return [usage for usage in usages if usage.setting in same]

    def _nearest_own(self, at: int) -> dict[str, object]:
        return nearest(self._with(HOSTED) or self.trail.usages, at).setting.details

    def _with(self, kinds: frozenset[AppKind]) -> list[Usage]:
        fit = {setting for setting in {usage.setting for usage in self.trail.usages} if kind_of(setting.app) in kinds}
        return [usage for usage in self.trail.usages if usage.setting in fit]

    @cached_property
    def _first(self) -> dict[AppKind, dict[str, object]]:
        """The first borrowed client of each kind, whose machine stays."""
        return {}

    @cached_property
    def _neighbours(self) -> dict[AppKind, Sequence[Usage]]:
        """Their own usages on the machine of each kind that they borrowed."""
        return {}


def _machine(setting: Setting) -> tuple[object, object]:
    details = setting.details
    return details.get("platform_name"), details.get("os_name")

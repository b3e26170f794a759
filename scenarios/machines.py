"""The machines that act in an incident: which app, on which host, seen from where."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from scenarios.actor import Actor, Setting
from scenarios.address import address_in
from scenarios.apps import HOSTED, AppKind, kind_of
from scenarios.borrowed_clients import BorrowedClients
from scenarios.cast import Cast
from scenarios.draws import draw
from scenarios.duration import DAY
from scenarios.footsteps import Footsteps, latest, nearest
from scenarios.machine import Machine
from scenarios.step import Client, Place, Step
from scenarios.trail import Trail, Usage
from scenarios.visit import Visit
from simulator.records import lower_uuid, upper_uuid

UNKNOWN_COUNTRY = "ZZ"
"""ISO 3166 leaves it to its users; the Unicode CLDR uses it for an unknown region."""

_COMPUTER = ("platform_name", "os_name")
_PLACE = ("country", "region", "city", "latitude", "longitude")


@dataclass(frozen=True)
class Machines:
    """The machines of one incident of *actor*'s, taken from their own *trail*; ``seed`` and ``run`` name the draws."""

    actor: Actor
    trail: Trail
    cast: Cast
    seed: int
    run: str

    @cached_property
    def footsteps(self) -> Footsteps:
        """What the trail says."""
        return Footsteps(self.trail, self.cast.does)

    def signing_in(self, step: Step, kind: AppKind | None, actions: frozenset[str], at: int) -> Machine:
        """Return the machine of a sign-in: of *kind* if that matters, and one that can do all *actions* if any can."""
        usage = nearest(self._suited(kind, actions, at), at)
        setting = self.footsteps.updated(usage, at)
        client = self._client(step, kind, setting, at)
        if abs(usage.at - at) > DAY:  # the client is theirs, but they may be elsewhere by now
            setting = nearest(self.trail.usages, at).setting
        return self._placed(step, client, setting, at)

    def acting(self, step: Step, kind: AppKind | None, action: str, at: int) -> Machine:
        """Return the machine that they have in hand for an item usage."""
        setting = latest(self._suited(kind, frozenset({action}), at), at).setting
        return self._placed(step, self._client(step, kind, setting, at), setting, at)

    def visiting(self, step: Step, kind: AppKind | None, actions: frozenset[str], at: int) -> Visit:
        """Return the session of the trail in which an audit event lies; one made up if the trail has none."""
        usage = latest(self._suited(kind, actions, at), at)
        session = self.footsteps.session(usage, at)
        if session is None:
            machine = self._placed(step, usage.setting.details, usage.setting, at)
            return Visit(min(usage.at, at), upper_uuid(*draw(self.seed, self.run, "session")), machine)
        machine = self._placed(step, session.setting.details, session.setting, at)
        if session.device is not None and not isinstance(step.client, Client) and step.device == "own":
            machine = machine._replace(device=session.device)
        return Visit(session.at, session.uuid, machine)

    def open(self, kind: AppKind | None, actions: frozenset[str], at: int) -> bool:
        """Return whether a session of theirs can be open on a client of *kind*, or that can do *actions*."""
        setting = latest(self._suited(kind, actions, at), at).setting
        return kind in (None, kind_of(setting.app)) and self.footsteps.open(setting, at)

    @cached_property
    def _borrowed(self) -> BorrowedClients:
        return BorrowedClients(self.actor, self.trail, self.cast, self.seed, self.run)

    @cached_property
    def _devices(self) -> dict[tuple[str, str], str]:
        """The device of each machine that the audit log names."""
        named = {session.setting.client: session for session in self.trail.sessions if session.device}
        return {_machine(session.setting.details): session.device or "" for session in named.values()}

    @cached_property
    def _strangers(self) -> dict[AppKind | None, dict[str, object]]:
        """The strange client of each kind, once it has acted: it stays the same for the incident."""
        return {}

    @cached_property
    def _computers(self) -> list[tuple[int, dict[str, object]]]:
        """Their own computers that acted in the incident, each as the first client that named it, and since when."""
        return []

    def _computer(self, at: int) -> dict[str, object]:
        """Return the client that named their computer around *at*; empty if none did yet.

        What names a host does so for one computer within a day; after that its owner may have got another (assumption).
        """
        since, client = self._computers[-1] if self._computers else (at, {})
        return client if at - since < DAY else {}

    def _suited(self, kind: AppKind | None, actions: frozenset[str], at: int) -> Sequence[Usage]:
        return self.footsteps.suited(kind, actions, str(self._computer(at).get("platform_name", "")))

    def _client(self, step: Step, kind: AppKind | None, setting: Setting, at: int) -> dict[str, object]:
        """Return the client of a setting, or one of *kind* as others use if it is of another; on their one computer."""
        other = self._borrowed.client(kind, at) if kind is not None and kind_of(setting.app) != kind else None
        client = other or setting.details
        hosted = kind_of(str(client.get("app_name", ""))) in HOSTED
        if not hosted or step.device != "own" or isinstance(step.client, Client):
            return client
        computer = self._computer(at)
        if not computer:
            self._computers.append((at, client))
        return {**client, **{name: computer[name] for name in _COMPUTER if name in computer}}

    def _placed(self, step: Step, client: dict[str, object], setting: Setting, at: int) -> Machine:
        """Return *client*, or what *step* says of it, at the place of *setting* or where *step* says."""
        device = self._device(setting, client)
        if isinstance(step.client, Client):
            client = msgspec.to_builtins(step.client)
            device = self._strange_device(client)
        elif step.device == "strange":
            client = self._strange(client, at)
            device = self._strange_device(client)
        if isinstance(step.place, Place):
            place = msgspec.to_builtins(step.place)
            there = {name: place[name] for name in _PLACE} if self.footsteps.located else None
            address = address_in(
                step.place.ip_address, self.cast.clients_seen.addresses, self.seed, self.run, "address"
            )
            return Machine({**client, "ip_address": address}, there, step.place.country_code, device)
        own = {name: it for name, it in setting.details.items() if name == "ip_address" and it is not None}
        location = msgspec.Raw(setting.location) if setting.location else None
        return Machine({**client, **own}, location, self._country(setting), device)

    def _strange(self, client: dict[str, object], at: int) -> dict[str, object]:
        """Return the same kind of client on another machine: a host that nobody has, or a browser or phone of others.

        It runs on the same system, if the stream has such.
        """
        kind = kind_of(str(client.get("app_name", "")))
        if kind not in self._strangers:
            others = None
            if kind is not None and kind not in HOSTED:
                os_name = str(client.get("os_name", ""))
                others = self.cast.borrowed(kind, not_of=self.actor.email, os_name=os_name, at=at)
            self._strangers[kind] = others or self._borrowed.elsewhere(client)
        return self._strangers[kind]

    def _strange_device(self, client: dict[str, object]) -> str:
        """Return the device that a strange client registers as: each kind of client on a machine by itself."""
        return lower_uuid(*draw(self.seed, self.run, "device", kind_of(str(client.get("app_name", "")))))

    def _device(self, setting: Setting, client: dict[str, object]) -> str:
        """Return the device that the audit log knows the client as, else one made for it."""
        machine = _machine(client)
        made = lower_uuid(*draw("device", self.actor.email, *machine))
        if self._devices or machine != _machine(setting.details):
            return self._devices.get(machine, made)
        return self.cast.device(self.actor.email) or made

    def _country(self, setting: Setting) -> str:
        """Return the country code with which they signed in from there, else the one they have most."""
        there = (session.country for session in self.trail.sessions if session.setting.location == setting.location)
        return next(there, "") or self.cast.country(self.actor.email) or UNKNOWN_COUNTRY


def _machine(client: dict[str, object]) -> tuple[str, str]:
    """Return what tells the machines of one person apart, whatever the versions."""
    return str(client.get("app_name", "")), str(client.get("platform_name", ""))

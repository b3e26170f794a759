"""An enactment: one scenario played once by one actor, as the records it leaves behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from scenarios.actor import Actor, Setting, most
from scenarios.cast import Cast
from scenarios.draws import below, draw
from scenarios.scenario import Scenario
from scenarios.step import AuditStep, Client, ItemUsageStep, Place, SignInStep, Step
from simulator.records import Record, audit_event, item_usage, lower_uuid, session, sign_in, upper_uuid

_OPENS = ("success", "firewall_reported_success")
_UNKNOWN_COUNTRY = "ZZ"  # ISO 3166 leaves it to its users; the Unicode CLDR uses it for an unknown region


class Event(NamedTuple):
    """One record of an enactment: time in nanoseconds since the epoch, and its step, counted from 1."""

    at: int
    feed: str
    step: int
    uuid: str
    record: Record


@dataclass(frozen=True, slots=True)
class Enactment:
    """Scenario, actor and begin; everything else follows from them and ``seed`` and ``run``.

    ``cast`` is the stream's, ``start`` in nanoseconds since the epoch.
    """

    scenario: Scenario
    run: str
    actor: Actor
    cast: Cast
    start: int
    seed: int

    def events(self) -> list[Event]:
        """Return the events in order of time."""
        steps = enumerate(self.scenario.steps, 1)
        return sorted((event for n, step in steps for event in self._step(n, step)), key=lambda e: (e.at, e.uuid))

    def _step(self, number: int, step: Step) -> Iterator[Event]:
        """Yield the events of one step, however often it is repeated."""
        items = self._items(number, step) if isinstance(step, ItemUsageStep) else []
        for k in range(step.repeat):
            at = self._time(number, step, k)
            uuid = upper_uuid(*draw(self.seed, self.run, number, k))
            match step:
                case ItemUsageStep():
                    yield Event(at, "itemusages", number, uuid, self._item_usage(step, items[k], at, uuid))
                case SignInStep():
                    yield Event(at, "signinattempts", number, uuid, self._sign_in(step, at, uuid))
                case AuditStep():
                    yield Event(at, "auditevents", number, uuid, self._audit_event(step, at, uuid))

    def _time(self, number: int, step: Step, k: int) -> int:
        """Return when the k-th repetition of a step happens."""
        delay = below(step.jitter, self.seed, self.run, number, k, "jitter")
        return self.start + step.at + k * step.every + delay

    def _item_usage(self, step: ItemUsageStep, item: str, at: int, uuid: str) -> Record:
        vault = self._vault(step.vault)
        return item_usage(
            uuid=uuid,
            timestamp=at,
            used_version=self.cast.items[vault].get(item, 1),
            vault_uuid=vault,
            item_uuid=item,
            action=step.action,
            user=msgspec.Raw(self.actor.user),
            client=self._client(step),
            location=self._location(step),
        )

    def _sign_in(self, step: SignInStep, at: int, uuid: str) -> Record:
        opened = step.category in _OPENS
        own_country = self.cast.country(self.actor.email) or _UNKNOWN_COUNTRY
        return sign_in(
            uuid=uuid,
            session_uuid=self._session_uuid() if opened else upper_uuid(*draw(uuid, "session")),
            timestamp=at,
            category=step.category,
            type=step.type,
            country=step.place.country_code if isinstance(step.place, Place) else own_country,
            target_user=self.actor.identity,
            client=self._client(step),
            location=self._location(step),
        )

    def _audit_event(self, step: AuditStep, at: int, uuid: str) -> Record:
        vault, device, identity = self._vault(step.vault), self._device(step), self.actor.identity
        objects = {
            "vault": vault,
            "item": self._known(vault)[0],
            "device": device,
            "user": identity["uuid"],
        }
        return audit_event(
            uuid=uuid,
            timestamp=at,
            actor_uuid=identity["uuid"],
            actor_details=identity,
            action=step.action,
            object_type=step.object_type,
            object_uuid=objects.get(step.object_type) or lower_uuid(*draw(uuid, "object")),
            aux_uuid=vault if step.object_type == "item" else None,
            session=session(
                uuid=self._session_uuid(),
                login_time=self._login_time(),
                device_uuid=device,
                ip=str(self._client(step)["ip_address"]),
            ),
            location=self._location(step),
        )

    def _session_uuid(self) -> str:
        """Return the one session in which the incident happens."""
        return upper_uuid(*draw(self.seed, self.run, "session"))

    def _login_time(self) -> int:
        """Return when that session was opened: by the first sign-in that succeeds, else at the start."""
        steps = enumerate(self.scenario.steps, 1)
        opened = (
            self._time(number, step, 0)
            for number, step in steps
            if isinstance(step, SignInStep) and step.category in _OPENS
        )
        return min(opened, default=self.start)

    def _vault(self, which: str) -> str:
        """Return the vault they use most, or the one that the draw gives to the whole incident."""
        if which == "busiest":
            return most(self.actor.vaults)
        vaults = sorted(self.actor.vaults)
        return vaults[below(len(vaults), self.seed, self.run, "vault")]

    def _known(self, vault: str) -> list[str]:
        """Return the items of *vault* that the stream knows, in an order drawn for the incident."""
        return sorted(self.cast.items[vault], key=lambda item: draw(self.seed, self.run, item))

    def _items(self, number: int, step: ItemUsageStep) -> list[str]:
        """Return the item of each repetition: any that the stream knows, or each once.

        Once each is known, items follow that nobody used: a stream shows of a vault only what is used.
        """
        vault, repeats = self._vault(step.vault), range(step.repeat)
        known = self._known(vault)
        if step.item == "any":
            return [known[below(len(known), self.seed, self.run, number, k, "item")] for k in repeats]
        return [known[k] if k < len(known) else lower_uuid(*draw("item", vault, k)) for k in repeats]

    def _own(self, step: Step) -> Setting:
        return (self.actor.desktop if step.client == "desktop" else None) or self.actor.setting

    def _client(self, step: Step) -> dict[str, object]:
        """Return the client that acts; its address is that of its place."""
        own = self._own(step).details
        client = msgspec.to_builtins(step.client) if isinstance(step.client, Client) else own
        address = step.place.ip_address if isinstance(step.place, Place) else own.get("ip_address", "")
        return {**client, "ip_address": address}

    def _location(self, step: Step) -> msgspec.Raw | dict[str, object] | None:
        """Return where the client is, or None if the stream does not say."""
        if isinstance(step.place, Place):
            place = msgspec.to_builtins(step.place)
            return {name: place[name] for name in ("country", "region", "city", "latitude", "longitude")}
        own = self._own(step).location
        return msgspec.Raw(own) if own else None

    def _device(self, step: Step) -> str:
        """Return the device that acts: the one of their audit events, or made for them, or the stranger's."""
        if isinstance(step.client, Client):
            return lower_uuid(*draw(self.seed, self.run, "device"))
        return self.cast.device(self.actor.email) or lower_uuid(*draw("device", self.actor.email))

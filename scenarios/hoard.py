"""The hoard: which vaults and items an incident is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from scenarios.actor import Actor, most
from scenarios.cast import Cast
from scenarios.draws import below, draw
from scenarios.step import AuditStep, ItemUsageStep, WhichVault
from scenarios.trail import Trail
from simulator.records import lower_uuid


class Stored(NamedTuple):
    """An item in a vault, in the version that is used."""

    vault: str
    item: str
    version: int


@dataclass(frozen=True, slots=True)
class Hoard:
    """The vaults and items of one incident of *actor*'s; ``seed`` and ``run`` name the draws."""

    actor: Actor
    trail: Trail
    cast: Cast
    seed: int
    run: str

    def items(self, number: int, step: ItemUsageStep) -> list[Stored]:
        """Return the item of each repetition of a step.

        Once each is known, items follow that nobody used, for a stream shows of a vault only what is used; but
        no vault has more than the one of which the stream shows most, so there may be fewer than repetitions. An
        item that is created is another each time.
        """
        vaults = self._vaults(step.vault)
        turns = _turns(step.repeat, len(vaults))
        if step.action == "server-create":
            created = (vault for vault, count in zip(vaults, turns, strict=True) for _ in range(count))
            return [Stored(vault, self._created(number, k), 1) for k, vault in enumerate(created)]
        if step.item == "each":
            return [stored for vault, count in zip(vaults, turns, strict=True) for stored in self._each(vault, count)]
        picks = ((vault, self._offered(step, vault)) for vault in vaults)
        offers = [offer for offer, count in zip(picks, turns, strict=True) for _ in range(count)]
        return [
            self._stored(vault, known[below(len(known), self.seed, self.run, number, k, "item")])
            for k, (vault, known) in enumerate(offers)
        ]

    def vault(self, step: AuditStep, k: int) -> str:
        """Return the vault that the k-th repetition of an audit event is about."""
        vaults = self._vaults(step.vault)
        return vaults[k % len(vaults)]

    def item(self, vault: str, k: int) -> str:
        """Return the k-th of the items of a vault in the order in which the incident takes each."""
        known = self._known(vault)
        return known[k % len(known)]

    def _vaults(self, which: WhichVault) -> list[str]:
        """Return the one vault, or all of theirs, the busiest first."""
        own = sorted(self.actor.vaults)
        match which:
            case "busiest":
                return [most(self.actor.vaults)]
            case "largest":
                return [min(own, key=lambda vault: (-len(self.cast.items[vault]), vault))]
            case "all":
                return sorted(own, key=lambda vault: (-self.actor.vaults[vault], vault))
            case "foreign":
                foreign = sorted(self.cast.items.keys() - self.actor.vaults.keys())
                return [self._any(foreign)] if foreign else [lower_uuid(*draw(self.seed, self.run, "vault"))]
            case _:
                return [self._any(own)]

    def _any(self, vaults: list[str]) -> str:
        return vaults[below(len(vaults), self.seed, self.run, "vault")]

    def _known(self, vault: str) -> list[str]:
        """Return the items of *vault* that the stream knows, in an order drawn for the incident; never none."""
        known = sorted(self.cast.items.get(vault, {}), key=lambda item: draw(self.seed, self.run, item))
        return known or [_unused(vault, 0)]

    def _offered(self, step: ItemUsageStep, vault: str) -> list[str]:
        """Return the items of *vault* of which a step takes any."""
        own = {usage.item for usage in self.trail.usages if usage.vault == vault} if step.item == "own" else ()
        return [item for item in self._known(vault) if item in own] or self._known(vault)

    def _each(self, vault: str, count: int) -> Iterator[Stored]:
        """Yield *count* items of *vault*, or as many as a vault has."""
        known, size = self._known(vault), max((len(items) for items in self.cast.items.values()), default=1)
        for k in range(min(count, size)):
            yield self._stored(vault, known[k] if k < len(known) else _unused(vault, k))

    def _created(self, number: int, k: int) -> str:
        return lower_uuid(*draw(self.seed, self.run, number, k, "created"))

    def _stored(self, vault: str, item: str) -> Stored:
        """Return the item as it is used: in its latest version, or one that another item of the vault has."""
        versions = self.cast.items.get(vault, {})
        common = sorted(versions.values()) or [1]
        return Stored(vault, item, versions.get(item) or common[below(len(common), "version", item)])


def _turns(count: int, vaults: int) -> list[int]:
    """Return how many of *count* repetitions fall to each vault, one after the other."""
    return [count // vaults + (k < count % vaults) for k in range(vaults)]


def _unused(vault: str, k: int) -> str:
    return lower_uuid(*draw("item", vault, k))

"""Targets: which vaults and items an incident is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scenarios.actor import Actor, most
from scenarios.cast import Cast
from scenarios.draws import below, draw
from scenarios.step import AuditStep, ItemUsageStep, Step, WhichVault
from scenarios.trail import Trail
from simulator.records import lower_uuid


class Stored(NamedTuple):
    """An item in a vault; ``versions`` says when the stream first shows each, in nanoseconds since the epoch."""

    vault: str
    item: str
    versions: Mapping[int, int]

    def version(self, at: int) -> int:
        """Return the latest version until *at*, or else the first.

        >>> stored = Stored("vault", "item", {3: 50, 4: 70})
        >>> stored.version(40), stored.version(69), stored.version(70)
        (3, 3, 4)
        """
        seen = [version for version, first in self.versions.items() if first <= at]
        return max(seen) if seen else min(self.versions)


@dataclass(frozen=True)
class Targets:
    """The vaults and items of one incident of *actor*'s, of *steps*, that begins at ``start``.

    ``seed`` and ``run`` name the draws.
    """

    actor: Actor
    trail: Trail
    cast: Cast
    steps: Sequence[Step]
    start: int
    seed: int
    run: str

    @cached_property
    def items(self) -> dict[int, list[Stored]]:
        """The item of each repetition of the steps that use items, by the number of the step, from 1."""
        steps = enumerate(self.steps, 1)
        return {n: self._items(n, step) for n, step in steps if isinstance(step, ItemUsageStep)}

    def repeat(self, number: int) -> int:
        """Return how often the *number*-th step happens, counted from 1.

        A usage once for each item that there is, an audit event about all vaults once for each that it is about, and
        what follows the step before it as often as that one.
        """
        step = self.steps[number - 1]
        most = step.repeat
        if step.after == "previous":
            most = self.repeat(number - 1)
        elif isinstance(step, AuditStep) and step.vault == "all" and step.every != "active-day":
            most = len(self._concerned(step))
        return min(most, len(self.items[number])) if number in self.items else most

    def subject(self, number: int, step: AuditStep, k: int) -> tuple[str, str]:
        """Return the vault and the item that the k-th repetition, from 0, of the *number*-th step is about.

        Those of the usage that it follows; else an item which usages of the same incident there are about, those of
        the same action if there are any.
        """
        followed = self._followed(number, step)
        if followed is not None:
            return followed[k].vault, followed[k].item
        vaults = self._concerned(step)
        vault = vaults[k % len(vaults)]
        alike = self._alike(step) or [n for n in self.items if self.steps[n - 1].earlier == step.earlier]
        used = [stored.item for n in alike for stored in self.items[n] if stored.vault == vault] or self._shown(vault)
        return vault, used[k % len(used)]

    def _followed(self, number: int, step: AuditStep) -> list[Stored] | None:
        """Return the items of the usages that the *number*-th step follows, None if it is about another vault."""
        while self.steps[number - 1].after == "previous":
            number -= 1
            usage = self.steps[number - 1]
            if isinstance(usage, ItemUsageStep):
                return self.items[number] if usage.vault == step.vault else None
        return None

    def _alike(self, step: AuditStep) -> list[int]:
        """Return the numbers of the usages in the same incident that do what an audit event tells of."""
        usages = ((n, self.steps[n - 1]) for n in self.items)
        return [n for n, it in usages if (it.earlier, getattr(it, "action", "")) == (step.earlier, step.action)]

    def _concerned(self, step: AuditStep) -> list[str]:
        """Return the vaults that an audit event is about; of all those whose items are used so at that time, if any."""
        vaults = self._vaults(step.vault)
        if step.vault != "all":
            return vaults
        used = {stored.vault for n in self._alike(step) for stored in self.items[n]}
        return [vault for vault in vaults if vault in used] or vaults

    def _items(self, number: int, step: ItemUsageStep) -> list[Stored]:
        """Return the item of each repetition of a step.

        Once each is known, items follow that nobody used, for a stream shows of a vault only what is used; but
        no vault has more than the one of which the stream shows most, so there may be fewer than repetitions. An
        item that is created is another each time.
        """
        vaults = self._vaults(step.vault)
        turns = _turns(step.repeat, len(vaults))
        if step.action == "server-create":
            created = (vault for vault, count in zip(vaults, turns, strict=True) for _ in range(count))
            return [Stored(vault, self._created(number, k), {1: 0}) for k, vault in enumerate(created)]
        if step.item == "each":
            return [stored for vault, count in zip(vaults, turns, strict=True) for stored in self._each(vault, count)]
        picks = ((vault, self._offered(step, vault)) for vault in vaults)
        offers = [offer for offer, count in zip(picks, turns, strict=True) for _ in range(count)]
        return [
            self._stored(vault, known[below(len(known), self.seed, self.run, number, k, "item")])
            for k, (vault, known) in enumerate(offers)
        ]

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
        """Return the items of *vault* that the stream knows, in an order drawn for the incident; never none.

        Those that it shows before the incident come first.
        """
        known = self.cast.items.get(vault, {})
        ranked = sorted(known, key=lambda item: (self._later(vault, item), draw(self.seed, self.run, item)))
        return ranked or [_unused(vault, 0)]

    def _later(self, vault: str, item: str) -> bool:
        """Return whether the stream shows *item* only after the incident has begun."""
        return min(self.cast.items[vault][item].values()) > self.start

    def _shown(self, vault: str) -> list[str]:
        """Return the known items that the stream shows before the incident, or all if there are none."""
        known = self._known(vault)
        return [item for item in known if vault in self.cast.items and not self._later(vault, item)] or known

    def _offered(self, step: ItemUsageStep, vault: str) -> list[str]:
        """Return the items of *vault* of which a step takes any."""
        own = {usage.item for usage in self.trail.usages if usage.vault == vault} if step.item == "own" else ()
        return [item for item in self._shown(vault) if item in own] or self._shown(vault)

    def _each(self, vault: str, count: int) -> Iterator[Stored]:
        """Yield *count* items of *vault*, or as many as a vault has."""
        known, size = self._known(vault), max((len(items) for items in self.cast.items.values()), default=1)
        for k in range(min(count, size)):
            yield self._stored(vault, known[k] if k < len(known) else _unused(vault, k))

    def _created(self, number: int, k: int) -> str:
        return lower_uuid(*draw(self.seed, self.run, number, k, "created"))

    def _stored(self, vault: str, item: str) -> Stored:
        """Return the item with its versions, or with the first one of another item of the vault."""
        known = self.cast.items.get(vault, {})
        common = sorted(min(versions) for versions in known.values()) or [1]
        return Stored(vault, item, known.get(item) or {common[below(len(common), "version", item)]: 0})


def _turns(count: int, vaults: int) -> list[int]:
    """Return how many of *count* repetitions fall to each vault, one after the other."""
    return [count // vaults + (k < count % vaults) for k in range(vaults)]


def _unused(vault: str, k: int) -> str:
    return lower_uuid(*draw("item", vault, k))

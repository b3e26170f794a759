"""An enactment: one scenario played once by one actor, as the records it leaves behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec

from scenarios.actor import HOUR
from scenarios.assignment import Assignment
from scenarios.audit import Topic
from scenarios.cast import Cast
from scenarios.delegation import delegations
from scenarios.draws import draw
from scenarios.hoard import Hoard, Stored
from scenarios.login import Login, away, kind, opens, purpose
from scenarios.machine import Machine
from scenarios.machines import Machines
from scenarios.pacing import Pacing
from scenarios.step import AuditStep, ItemUsageStep, SignInStep, Step
from scenarios.trail import Trail
from scenarios.visit import Visit
from simulator.records import Record, audit_event, item_usage, sign_in, upper_uuid


class Event(NamedTuple):
    """One record of an enactment: time in nanoseconds since the epoch, and its step, counted from 1."""

    at: int
    feed: str
    step: int
    uuid: str
    record: Record


class _Act(NamedTuple):
    """The k-th repetition, from 0, of a step, counted from 1, and when it happens."""

    at: int
    number: int
    k: int
    step: Step


@dataclass(frozen=True)
class Enactment:
    """An assignment among the *trail* of its actor in the stream whose people are *cast*.

    Everything else follows from these and *seed*: the same gives the same bytes.
    """

    assignment: Assignment
    trail: Trail
    cast: Cast
    seed: int

    def events(self) -> list[Event]:
        """Return the events in order of time; what would come after the stream's end is not among them."""
        logins: list[Login] = []
        events = [event for act in self._acts() for event in self._done(act, logins)]
        events += [event for login in logins for event in self._delegated(login, events)]
        return sorted((event for event in events if event.at <= self.cast.last), key=lambda e: (e.at, e.uuid))

    def _acts(self) -> list[_Act]:
        """Return what is done, in order of time."""
        steps = enumerate(self.assignment.scenario.steps, 1)
        acts = (_Act(at, n, k, step) for n, step in steps for k, at in enumerate(self._pacing.times(n, step)))
        return sorted(acts, key=lambda act: (act.at, act.number, act.k))

    def _done(self, act: _Act, logins: list[Login]) -> Iterator[Event]:
        """Yield the event of *act*, in a session of *logins* or of the trail, or else after a sign-in of its own."""
        uuid = upper_uuid(*draw(*self._purpose, act.number, act.k, type(act.step).__name__))
        match act.step:
            case ItemUsageStep() if act.k >= len(self._items[act.number]):
                return
            case SignInStep():
                visit = Visit(act.at, upper_uuid(*draw(uuid, "session")), self._signing_in(act))
                if opens(act.step):
                    logins.append(Login(visit, act.step, act.number))
                yield Event(act.at, "signinattempts", act.number, uuid, self._sign_in(act, act.step, visit, uuid))
                return
        if self._login(act, logins) is None:
            yield from (event for first in self._before(act) for event in self._done(first, logins))
        login = self._login(act, logins)
        match act.step:
            case ItemUsageStep():
                yield Event(act.at, "itemusages", act.number, uuid, self._item_usage(act, act.step, login, uuid))
            case AuditStep():
                yield Event(act.at, "auditevents", act.number, uuid, self._audit_event(act, act.step, login, uuid))

    def _item_usage(self, act: _Act, step: ItemUsageStep, login: Login | None, uuid: str) -> Record:
        stored = self._items[act.number][act.k]
        machine = login.visit.machine if login else self._machines.acting(step, kind(step), step.action, act.at)
        return item_usage(
            uuid=uuid,
            timestamp=act.at,
            used_version=stored.version,
            vault_uuid=stored.vault,
            item_uuid=stored.item,
            action=step.action,
            user=msgspec.Raw(self.assignment.actor.user),
            client=machine.client,
            location=machine.location,
        )

    def _signing_in(self, act: _Act) -> Machine:
        steps = self.assignment.scenario.steps[act.number - 1 :]
        wanted, actions = purpose(act.step, steps[1:] if act.step is steps[0] else steps[:1])
        return self._machines.signing_in(act.step, wanted, actions, act.at)

    def _sign_in(self, act: _Act, step: SignInStep, visit: Visit, uuid: str) -> Record:
        actor = self.assignment.actor
        own_type = self.cast.sign_in_type(actor.email) or "credentials_ok"
        return sign_in(
            uuid=uuid,
            session_uuid=visit.uuid,
            timestamp=act.at,
            category=step.category,
            type=own_type if step.type == "own" else step.type,
            country=visit.machine.country,
            target_user=actor.identity if step.target == "actor" else self._others[act.k % len(self._others)],
            client=visit.machine.client,
            location=visit.machine.location,
        )

    def _audit_event(self, act: _Act, step: AuditStep, login: Login | None, uuid: str) -> Record:
        visit = login.visit if login else self._machines.visiting(step, kind(step), act.at)
        vault, item = self._subject(act, step)
        topic = Topic(self.assignment.actor.identity, vault, item, visit.machine.device, (*self._purpose, act.k))
        return audit_event(
            uuid=uuid,
            timestamp=act.at,
            actor_uuid=topic.person["uuid"],
            actor_details=topic.person,
            action=step.action,
            object_type=step.object_type,
            session=visit.session(),
            location=visit.machine.location,
            **topic.about(step.object_type),
        )

    def _subject(self, act: _Act, step: AuditStep) -> tuple[str, str]:
        """Return the vault of an audit event, and the item: that which the incident's own usages there are about."""
        vault = self._hoard.vault(step, act.k)
        steps = self.assignment.scenario.steps
        alike = sorted(self._items, key=lambda n: getattr(steps[n - 1], "action", None) != step.action)
        used = [stored.item for n in alike for stored in self._items[n] if stored.vault == vault]
        return vault, used[act.k % len(used)] if used else self._hoard.item(vault, act.k)

    def _login(self, act: _Act, logins: list[Login]) -> Login | None:
        """Return the latest of *logins* that covers *act*, or None: it lies in a session of the trail, or in none."""
        return next((login for login in reversed(logins) if login.covers(act.step, act.at)), None)

    def _before(self, act: _Act) -> Iterator[_Act]:
        """Yield the sign-in that *act* needs first, if it is on their own machine and no session can still be open."""
        step = act.step
        if isinstance(step, SignInStep) or away(step):
            return
        actions = frozenset({step.action}) if isinstance(step, ItemUsageStep) else frozenset()
        if not self._machines.open(kind(step), actions, act.at):
            at = self._pacing.before(act.at, act.number, act.k)
            yield act._replace(at=at, step=SignInStep(category="success", client=step.client, type="own"))

    def _delegated(self, login: Login, events: list[Event]) -> Iterator[Event]:
        """Yield the delegated sessions that a session brings about by itself, where the stream shows them."""
        if self._machines.footsteps.audited(login.visit.machine.app):
            last = max(event.at for event in events if event.at <= login.visit.at + HOUR)
            for at, uuid, record in delegations(login.visit, self.assignment.actor.identity, last, self._pacing.tick):
                yield Event(at, "auditevents", login.number, uuid, record)

    @property
    def _purpose(self) -> tuple[object, ...]:
        return self.seed, self.assignment.run

    @cached_property
    def _pacing(self) -> Pacing:
        return Pacing(self.assignment, self.trail, self.seed)

    @cached_property
    def _machines(self) -> Machines:
        return Machines(self.assignment.actor, self.trail, self.cast, self.seed, self.assignment.run)

    @cached_property
    def _hoard(self) -> Hoard:
        return Hoard(self.assignment.actor, self.trail, self.cast, self.seed, self.assignment.run)

    @cached_property
    def _items(self) -> dict[int, list[Stored]]:
        """The items of each step that uses items, by its number."""
        steps = enumerate(self.assignment.scenario.steps, 1)
        return {n: self._hoard.items(n, step) for n, step in steps if isinstance(step, ItemUsageStep)}

    @cached_property
    def _others(self) -> list[dict[str, str]]:
        """The other people of the stream, in an order drawn for the incident; the actor if there is nobody else."""
        actor = self.assignment.actor
        people = [each for each in self.cast.actors.values() if each.has_screen and each.email != actor.email]
        ranked = sorted(people, key=lambda each: draw(*self._purpose, each.email))
        return [each.identity for each in ranked] or [actor.identity]

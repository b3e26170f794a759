"""An enactment: one scenario played once by one actor, as the records it leaves behind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from scenarios.assignment import Assignment
from scenarios.audit import Topic
from scenarios.cast import Cast
from scenarios.delegation import delegations
from scenarios.draws import draw
from scenarios.duration import HOUR
from scenarios.event import Event
from scenarios.login import Login, away, kind, opens, purpose
from scenarios.machine import Machine
from scenarios.machines import Machines
from scenarios.pacing import Pacing
from scenarios.step import AuditStep, By, ItemUsageStep, SignInStep, Step
from scenarios.targets import Targets
from scenarios.trail import Trail
from scenarios.visit import Visit
from simulator.records import Record, audit_event, item_usage, sign_in, upper_uuid

if TYPE_CHECKING:
    from scenarios.actor import Actor


class _Act(NamedTuple):
    """The k-th repetition, from 0, of a step, counted from 1, and when it happens."""

    at: int
    number: int
    k: int
    step: Step


@dataclass(frozen=True)
class Enactment:
    """An assignment in the stream whose people are *cast*; *trails* has those of the people who act, by email.

    Everything else follows from these and *seed*: the same gives the same bytes.
    """

    assignment: Assignment
    trails: Mapping[str, Trail]
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
        acts = (
            _Act(at, n, k, step)
            for n, step in steps
            for k, at in enumerate(self._pacing.times(n, step, self._targets.repeat(n)))
        )
        return sorted(acts, key=lambda act: (act.at, act.number, act.k))

    def _done(self, act: _Act, logins: list[Login]) -> Iterator[Event]:
        """Yield the event of *act*, in a session of *logins* or of the trail, or else after a sign-in of its own."""
        uuid = upper_uuid(*draw(*self._purpose, act.number, act.k, type(act.step).__name__))
        match act.step:
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
        stored, machines = self._targets.items[act.number][act.k], self._machines[step.by]
        machine = login.visit.machine if login else machines.acting(step, kind(step), step.action, act.at)
        return item_usage(
            uuid=uuid,
            timestamp=act.at,
            used_version=stored.version(act.at),
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
        return self._machines[act.step.by].signing_in(act.step, wanted, actions, act.at)

    def _sign_in(self, act: _Act, step: SignInStep, visit: Visit, uuid: str) -> Record:
        who = self._machines[step.by].actor
        return sign_in(
            uuid=uuid,
            session_uuid=visit.uuid,
            timestamp=act.at,
            category=step.category,
            type=self._own_type(step, act.at) if step.type == "own" else step.type,
            country=visit.machine.country,
            target_user=who.identity if step.target == "actor" else self._others[act.k % len(self._others)],
            client=visit.machine.client,
            location=visit.machine.location,
        )

    def _own_type(self, step: SignInStep, at: int) -> str:
        """Return how they signed in nearest to *at*, in a way that the scenario asks for; else how they mostly do."""
        machines = self._machines[step.by]
        asked = self.assignment.scenario.actor.signs_in if step.by == "actor" else ()
        mostly = self.cast.sign_in_type(machines.actor.email) or "credentials_ok"
        return machines.footsteps.sign_in_type(at, asked) or mostly

    def _audit_event(self, act: _Act, step: AuditStep, login: Login | None, uuid: str) -> Record:
        machines, actor = self._machines[step.by], self.assignment.actor
        visit = login.visit if login else machines.visiting(step, kind(step), self._actions(act), act.at)
        vault, item = self._targets.subject(act.number, step, act.k)
        device = visit.machine.device if step.by == "actor" else self.cast.device(actor.email) or ""
        group = self._groups[act.k % len(self._groups)]
        topic = Topic(actor.identity, vault, item, device, group, (*self._purpose, act.k))
        return audit_event(
            uuid=uuid,
            timestamp=act.at,
            actor_uuid=machines.actor.identity["uuid"],
            actor_details=machines.actor.identity,
            action=step.action,
            object_type=step.object_type,
            session=visit.session(),
            location=visit.machine.location,
            **topic.about(step.object_type),
        )

    def _login(self, act: _Act, logins: list[Login]) -> Login | None:
        """Return the latest of *logins* that covers *act*, or None: it lies in a session of the trail, or in none."""
        return next((login for login in reversed(logins) if login.covers(act.step, act.at)), None)

    def _actions(self, act: _Act) -> frozenset[str]:
        """Return what is done with items on the client of *act*: by itself, or by the usage that it follows."""
        for step in reversed(self.assignment.scenario.steps[: act.number]):
            if isinstance(step, ItemUsageStep):
                return frozenset({step.action})
            if step.after == "start":
                break
        return frozenset()

    def _before(self, act: _Act) -> Iterator[_Act]:
        """Yield the sign-in that *act* needs first, if it is on their own machine and no session can still be open."""
        step = act.step
        if isinstance(step, SignInStep) or away(step):
            return
        if not self._machines[step.by].open(kind(step), self._actions(act), act.at):
            at = self._pacing.before(act.at, act.number, act.k)
            yield act._replace(at=at, step=SignInStep(category="success", client=step.client, by=step.by))

    def _delegated(self, login: Login, events: list[Event]) -> Iterator[Event]:
        """Yield the delegated sessions that a session brings about by itself, where the stream shows them."""
        machines, steps = self._machines[login.step.by], self.assignment.scenario.steps
        if machines.footsteps.audited(login.visit.machine.app):
            own = [event.at for event in events if steps[event.step - 1].by == login.step.by]
            last = max(at for at in own if at <= login.visit.at + HOUR)
            for at, uuid, record in delegations(login.visit, machines.actor.identity, last, self._pacing.tick):
                yield Event(at, "auditevents", login.number, uuid, record)

    @property
    def _purpose(self) -> tuple[object, ...]:
        return self.seed, self.assignment.run

    @cached_property
    def _pacing(self) -> Pacing:
        return Pacing(self.assignment, self.trails[self.assignment.actor.email], self.cast, self.seed)

    @cached_property
    def _machines(self) -> dict[By, Machines]:
        """The machines of the actor, and of the administrator if there is one."""
        people: dict[By, Actor | None] = {
            "actor": self.assignment.actor,
            "administrator": self.assignment.administrator,
        }
        draws = self.cast, self.seed, self.assignment.run
        return {by: Machines(who, self.trails[who.email], *draws) for by, who in people.items() if who is not None}

    @cached_property
    def _targets(self) -> Targets:
        actor, steps, start = self.assignment.actor, self.assignment.scenario.steps, self.assignment.start
        return Targets(actor, self.trails[actor.email], self.cast, steps, start, self.seed, self.assignment.run)

    @cached_property
    def _groups(self) -> list[str]:
        """The groups of the stream, in an order drawn for the incident; an empty text if it shows none."""
        return self.cast.groups(self.assignment.actor.email, *self._purpose) or [""]

    @cached_property
    def _others(self) -> list[dict[str, str]]:
        """The other people of the stream, in an order drawn for the incident; the actor if there is nobody else."""
        actor = self.assignment.actor
        people = [each for each in self.cast.actors.values() if each.has_screen and each.email != actor.email]
        ranked = sorted(people, key=lambda each: draw(*self._purpose, each.email))
        return [each.identity for each in ranked] or [actor.identity]

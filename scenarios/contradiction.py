"""Contradictions: what no type forbids, and nobody could play."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from scenarios.duration import HOUR, Pace
from scenarios.login import away
from scenarios.mismatch import Mismatch, shown
from scenarios.step import Place, SignInStep

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

_OTHER_DAYS: Final = ("within_first", "last_day", "after_absence", "while_absent")
_TOGETHER: Final = 2 * HOUR  # who begins in a session begins somewhere in an hour, and its wake


def contradictions(scenario: "Scenario") -> Iterator[Mismatch]:
    """Yield what contradicts itself in *scenario*, a complaint each."""
    yield from _days(scenario)
    yield from _history(scenario)
    yield from _deeds(scenario)
    yield from _places(scenario)
    yield from _earlier(scenario)
    yield from _followers(scenario)
    yield from _administrators(scenario)


def _days(scenario: "Scenario") -> Iterator[Mismatch]:
    """At most one field asks for another day than an ordinary one, and several incidents find room in a window."""
    asked = [name for name in _OTHER_DAYS if getattr(scenario.when, name) not in (None, False)]
    for name in asked[1:]:
        yield Mismatch(("when", name), f"{asked[0]} too", f"at most one of {', '.join(_OTHER_DAYS)}")
    together = scenario.when.together
    if together is not None and together < _TOGETHER:
        yield Mismatch(("when", "together"), together.written, "2h or longer")


def _history(scenario: "Scenario") -> Iterator[Mismatch]:
    """There is a time that is late enough and early enough."""
    when = scenario.when
    if when.within_history is not None and when.within_history < when.after_history:
        yield Mismatch(("when", "within_history"), "less than after_history", "at least as long")
    if when.within_first is not None and when.within_first < when.after_history + (scenario.actor.joined or 0):
        yield Mismatch(("when", "within_first"), "less than joined and after_history together", "at least as long")


def _deeds(scenario: "Scenario") -> Iterator[Mismatch]:
    """Nobody did what they never did."""
    actor = scenario.actor
    for index, action in enumerate(actor.never_did):
        if action in (*actor.has_done, *actor.often):
            yield Mismatch(("actor", "never_did", index), shown(action), "an action not in has_done or often")


def _places(scenario: "Scenario") -> Iterator[Mismatch]:
    """A place has an address of the Internet, or a network of them, and lies on the globe."""
    for index, step in enumerate(scenario.steps):
        if not isinstance(step.place, Place):
            continue
        keys = ("steps", index, "place")
        try:
            ip_network(step.place.ip_address)
        except ValueError:
            legal = "an address like 198.51.100.7, or a network like 198.51.100.0/24"
            yield Mismatch((*keys, "ip_address"), shown(step.place.ip_address), legal)
        for name, most in (("latitude", 90), ("longitude", 180)):
            degrees = getattr(step.place, name)
            if not -most <= degrees <= most:
                yield Mismatch((*keys, name), shown(degrees), f"from -{most} to {most}")


def _earlier(scenario: "Scenario") -> Iterator[Mismatch]:
    """An earlier incident is one, of one kind, and not the only one."""
    kinds = [step.earlier for step in scenario.steps]
    first = next(filter(None, kinds), None)
    for index, kind in enumerate(kinds):
        if kind not in (None, first):
            yield Mismatch(("steps", index, "earlier"), shown(kind), f"{first}, as in the other earlier steps")
    if None not in kinds:
        yield Mismatch(("steps", 0, "earlier"), "all steps earlier", "at least one step of the incident itself")


def _followers(scenario: "Scenario") -> Iterator[Mismatch]:
    """What follows the step before it follows one of the same incident, time by time."""
    for index, step in enumerate(scenario.steps):
        if step.after == "start":
            continue
        keys = ("steps", index)
        if not index:
            yield Mismatch((*keys, "after"), shown(step.after), "start, for there is no step before it")
            continue
        before = scenario.steps[index - 1]
        if step.repeat != before.repeat:
            yield Mismatch((*keys, "repeat"), shown(step.repeat), f"{before.repeat}, as in the step that it follows")
        if step.every:
            yield Mismatch((*keys, "every"), _written(step.every), "no every, for it follows the step before it")
        if step.earlier != before.earlier:
            told = "as in the step that it follows"
            yield Mismatch((*keys, "earlier"), step.earlier or "nothing", f"{before.earlier or 'nothing'}, {told}")


def _written(pace: Pace) -> str:
    return pace if isinstance(pace, str) else pace.written


def _administrators(scenario: "Scenario") -> Iterator[Mismatch]:
    """An administrator acts from their own machine, where they are, and in their own name."""
    for index, step in enumerate(scenario.steps):
        if step.by == "actor":
            continue
        if away(step):
            yield Mismatch(("steps", index, "by"), "administrator on another machine or elsewhere", "actor")
        if isinstance(step, SignInStep) and step.target == "others":
            yield Mismatch(("steps", index, "by"), "administrator with target: others", "actor")

"""Eligibility: whether an actor can play a scenario, and if not, why."""

from collections.abc import Iterator
from itertools import chain

from msgspec.structs import replace

from scenarios.actor import Actor
from scenarios.apps import LENT
from scenarios.cast import Cast
from scenarios.duration import Duration
from scenarios.interval import LATELY
from scenarios.login import kind
from scenarios.opening import openings
from scenarios.scenario import Casting, Moment, Scenario
from scenarios.step import ItemUsageStep, SignInStep, Step

_OFTEN = 4  # at least every so many of their active days


def unfit(scenario: Scenario, actor: Actor, cast: Cast) -> str | None:
    """Return why *actor* is not whom *scenario* asks for, or None if they are; when they might is another question."""
    casting = scenario.actor
    if casting.role != "anyone" and not _plays(casting.role, actor, cast):
        return f"not {'an' if casting.role[0] in 'aeiou' else 'a'} {casting.role}"
    if actor.events < casting.min_events or len(actor.days) < casting.active_days:
        return "not active enough"
    if casting.joined is not None and actor.first < cast.first + casting.joined:
        return f"there within the first {casting.joined.written}"
    lacking = (reason for step in scenario.steps for reason in _lacking(step, actor, cast))
    return next(chain(_habits(casting, actor), _entry(casting, actor, cast), lacking), None)


def _plays(role: str, actor: Actor, cast: Cast) -> bool:
    match role:
        case "machine":
            return not actor.has_screen
        case "administrator":
            return cast.administers(actor)
        case "developer":
            return actor.has_screen and "command-line" in actor.kinds
        case _:
            return actor.has_screen


def _habits(casting: Casting, actor: Actor) -> Iterator[str]:
    """Yield what about the actions of *actor* is not as *casting* asks."""
    yield from (f"never did {action}" for action in casting.has_done if action not in actor.habits)
    for action in casting.often:
        if action not in actor.habits or len(actor.habits[action].days) * _OFTEN < len(actor.days):
            yield f"seldom or never did {action}"
    yield from (f"did {action}" for action in casting.never_did if action in actor.habits)


def _entry(casting: Casting, actor: Actor, cast: Cast) -> Iterator[str]:
    """Yield that *actor* signs in otherwise than *casting* asks, where the stream shows sign-ins."""
    if casting.signs_in and cast.shows_sign_ins and cast.sign_in_type(actor.email) not in casting.signs_in:
        yield f"not signing in by {' or '.join(casting.signs_in)}"


def _lacking(step: Step, actor: Actor, cast: Cast) -> Iterator[str]:
    """Yield what *actor* neither has for *step* nor can borrow: a client, a vault, other people."""
    needed = kind(step)
    if needed is not None and needed not in actor.kinds:
        if needed not in LENT and step.device == "own" and step.by == "actor":
            yield f"without a {needed} client"
        if not cast.clients_seen.lends(needed):
            yield f"in a stream without a {needed} client"
    if isinstance(step, ItemUsageStep) and step.client == "own" and not _can(actor, step.action, cast):
        yield f"without a client that can {step.action}"
    if not isinstance(step, SignInStep) and step.vault == "foreign" and cast.items.keys() <= actor.vaults.keys():
        yield "without a vault that is not theirs"
    if isinstance(step, SignInStep) and step.target == "others" and len(cast.actors) == 1:
        yield "without others"


def _can(actor: Actor, action: str, cast: Cast) -> bool:
    """Return whether *actor* did *action*, or has a client with which it is done in *cast*."""
    return action in actor.habits or any(cast.does(app, action) for app in actor.apps)


def untimely(scenario: Scenario, actor: Actor, cast: Cast) -> str:
    """Return why *actor*, who is fit, has no opening in *scenario*: which of its demands is the first one too many."""
    when, free, casting = scenario.when, Moment(), scenario.actor
    sometime = replace(casting, has_done=(*casting.has_done, *casting.often), often=())
    days = {name: getattr(when, name) for name in ("last_day", "within_first", "after_absence", "while_absent")}
    history = {name: getattr(when, name) for name in ("after_history", "within_history")}
    for easier, reason in (
        (free, "without time enough before the end of the stream or of their account"),
        (replace(free, **days), _day_missed(when)),
        (replace(free, **days, **history), _history_missed(when)),
    ):
        if next(openings(replace(scenario, when=easier, actor=sometime), actor, cast), None) is None:
            return reason
    if next(openings(replace(scenario, when=replace(when, hours="any")), actor, cast), None) is None:
        return f"without a suitable day at most {LATELY}d after {' and '.join(casting.often)}"
    return f"without a suitable hour of {when.hours}"


def _day_missed(when: Moment) -> str:
    """Return in words that the stream has no day as *when* picks."""
    if when.last_day:
        return "without a last day a week before the stream's"
    if when.after_absence is not None:
        return f"without a return from an absence of {when.after_absence.written}"
    if when.while_absent is not None:
        return f"without an absence of {when.while_absent.written} and time enough in it"
    return f"not there within the first {(when.within_first or Duration(0)).written}"


def _history_missed(when: Moment) -> str:
    """Return in words that nothing fits so long after the first item usage as *when* asks."""
    most = "" if when.within_history is None else f" and at most {when.within_history.written}"
    return f"without a suitable day after {when.after_history.written}{most} of history"

"""An audition: whether an actor can play a scenario, and when."""

from scenarios.actor import DAY, HOUR, Actor
from scenarios.cast import Cast
from scenarios.draws import below, pick
from scenarios.scenario import Scenario
from scenarios.step import ItemUsageStep, Step


def unfit(scenario: Scenario, actor: Actor) -> str | None:
    """Return why *actor* is not who *scenario* asks for, or None if they are."""
    casting = scenario.actor
    if actor.events < casting.min_events or len(actor.days) < casting.active_days:
        return "not active enough"
    for action in casting.has_done:
        if not actor.actions[action]:
            return f"never did {action}"
    for action in casting.never_did:
        if actor.actions[action]:
            return f"did {action}"
    if not actor.has_screen and any(_shows(step) for step in scenario.steps):
        return "without a client that shows items"
    if actor.desktop is None and any(step.client == "desktop" for step in scenario.steps):
        return "without a desktop app"
    return None


def _shows(step: Step) -> bool:
    return isinstance(step, ItemUsageStep) and step.client == "own" and not step.action.startswith("server-")


def begin(scenario: Scenario, actor: Actor, cast: Cast, *purpose: object) -> int | None:
    """Return when *actor* begins to play, in nanoseconds since the epoch, or None if there is no time for it.

    Drawn, as *purpose* says, from the hours that lie after ``after_history`` of the actor's own history and
    after they first did what the scenario says they did, while they are still active and with time to end
    within the stream. At work: a day they were active, an hour as likely as they were active in it, night
    excepted. At night: any day, an hour of their own night. Any: any day and hour.
    """
    known = [actor.began[action] + 1 for action in scenario.actor.has_done]
    earliest = max([actor.first + scenario.when.after_history, *known])
    latest = min(actor.last, cast.last - scenario.length)
    weights = _hours(scenario.when.hours, actor)
    days = actor.days if scenario.when.hours == "work" else range(earliest // DAY, latest // DAY + 1)
    slots = [(day * DAY + hour * HOUR, weight) for day in sorted(days) for hour, weight in enumerate(weights)]
    open_slots = [(at, n) for at, n in slots if n and earliest <= at <= latest - HOUR]
    if not open_slots:
        return None
    starts, shares = zip(*open_slots, strict=True)
    return int(pick(starts, shares, *purpose, "hour")) + below(HOUR, *purpose, "moment")


def _hours(which: str, actor: Actor) -> list[int]:
    """Return a weight for each hour of the day."""
    if which == "any":
        return [1] * 24
    night = actor.night
    if which == "night":
        return [int(hour in night) for hour in range(24)]
    return [0 if hour in night else count for hour, count in enumerate(actor.hours)]

"""A staged sign-in that succeeded, and what follows in the session that it opens."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from scenarios.apps import AppKind, able, kind_of
from scenarios.duration import DAY
from scenarios.reading import OPENS
from scenarios.step import Client, ItemUsageStep, SignInStep, Step
from scenarios.visit import Visit


class Login(NamedTuple):
    """The session opened by ``step``, which is the ``number``-th of its scenario, from 1."""

    visit: Visit
    step: SignInStep
    number: int

    def covers(self, step: Step, at: int) -> bool:
        """Return whether what *step* says happens in this session.

        It does if the same person does it on the same device at the same place, with a client that can do it. Their
        own machine goes wherever they go, so that its sessions last no longer than a day (assumption).
        """
        if not _goes_with(self.step, step):
            return False
        app, wanted = self.visit.machine.app, kind(step)
        if wanted is not None and kind_of(app) != wanted:
            return False
        if step.client == "own" and isinstance(step, ItemUsageStep) and not able(app, step.action):
            return False
        return away(self.step) or at - self.visit.at < DAY


def opens(step: Step) -> bool:
    """Return whether a step opens a session of who takes it."""
    return isinstance(step, SignInStep) and step.category in OPENS and step.target == "actor"


def kind(step: Step) -> AppKind | None:
    """Return the kind of client that a step asks for, or None if it names none."""
    return None if step.client == "own" or isinstance(step.client, Client) else step.client


def away(step: Step) -> bool:
    """Return whether another machine or place acts than their own."""
    return step.device != "own" or step.place != "own" or isinstance(step.client, Client)


def suits(app: str, step: Step, does: Callable[[str, str], bool]) -> bool:
    """Return whether *app* is one with which *step* may be done: of the kind it asks for, else one that *does* it."""
    if kind(step) is not None:
        return kind_of(app) == kind(step)
    return does(app, step.action) if isinstance(step, ItemUsageStep) else kind_of(app) != "command-line"


def purpose(sign_in: Step, steps: Sequence[Step]) -> tuple[AppKind | None, frozenset[str]]:
    """Return what a sign-in is for, if *steps* come after it: a kind of client, and the actions with items."""
    following: list[Step] = []
    for step in steps:
        if opens(step) and _goes_with(sign_in, step):
            break
        if _goes_with(sign_in, step):
            following.append(step)
    wanted = kind(sign_in) or next((found for each in following if (found := kind(each))), None)
    actions = {each.action for each in following if isinstance(each, ItemUsageStep) and kind(each) in (None, wanted)}
    return wanted, frozenset(actions)


def _goes_with(sign_in: Step, step: Step) -> bool:
    """Return whether both may be of one person's on one machine at one place."""
    same = (sign_in.by, sign_in.device, sign_in.place) == (step.by, step.device, step.place)
    return same and (sign_in.client == step.client or "own" in (sign_in.client, step.client))

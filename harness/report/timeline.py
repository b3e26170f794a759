"""A scenario's steps and who plays them, in words."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.durations import duration_text
from scenarios.scenario import Casting, Moment, Scenario
from scenarios.step import AuditStep, Client, ItemUsageStep, Place, SignInStep, Step

_CLIENTS: Final = {
    "browser": "browser",
    "desktop": "desktop app",
    "phone": "phone",
    "web": "1Password.com",
    "command-line": "command line",
}
_VAULTS: Final = {
    "busiest": "their busiest vault",
    "any": "some vault of theirs",
    "largest": "their largest vault",
    "foreign": "a vault they never used",
    "all": "all their vaults, one after the other",
}
_ITEMS: Final = {"any": "any item of", "each": "each item of", "own": "items they used before in"}
_ROLES: Final = {
    "anyone": "anyone",
    "person": "a person",
    "administrator": "an administrator",
    "developer": "a developer",
    "machine": "a machine",
}
_HOURS: Final = {"work": "in their working hours", "night": "in their night"}


def timeline(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Each step: how long after the start, or after the step before it, and what happens.

    >>> timeline([AuditStep(action="suspend", object_type="user", client="web", by="administrator")])
    [('+0 s', 'audit event: suspend user, by an administrator, 1Password.com')]
    """
    return [(_when(step), ", ".join(_told(step))) for step in steps]


def casting_text(casting: Casting, count: int) -> str:
    """Who may play the part.

    >>> casting_text(Casting(often=("export",), signs_in=("mfa_ok", "federated"), min_events=20), 1)
    'a person who often did export before; signs in by mfa_ok or federated; at least 20 item usages'
    """
    deeds = [
        f"{how} {', '.join(actions)}{when}"
        for how, actions, when in (
            ("did", casting.has_done, " before"),
            ("often did", casting.often, " before"),
            ("never does", casting.never_did, ""),
        )
        if actions
    ]
    pronoun = "that" if casting.role == "machine" else "who"
    who = _ROLES[casting.role] + (f" {pronoun} {' and '.join(deeds)}" if deeds else "")
    more = [
        f"signs in by {' or '.join(casting.signs_in)}" if casting.signs_in else "",
        f"joined at least {duration_text(casting.joined)} after the stream begins" if casting.joined else "",
        f"at least {casting.min_events} item usages" if casting.min_events > 1 else "",
        f"at least {casting.active_days} active days" if casting.active_days > 1 else "",
        f"{count} of them" if count > 1 else "",
    ]
    return "; ".join([who, *filter(None, more)])


def moment_text(when: Moment) -> str:
    """When it begins.

    >>> from scenarios.duration import Duration
    >>> moment_text(Moment(after_history=Duration.parse("14d"), hours="night"))
    'at least 14 d after their first item usage; in their night'
    """
    lengths = (
        ("at least {} after their first item usage", when.after_history or None),
        ("at most {} after their first item usage", when.within_history),
        ("within {} of the stream's first item usage", when.within_first),
        ("on the first day after at least {} without an item usage", when.after_absence),
        ("once they used nothing for {}, and nothing more until it is over", when.while_absent),
        ("all within {} of each other", when.together),
    )
    told = [text.format(duration_text(length)) for text, length in lengths if length is not None]
    last_day = ["within a day of their last item usage"] if when.last_day else []
    return "; ".join([*told, *last_day, _HOURS.get(when.hours, "")]).removesuffix("; ") or "at any time"


def arguments_text(scenario: Scenario) -> list[tuple[str, str, str]]:
    """Each argument: its name, its default and what it is."""
    return [(name, str(each.default), each.description) for name, each in scenario.arguments.items()]


def _when(step: Step) -> str:
    after = " after that" if step.after == "previous" else ""
    return f"+{duration_text(step.at)}{after}"


def _told(step: Step) -> Iterator[str]:
    """What happens in a step, in short phrases."""
    if step.earlier:
        yield f"earlier {step.earlier}"
    yield _deed(step)
    if step.by == "administrator":
        yield "by an administrator"
    if step.repeat > 1 and step.after == "start":
        yield "one each active day" if step.every == "active-day" else f"{duration_text(step.every)} apart"
    if step.jitter:
        yield f"up to {duration_text(step.jitter)} later"
    if isinstance(step.client, Client):
        yield step.client.app_name
    elif step.client != "own":
        yield _CLIENTS[step.client]
    if step.device == "strange":
        yield "strange machine"
    if isinstance(step.place, Place):
        yield f"from {step.place.city}, {step.place.country} ({_address(step.place)})"
    if isinstance(step, ItemUsageStep):
        yield f"{_ITEMS[step.item]} {_VAULTS[step.vault]}"


def _address(place: Place) -> str:
    return f"an address in {place.ip_address}" if "/" in place.ip_address else place.ip_address


def _deed(step: Step) -> str:
    times = f"{step.repeat} x " if step.repeat > 1 else ""
    match step:
        case SignInStep():
            whose = " to accounts of others" if step.target == "others" else ""
            kind = "" if step.type == "own" else f" ({step.type})"
            return f"{times}sign-in{whose}: {step.category}{kind}"
        case AuditStep():
            return f"{times}audit event: {step.action} {step.object_type}"
    return f"{times}{step.action}"

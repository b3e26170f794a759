"""Whether what happens in a scenario can happen so in 1Password, and is told in the plainest way."""

from collections.abc import Iterator
from typing import Final

from scenarios.apps import AppKind, capable
from scenarios.lints.page import Finding, Page
from scenarios.step import AuditStep, Client, ItemUsageStep, SignInStep, Step

_SUCCESSES: Final = frozenset({"credentials_ok", "mfa_ok", "federated", "own"})
"""The types of sign-ins that succeed."""

_REGISTERS: Final = ("create", "device")
"""The audit event of a device that signs in for the first time."""

_CLIENTS: Final[dict[AppKind, str]] = {
    "browser": "the browser extension",
    "desktop": "a desktop app",
    "phone": "a phone app",
    "web": "1Password.com",
    "command-line": "a command line",
}


def conduct(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the steps and the casting of *page*."""
    for index, step in enumerate(page.scenario.steps):
        if isinstance(step, ItemUsageStep):
            yield from _usage(page, index, step)
        if isinstance(step, SignInStep):
            yield from _sign_in(page, index, step)
        yield from _timing(page, index, step)
    yield from _strangers(page)
    yield from _casting(page)


def _usage(page: Page, index: int, step: ItemUsageStep) -> Iterator[Finding]:
    if isinstance(step.client, Client) or step.client == "own" or capable(step.client, step.action):
        return
    message = f"{_CLIENTS[step.client]} cannot {step.action}"
    yield page.finding(("steps", index), "impossible-client", message)


def _sign_in(page: Page, index: int, step: SignInStep) -> Iterator[Finding]:
    if (step.category == "success") != (step.type in _SUCCESSES) and step.category != "firewall_reported_success":
        message = f"a sign-in that ends as {step.category} is not of the type {step.type}"
        yield page.finding(("steps", index), "impossible-sign-in", message)
    if step.category == "success" and step.target == "others":
        message = "sign-ins of others that succeed would be incidents of theirs"
        yield page.finding(("steps", index), "impossible-sign-in", message)


def _timing(page: Page, index: int, step: Step) -> Iterator[Finding]:
    steps = page.scenario.steps
    if step.after == "start" and step in steps[:index]:
        yield page.finding(("steps", index), "repeated-step", "a step before is the same; use repeat")
    above = next((each for each in reversed(steps[:index]) if each.after == "start"), step)
    timed = step.after == "start" and "active-day" not in (step.every, above.every)
    if timed and step.at < above.at:
        yield page.finding(("steps", index), "step-order", "it begins before the step above it")
    if step.earlier and any(other.earlier is None for other in steps[:index]):
        yield page.finding(("steps", index), "step-order", "an earlier incident comes before the incident itself")
    once = step.repeat == 1 and "repeat" not in page.template.document.value["steps"][index]
    if once and step.every and step.every != "active-day":  # which moves even a single event to a day of theirs
        yield page.finding(("steps", index, "every"), "pointless-field", "nothing is repeated")


def _strangers(page: Page) -> Iterator[Finding]:
    """A strange machine signs in before it acts, and registers then; a command line with a token does neither."""
    if page.scenario.actor.role == "machine":
        return
    strange = [(index, step) for index, step in enumerate(page.scenario.steps) if step.device == "strange"]
    opened = [index for index, step in strange if isinstance(step, SignInStep) and step.category == "success"]
    for index, step in strange:
        acts = not isinstance(step, SignInStep) and step.client != "command-line"
        if acts and not any(earlier < index for earlier in opened):
            yield page.finding(("steps", index), "unsigned-device", "a strange device acts before it has signed in")
    registered = any(
        isinstance(step, AuditStep) and (step.action, step.object_type) == _REGISTERS for _, step in strange
    )
    if not registered and any(page.scenario.steps[index].client != "command-line" for index in opened):
        message = "a strange device that signs in leaves an audit event: create, device"
        yield page.finding(("steps", opened[0]), "unregistered-device", message)


def _casting(page: Page) -> Iterator[Finding]:
    actor = page.scenario.actor
    for index, action in enumerate(actor.has_done):
        if action in actor.often:
            yield page.finding(("actor", "has_done", index), "pointless-field", f"often says so of {action} already")
    if page.scenario.when.together is not None and page.scenario.count == 1:
        yield page.finding(("when", "together"), "pointless-field", "one incident is together with nobody")

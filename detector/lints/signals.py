"""What reaches a person."""

from collections.abc import Iterator

from detector.lints.page import Finding, Page


def signals(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the signals of the rule."""
    rule = page.rule
    if not rule.enabled:
        yield page.on("isEnabled", "disabled", "the rule is switched off in Datadog; here it runs all the same")
    if not rule.keep_alive_seconds:
        yield page.on("options.keepAlive", "signal-per-match", "keepAlive 0: each match is a signal of its own")
    if not rule.message.strip():
        yield page.on("message", "no-message", "the message is empty: a signal does not say what to do about it")
    if rule.name != rule.name.strip():
        yield page.on("name", "untrimmed-name", "the name begins or ends with a blank")

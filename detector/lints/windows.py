"""How long a rule learns and remembers, and knobs that turn nothing."""

from collections.abc import Iterator
from typing import Final

from detector.clock import learning_kind
from detector.lints.page import Finding, Page
from detector.verdict import GROUP_CLOCK, RULE_CLOCK

_NEW_VALUE: Final = "options.newValueOptions"


def windows(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the windows of the rule."""
    rule = page.rule
    if rule.learning_method == "duration" and rule.forget_after_days <= rule.learning_duration_days:
        yield page.on(
            f"{_NEW_VALUE}.forgetAfter",
            "forget-within-learning",
            f"forgetAfter {rule.forget_after_days} d, learningDuration {rule.learning_duration_days} d:"
            " values can be forgotten before learning ends",
        )
    if rule.learning_method == "duration" and rule.learning_duration_days == 0:
        yield page.on(
            f"{_NEW_VALUE}.learningDuration",
            "first-event-only",
            "learningDuration 0 learns from a group's first event only; whatever it does next is new",
        )
    yield from _idle(page)


def _idle(page: Page) -> Iterator[Finding]:
    """Knobs that are set and change nothing."""
    rule = page.rule
    clocked = learning_kind(rule) in (RULE_CLOCK, GROUP_CLOCK)
    knobs = (
        (
            rule.learning_method == "threshold" and rule.learning_duration_days > 0,
            f"{_NEW_VALUE}.learningDuration",
            "the learning method is threshold",
        ),
        (
            rule.learning_method == "duration" and rule.learning_threshold > 0,
            f"{_NEW_VALUE}.learningThreshold",
            "the learning method is duration",
        ),
        (
            rule.instantaneous_baseline and not clocked,
            f"{_NEW_VALUE}.instantaneousBaseline",
            "the rule learns for no duration",
        ),
        (
            rule.learning_scope == "group" and not clocked,
            "assumptions.learningScope",
            "the rule learns for no duration",
        ),
        (
            rule.learning_scope == "group" and clocked and not rule.group_by,
            "assumptions.learningScope",
            "without group-by fields there is one group, whose clock is the rule's",
        ),
        (
            rule.multi_value == "any" and len(rule.metrics) == 1,
            "assumptions.multiValue",
            "there is one metric",
        ),
        (
            rule.optional_group_by and not rule.group_by,
            "queries.0.hasOptionalGroupByFields",
            "there are no group-by fields",
        ),
        (rule.evaluation_window_seconds > 0, "options.evaluationWindow", "shipped rules have 0"),
        (
            rule.decrease_by_env and rule.severity == "info",
            "options.decreaseCriticalityBasedOnEnv",
            "no severity is below info",
        ),
    )
    for idle, field, why in knobs:
        if idle:
            yield page.on(field, "idle-knob", f"{field.rpartition('.')[2]} has no effect: {why}")

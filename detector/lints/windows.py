"""How long a rule learns and remembers, and knobs that turn nothing."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from detector.clock import learning_kind
from detector.lints.page import Finding, Page
from detector.rules import NewValueRule
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
            "learningDuration 0: only the first event of each group is learned; every other value is new at first",
        )
    yield from _idle(page)


def _idle(page: Page) -> Iterator[Finding]:
    """Knobs that are set and change nothing."""
    for knob in _KNOBS:
        if knob.idle(page.rule):
            yield page.on(knob.field, "idle-knob", f"{knob.field.rpartition('.')[2]} has no effect: {knob.why}")


class _Knob(NamedTuple):
    """A *field* of the rule, when it is set and changes nothing, and *why*."""

    field: str
    idle: Callable[[NewValueRule], bool]
    why: str


def _clocked(rule: NewValueRule) -> bool:
    return learning_kind(rule) in (RULE_CLOCK, GROUP_CLOCK)


def _by_group(rule: NewValueRule) -> bool:
    return rule.learning_scope == "group"


_DURATION: Final = f"{_NEW_VALUE}.learningDuration"
_THRESHOLD: Final = f"{_NEW_VALUE}.learningThreshold"
_BASELINE: Final = f"{_NEW_VALUE}.instantaneousBaseline"
_SCOPE: Final = "assumptions.learningScope"
_UNTIMED: Final = "the rule learns for no duration"
_ONE_CLOCK: Final = "without group-by fields there is one group, whose clock is the rule's"
_KNOBS: Final = (
    _Knob(
        _DURATION,
        lambda rule: rule.learning_method == "threshold" and rule.learning_duration_days > 0,
        "the learning method is threshold",
    ),
    _Knob(
        _THRESHOLD,
        lambda rule: rule.learning_method == "duration" and rule.learning_threshold > 0,
        "the learning method is duration",
    ),
    _Knob(_BASELINE, lambda rule: rule.instantaneous_baseline and not _clocked(rule), _UNTIMED),
    _Knob(_SCOPE, lambda rule: _by_group(rule) and not _clocked(rule), _UNTIMED),
    _Knob(_SCOPE, lambda rule: _by_group(rule) and _clocked(rule) and not rule.group_by, _ONE_CLOCK),
    _Knob(
        "assumptions.multiValue",
        lambda rule: rule.multi_value == "any" and len(rule.metrics) == 1,
        "there is one metric",
    ),
    _Knob(
        "queries.0.hasOptionalGroupByFields",
        lambda rule: rule.optional_group_by and not rule.group_by,
        "there are no group-by fields",
    ),
    _Knob(
        "options.evaluationWindow",
        lambda rule: rule.evaluation_window_seconds > 0,
        "it does not change verdicts; shipped rules have 0",
    ),
    _Knob(
        "options.decreaseCriticalityBasedOnEnv",
        lambda rule: rule.decrease_by_env and rule.severity == "info",
        "no severity is below info",
    ),
)

"""Settings: what a sweep varies of a rule."""

from dataclasses import replace
from typing import Any, Final

import msgspec

from detector.clock import learning_kind
from detector.rules import NewValueRule
from detector.verdict import GROUP_CLOCK, RULE_CLOCK

KNOBS: Final = {"learning_scope": "learningScope", "forget_mode": "forgetMode", "multi_value": "multiValue"}
"""The open readings, as a rule's document names them."""
READINGS: Final = tuple(KNOBS)
"""What Datadog's documentation leaves open: nobody's choice, but how the same rule is read."""
CHOICES: Final = ("learning_method", "learning_duration", "learning_threshold", "forget_after", "group_by", "metrics")
"""What the author of a rule decides."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """The knobs of a rule; learning and forgetting in days."""

    learning_method: str
    learning_duration: int
    learning_threshold: int
    forget_after: int
    learning_scope: str
    forget_mode: str
    multi_value: str
    group_by: tuple[str, ...]
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, rule: NewValueRule) -> "Setting":
        """The setting of a rule as it stands."""
        return cls(
            learning_method=rule.learning_method,
            learning_duration=rule.learning_duration_days,
            learning_threshold=rule.learning_threshold,
            forget_after=rule.forget_after_days,
            learning_scope=rule.learning_scope,
            forget_mode=rule.forget_mode,
            multi_value=rule.multi_value,
            group_by=rule.group_by,
            metrics=rule.metrics,
        )

    def applied(self, rule: NewValueRule) -> NewValueRule:
        """*rule* under this setting."""
        return replace(
            rule,
            learning_method=self.learning_method,
            learning_duration_days=self.learning_duration,
            learning_threshold=self.learning_threshold,
            forget_after_days=self.forget_after,
            learning_scope=self.learning_scope,
            forget_mode=self.forget_mode,
            multi_value=self.multi_value,
            group_by=self.group_by,
            metrics=self.metrics,
        )

    def meaning(self, rule: NewValueRule) -> tuple[Any, ...]:
        """Equal for settings under which *rule* comes to the same verdicts on any stream."""
        kind = learning_kind(self.applied(rule))
        duration = self.learning_duration if kind in (RULE_CLOCK, GROUP_CLOCK) else 0
        is_apart = self.multi_value == "any" and len(self.metrics) > 1
        return kind, duration, self.forget_after, self.forget_mode, is_apart, self.group_by, self.metrics

    def reading(self) -> tuple[str, ...]:
        """How the documentation is read under this setting."""
        return tuple(getattr(self, name) for name in READINGS)

    def choice(self) -> tuple[Any, ...]:
        """What an author chose under it."""
        return tuple(getattr(self, name) for name in CHOICES)

    def learning(self) -> str:
        """How it learns, in words.

        >>> from detector.rules import shipped_rule
        >>> Setting.of(shipped_rule()).learning()
        '7 d'
        """
        if self.learning_method == "threshold":
            return "first event" if self.learning_threshold else "none"
        return f"{self.learning_duration} d" if self.learning_duration else "first event"

    def shown(self) -> dict[str, Any]:
        """The knobs as JSON has them."""
        return dict(msgspec.to_builtins(self))

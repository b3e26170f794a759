"""The clock: a rule's windows as `detector.verdict` takes them, and the state that belongs to the rule as a whole."""

from typing import Any, Final, NamedTuple

import msgspec

from detector.instant import DAY, instant_text
from detector.rules import NewValueRule
from detector.stores.base import BaselineStore, StoreError, StoreView
from detector.verdict import FIRST_EVENT, GROUP_CLOCK, NEVER_LEARN, RULE_CLOCK, UNSET

CHECKPOINT_VERSION: Final = 1


class Windows(NamedTuple):
    """What of a rule decides its verdicts. Times and lengths are nanoseconds; see `detector.verdict`."""

    learning: int
    duration: int
    settled_before: int
    forget_after: int
    enabled_at: int
    fixed: bool

    @classmethod
    def of(cls, rule: NewValueRule, enabled_at: int | None) -> "Windows":
        """The windows of a rule that was enabled then, or None: with the first event.

        >>> from detector.rules import shipped_rule
        >>> Windows.of(shipped_rule(), None).forget_after == 28 * DAY
        True
        """
        learning, enabled = learning_kind(rule), UNSET if enabled_at is None else enabled_at
        reads_history = rule.instantaneous_baseline and learning in (RULE_CLOCK, GROUP_CLOCK)
        return cls(
            learning=learning,
            duration=rule.learning_duration_days * DAY,
            settled_before=enabled if reads_history else UNSET,
            forget_after=rule.forget_after_days * DAY,
            enabled_at=enabled,
            fixed=rule.forget_mode == "fixed",
        )


class Clock(msgspec.Struct):
    """The state that belongs to the rule rather than to a group, and the rule that it belongs to."""

    version: int
    rule: dict[str, Any]
    rule_start: int = UNSET
    live: bool = False
    """Whether an event at or after `enabled_at` has arrived."""

    def encode(self) -> bytes:
        """The clock as a store's checkpoint."""
        return msgspec.msgpack.encode(self)


def resume(store: BaselineStore, rule: NewValueRule, enabled_at: int) -> Clock:
    """The clock of the store's last commit, or a new one. Raises `StoreError` where it belongs to another rule."""
    meaning = {**rule.meaning(), "enabled_at": "not given" if enabled_at == UNSET else instant_text(enabled_at)}
    clock = read_clock(store)
    if clock is None:
        return Clock(CHECKPOINT_VERSION, meaning)
    for name, value in meaning.items():
        if clock.rule.get(name) != value:
            stored = clock.rule.get(name)
            raise StoreError(f"--store: it belongs to another rule: {name}: found {value!r}; legal: {stored!r}")
    return clock


def read_clock(store: StoreView) -> Clock | None:
    """The clock of the store's last commit, None before the first. Raises `StoreError` on one of another version."""
    blob = store.checkpoint()
    if blob is None:
        return None
    try:
        clock = msgspec.msgpack.decode(blob, type=Clock)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"the store's checkpoint cannot be read ({error})") from None
    if clock.version != CHECKPOINT_VERSION:
        raise StoreError(f"the store's checkpoint has version {clock.version}; legal: {CHECKPOINT_VERSION}")
    return clock


def learning_kind(rule: NewValueRule) -> int:
    """Which of `detector.verdict`'s ways of learning the rule asks for."""
    if rule.learning_method == "threshold":
        return FIRST_EVENT if rule.learning_threshold else NEVER_LEARN
    if rule.learning_duration_days == 0:
        return FIRST_EVENT
    return RULE_CLOCK if rule.learning_scope == "rule" else GROUP_CLOCK

"""The clock: a rule's windows as `detector.verdict` takes them, and the state that belongs to the rule as a whole."""

from typing import Any, Final, NamedTuple

import msgspec

from detector.instant import DAY, instant_text
from detector.progress import Progress
from detector.rules import NewValueRule
from detector.shard import Shard
from detector.stores.base import BaselineStore, StoreError, StoreView
from detector.verdict import FIRST_EVENT, GROUP_CLOCK, NEVER_LEARN, RULE_CLOCK, UNSET

CHECKPOINT_VERSION: Final = 2
"""1 knew of no runs that can be resumed."""


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


class _Versioned(msgspec.Struct):
    version: int


class Clock(msgspec.Struct):
    """The state that belongs to the rule rather than to a group, and the rule that it belongs to."""

    version: int
    rule: dict[str, Any]
    rule_start: int = UNSET
    live: bool = False
    """Whether an event at or after `enabled_at` has arrived."""
    greatest: int = UNSET
    """The greatest timestamp seen by runs that were promised a bound on lateness."""
    runs: int = 0
    """How many runs that can be resumed have begun."""
    progress: Progress | None = None
    """Of the last of them, unless it has ended."""
    releases: int = 0
    """How many runs over several stores have moved this one on."""
    beside: dict[str, int] = {}
    """Where the stores of other rules stood, by place, before the last such run: their checkpoints' CRC-32."""

    def encode(self) -> bytes:
        """The clock as a store's checkpoint."""
        return msgspec.msgpack.encode(self)


def resume(store: BaselineStore, rule: NewValueRule, enabled_at: int, shard: Shard | None = None) -> Clock:
    """The clock of the store's last commit, or a new one. Raises `StoreError` where it belongs to another rule."""
    enabled = "not given" if enabled_at == UNSET else instant_text(enabled_at)
    meaning = {**rule.meaning(), "enabled_at": enabled, **({"shard": str(shard)} if shard else {})}
    clock = read_clock(store)
    if clock is None:
        return Clock(CHECKPOINT_VERSION, meaning)
    for name in dict.fromkeys([*meaning, "shard"]):
        value, stored = meaning.get(name), clock.rule.get(name)
        if stored != value:
            other = "shard" if name == "shard" else f"rule: {name}"
            raise StoreError(f"--store: it belongs to another {other}: found {_told(value)}; legal: {_told(stored)}")
    return clock


def _told(value: object) -> str:
    return "none" if value is None else repr(value)


def read_clock(store: StoreView) -> Clock | None:
    """The clock of the store's last commit, None before the first. Raises `StoreError` on one of another version."""
    blob = store.checkpoint()
    if blob is None:
        return None
    try:
        version = msgspec.msgpack.decode(blob, type=_Versioned).version
        if version != CHECKPOINT_VERSION:
            raise StoreError(f"the store's checkpoint has version {version}; legal: {CHECKPOINT_VERSION}")
        return msgspec.msgpack.decode(blob, type=Clock)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"the store's checkpoint cannot be read ({error})") from None


def learning_kind(rule: NewValueRule) -> int:
    """Which of `detector.verdict`'s ways of learning the rule asks for."""
    if rule.learning_method == "threshold":
        return FIRST_EVENT if rule.learning_threshold else NEVER_LEARN
    if rule.learning_duration_days == 0:
        return FIRST_EVENT
    return RULE_CLOCK if rule.learning_scope == "rule" else GROUP_CLOCK

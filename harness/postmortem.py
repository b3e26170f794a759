"""Why an incident was missed: what the rule knew about its actor at the moment when it began."""

from collections.abc import Collection, Sequence

from detector.event import Event
from detector.instant import DAY, SECOND
from detector.reading import Reader
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from detector.token import scalars
from detector.verdict import KNOWN, NEVER_LEARN, UNSET, verdict
from harness.report.text import seconds_text
from harness.truth import Truth


def reasons_missed(rule: NewValueRule, truth: Truth, runs: Collection[str]) -> dict[str, str]:
    """For each of *runs* a sentence that says why the rule did not see it.

    The rule is run once more, up to each incident in turn, and asked what it knew then.
    """
    engine = StreamingEngine(rule, MemoryStore())
    reasons: dict[str, str] = {}
    pending: list[Event] = []
    for batch in Reader(Selector(rule)).batches([str(truth.directory)]):
        for event in batch:
            label = truth.labels.get(event.uuid)
            if label is not None and label.run in runs and label.run not in reasons:
                engine.feed(pending)
                pending.clear()
                reasons[label.run] = _reason(rule, engine, event)
            pending.append(event)
    return {run: reasons.get(run, "none of its events is one that the rule watches") for run in runs}


def _reason(rule: NewValueRule, engine: StreamingEngine, event: Event) -> str:
    baseline = engine.baseline(event.group)
    known: Sequence[str] = [
        f"{_named(value)} was nothing new from them: last seen {_ago(event, baseline.last_seen[value])} before"
        for value in event.values
        if _is_known(rule, event.timestamp, baseline.last_seen.get(value, UNSET))
    ]
    if known:
        return f"{'; '.join(known)}, and the rule remembers for {rule.forget_after_days} d"
    if engine.learning_at(event.timestamp, baseline.first_seen):
        return "the rule was still learning"
    return "its first event was new, and yet no signal holds it"


def _is_known(rule: NewValueRule, t: int, last_seen: int) -> bool:
    """Whether a value last seen then was remembered at *t*, whatever the rule's learning."""
    window = rule.forget_after_days * DAY
    return verdict(t, last_seen, UNSET, UNSET, NEVER_LEARN, 0, UNSET, window) == KNOWN


def _named(value: str) -> str:
    return ", ".join(f"`{part}`" for part in scalars(value, 1))


def _ago(event: Event, last_seen: int) -> str:
    return seconds_text((event.timestamp - last_seen) / SECOND)

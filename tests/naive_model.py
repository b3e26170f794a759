"""The rule a second time, as slowly and as plainly as its definition can be read: the referee of every engine.

Plain dicts in, plain dicts out. Nothing is remembered but the list of everything seen, and every question is answered
by looking through all of it. It shares no code with the detector, on purpose.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from naive_records import SECOND, Json, Tagged, attribute, identity, plain, rendered, rfc3339, selects, tagged

Group: TypeAlias = tuple[Tagged, ...]
Value: TypeAlias = tuple[tuple[str, Tagged], ...]
"""The watched fields that make up one value, by name: all of them, or with `any` one of them."""

DAY = 86_400 * SECOND
SEVERITIES = ["info", "low", "medium", "high", "critical"]


@dataclass
class Seen:
    """One value of one event that the rule has seen; *known* is whether it was known just before."""

    at: int
    group: Group
    value: Value
    known: bool


@dataclass
class Model:
    """Everything that has happened so far, and what came of it."""

    rule: Json
    enabled_at: int | None = None
    seen: list[Seen] = field(default_factory=list)
    live: list[int] = field(default_factory=list)
    learned_before_enabling: list[Group] = field(default_factory=list)
    matches: list[Json] = field(default_factory=list)
    signals: list[Json] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def arrive(self, record: Json) -> None:
        """One record arrives: sections 2 and 3."""
        uuid, t = identity(record)
        query = self.rule["queries"][0]
        group = [tagged(attribute(record, name)) for name in query["groupByFields"]]
        if query.get("hasOptionalGroupByFields", False):
            group = [("string", "N/A") if member is None else member for member in group]
        values = self.values(record)
        if not seen_at_all(record, self.rule):
            self.ignored["does not match the query"] += 1
        elif None in group:
            self.ignored["a group-by field is absent"] += 1
        elif not values:
            self.ignored["the watched fields are absent"] += 1
        else:
            self.select(record, uuid, t, tuple(member for member in group if member), values)

    def values(self, record: Json) -> list[Value]:
        fields = self.rule["queries"][0]["metrics"]
        read = [(name, tagged(attribute(record, name))) for name in fields]
        present = tuple((name, found) for name, found in read if found is not None)
        if self.assumption("multiValue", "tuple") == "any":
            return [(one,) for one in present]
        return [present] if len(present) == len(fields) else []

    def select(self, record: Json, uuid: str, t: int, group: Group, values: list[Value]) -> None:
        if self.enabled_at is not None and t < self.enabled_at:
            if not self.is_history(t):
                self.ignored["before the rule was enabled"] += 1
                return
            self.seen += [Seen(t, group, value, self.known(t, group, value)) for value in values]
            self.learned_before_enabling.append(group)
            return
        self.live.append(t)
        learning = self.learning(t, group)
        judged = [Seen(t, group, value, self.known(t, group, value)) for value in values]
        self.seen += judged
        new = [pair for one in judged if not one.known and not learning for pair in one.value]
        if new:
            self.match(record, uuid, t, group, new)

    def is_history(self, t: int) -> bool:
        looks_back = self.option("instantaneousBaseline", None) and self.duration() > 0
        return bool(
            looks_back and not self.live and self.enabled_at is not None and self.enabled_at - self.duration() <= t
        )

    def learning(self, t: int, group: Group) -> bool:
        """Section 3, rule 1."""
        threshold = self.option("learningMethod", "duration") == "threshold"
        if threshold and self.option("learningThreshold", 0) == 0:
            return False
        of_group = [seen.at for seen in self.seen if seen.group == group]
        if threshold or self.duration() == 0:
            return not of_group
        if self.assumption("learningScope", "rule") == "group":
            start = of_group[0] if of_group else t
            return group not in self.learned_before_enabling and t < start + self.duration()
        start = self.live[0] if self.enabled_at is None else self.enabled_at
        return not self.learned_before_enabling and t < start + self.duration()

    def known(self, t: int, group: Group, value: Value) -> bool:
        """Section 3, rule 2."""
        last = self.last_seen(group, value)
        return last is not None and t - last < self.option("forgetAfter", None) * DAY

    def last_seen(self, group: Group, value: Value) -> int | None:
        fixed = self.assumption("forgetMode", "sliding") == "fixed"
        of_value = [seen for seen in self.seen if (seen.group, seen.value) == (group, value)]
        return max((seen.at for seen in of_value if not (fixed and seen.known)), default=None)

    def match(self, record: Json, uuid: str, t: int, group: Group, new: list[tuple[str, Tagged]]) -> None:
        match = {
            "uuid": uuid,
            "timestamp": rfc3339(t),
            "group": self.named(group),
            "value": {name: plain(found) for name, found in new},
            "item_uuid": plain(tagged(attribute(record, "@item_uuid"))),
            "vault_uuid": plain(tagged(attribute(record, "@vault_uuid"))),
        }
        self.matches.append(match)
        if not any(selects(query, record) for query in suppressions(self.rule, "suppressionQuery")):
            self.signal(record, t, match)

    def signal(self, record: Json, t: int, match: Json) -> None:
        """Section 4. While it is gathered, a signal has its times as integers, under `times`."""
        keep_alive = self.rule["options"]["keepAlive"] * SECOND
        longest = self.rule["options"]["maxSignalDuration"] * SECOND
        same_group = [signal for signal in self.signals if typed(signal["group"]) == typed(match["group"])]
        if same_group and keep_alive > 0:
            last = same_group[-1]
            if abs(t - max(last["times"])) <= keep_alive and abs(t - min(last["times"])) <= longest:
                last["times"].append(t)
                last["matches"].append(match)
                return
        self.signals.append(
            {
                "rule": self.rule["name"],
                "severity": severity(self.rule, attribute(record, "env")),
                "group": match["group"],
                "times": [t],
                "title": rendered(self.rule["name"], record),
                "message": rendered(self.rule["message"], record),
                "matches": [match],
            }
        )

    def shown_signals(self) -> list[Json]:
        """The signals in the order of their opening, with their times as text."""
        return [
            {
                **{name: signal[name] for name in ("rule", "severity", "group")},
                "opened_at": rfc3339(min(signal["times"])),
                "last_match_at": rfc3339(max(signal["times"])),
                **{name: signal[name] for name in ("title", "message", "matches")},
            }
            for signal in self.signals
        ]

    def state(self) -> dict[Group, tuple[int, dict[Value, int | None]]]:
        """Per group when it was first seen, and when each of its values was last seen."""
        return {
            group: (
                next(seen.at for seen in self.seen if seen.group == group),
                {one.value: self.last_seen(group, one.value) for one in self.seen if one.group == group},
            )
            for group in {seen.group for seen in self.seen}
        }

    def named(self, group: Group) -> Json:
        names = self.rule["queries"][0]["groupByFields"]
        return {name: plain(member) for name, member in zip(names, group, strict=True)}

    def duration(self) -> int:
        threshold = self.option("learningMethod", "duration") == "threshold"
        return 0 if threshold else self.option("learningDuration", 0) * DAY

    def option(self, name: str, default: Any) -> Any:
        return self.rule["options"]["newValueOptions"].get(name, default)

    def assumption(self, name: str, default: str) -> Any:
        return self.rule.get("assumptions", {}).get(name, default)


def typed(value: Any) -> str:
    """JSON text, by which 1 and true differ."""
    return json.dumps(value)


def seen_at_all(record: Json, rule: Json) -> bool:
    """Whether an event matches the query and every required filter, and no exclusion."""
    filters = rule.get("filters", [])
    required = [one["query"] for one in filters if one["action"] == "require"]
    excluded = [one["query"] for one in filters if one["action"] == "suppress"]
    excluded += suppressions(rule, "dataExclusionQuery")
    wanted = [rule["queries"][0]["query"], *required]
    return all(selects(query, record) for query in wanted) and not any(selects(query, record) for query in excluded)


def suppressions(rule: Json, name: str) -> list[str]:
    enabled = [one for one in rule.get("suppressions", []) if one.get("enabled", True)]
    return [one[name] for one in [rule, *enabled] if one.get(name)]


def severity(rule: Json, environment: Any) -> str:
    level = SEVERITIES.index(rule["cases"][0]["status"])
    lenient = isinstance(environment, str) and environment.startswith(("staging", "test", "dev"))
    if rule["options"].get("decreaseCriticalityBasedOnEnv", False) and lenient and level > 0:
        level -= 1
    return SEVERITIES[level]


def run(records: list[Json], rule: Json, enabled_at: int | None = None) -> Model:
    """The model after all *records* have arrived."""
    model = Model(rule, enabled_at)
    for record in records:
        model.arrive(record)
    return model

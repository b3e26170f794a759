"""The landscape: what was tried, by what an author chooses and by how the documentation is read."""

from collections.abc import Sequence

from msgspec.structs import replace

from detector.rules import NewValueRule
from harness.sweep.front import Worth, front
from harness.sweep.setting import CHOICES, READINGS, Setting
from harness.sweep.trying import Tried

Reading = tuple[str, ...]


class Landscape:
    """The settings of *rule* that were tried, its own first; those that learn for longer than *longest* days apart."""

    def __init__(self, rule: NewValueRule, tried: Sequence[Tried], longest: int) -> None:
        self.own = tried[0]
        self.tried = tried
        self._rule = rule
        self._longest = longest
        self._by_meaning = {each.setting.meaning(rule): each for each in tried}
        self._choices = list(dict.fromkeys(each.setting.choice() for each in tried))

    def values(self, knob: str) -> list[str]:
        """The values of a knob that were tried, the rule's own first."""
        return list(dict.fromkeys(getattr(each.setting, knob) for each in self.tried))

    def under(self, reading: Reading) -> list[Tried]:
        """What was tried if the documentation is read that way, the rule's own choice first if it was."""
        asked = (self._as_read(choice, reading) for choice in self._choices)
        return [self._by_meaning[meaning] for meaning in asked if meaning in self._by_meaning]

    def own_under(self, reading: Reading) -> Tried | None:
        """The rule as it stands, read that way; None where that was not tried."""
        return self._by_meaning.get(self._as_read(self.own.setting.choice(), reading))

    def best(self, reading: Reading) -> Tried | None:
        """The fewest signals among what finds as many incidents as the rule does as it stands.

        Of several, what finds most, and then what comes first: the rule itself, where nothing is better. None if no
        attack is scored, or the rule is scored over another time than the others, so that nothing compares with it.
        """
        own = self.own_under(reading)
        if own is None or own.figures.recall.value is None or not self.is_comparable(own):
            return None
        rivals = [each for each in self.under(reading) if self.is_comparable(each) and _finds_as_much(each, own)]
        return min([own, *rivals], key=_cost)

    def on_front(self) -> set[int]:
        """The settings, by place, of which no other is better under its reading."""
        places = {id(each): place for place, each in enumerate(self.tried)}
        found = set()
        for reading in dict.fromkeys(each.setting.reading() for each in self.tried):
            rivals = [each for each in self.under(reading) if self.is_comparable(each)]
            kept = front([_worth(each) for each in rivals])
            found |= {places[id(each)] for each, is_kept in zip(rivals, kept, strict=True) if is_kept}
        return found

    def is_comparable(self, tried: Tried) -> bool:
        """Whether it was scored over the same time as the others."""
        setting = tried.setting
        return setting.learning_method != "duration" or setting.learning_duration <= self._longest

    @property
    def is_apart(self) -> bool:
        """Whether attacks are scored, but the rule as it stands over another time than the other settings."""
        return not self.is_comparable(self.own) and any(each.figures.recall.of for each in self.tried)

    def _as_read(self, choice: tuple[object, ...], reading: Reading) -> tuple[object, ...]:
        knobs = dict(zip((*CHOICES, *READINGS), (*choice, *reading), strict=True))
        return replace(self.own.setting, **knobs).meaning(self._rule)


def with_value(setting: Setting, knob: str, value: str) -> Reading:
    """The reading of a setting with one knob turned."""
    return replace(setting, **{knob: value}).reading()


def _worth(tried: Tried) -> Worth:
    return Worth(tried.figures.recall.value, tried.figures.load.rate)


def _finds_as_much(tried: Tried, own: Tried) -> bool:
    """Neither a smaller share nor fewer: who learns on the groups' own clocks is not asked about their first days."""
    recall, owns = tried.figures.recall, own.figures.recall
    if recall.value is None or owns.value is None or tried.figures.load.rate is None:
        return False
    return recall.value >= owns.value and recall.part >= owns.part


def _cost(tried: Tried) -> tuple[float, float]:
    rate = tried.figures.load.rate
    return (float("inf") if rate is None else rate), -(tried.figures.recall.value or 0.0)

"""Advice: one sentence that follows from the figures and their intervals, and what it hangs on."""

from collections.abc import Sequence

from harness.scorecard import Ratio
from harness.sweep.difference import Difference, difference
from harness.sweep.landscape import Landscape, with_value
from harness.sweep.setting import KNOBS, READINGS, Setting
from harness.sweep.trying import Trial, Tried


def advice(landscape: Landscape, trial: Trial) -> str:
    """What to do about the rule."""
    own, best = landscape.own, landscape.best(landscape.own.setting.reading())
    if landscape.is_apart:
        return (
            f"The rule learns {_learning(own.setting)}, more than half of a stream, so that it is scored over less"
            " time than other settings, and nothing says which is better; score more time."
        )
    if best is None:
        return "No attack is scored here, so nothing says which setting is better; stage some, or score more time."
    if best is own:
        return f"Keep the rule as it is: no setting that finds as much ({_found(own)}) raises fewer signals."
    spared = difference(trial.evidences(own.setting), trial.evidences(best.setting))
    if not spared.is_plain:
        return (
            f"Keep the rule as it is: to {changes(own.setting, best.setting)} would have {_recall(own, best)} and"
            f" {_saving(spared)}, which these streams cannot tell from no difference."
        )
    told = changes(own.setting, best.setting)
    return f"{told[0].upper()}{told[1:]}: {_recall(own, best)}, {_saving(spared)}{_at_first(own, best, trial)}."


def hangs_on(landscape: Landscape) -> dict[str, str]:
    """For each open reading that was tried, whether the best setting is another one under it."""
    found = {}
    for knob in READINGS:
        others = landscape.values(knob)[1:]
        if others:
            found[knob] = "; ".join(_under(landscape, knob, value) for value in others)
    return found


def changes(own: Setting, other: Setting) -> str:
    """What one has to change of the one setting to come to the other, in words."""
    told = []
    if own.learning() != other.learning():
        told.append(f"learn {_learning(other)} rather than {_learning(own)}")
    if own.forget_after != other.forget_after:
        told.append(f"forget after {other.forget_after} d rather than {own.forget_after} d")
    if own.group_by != other.group_by:
        told.append(f"group by {_fields(other.group_by)} rather than {_fields(own.group_by)}")
    if own.metrics != other.metrics:
        told.append(f"watch {_fields(other.metrics)} rather than {_fields(own.metrics)}")
    return " and ".join(told)


def _under(landscape: Landscape, knob: str, value: str) -> str:
    """Whether the conclusion is another one with *knob* read as *value*."""
    reading = with_value(landscape.own.setting, knob, value)
    own, here = landscape.own_under(reading), landscape.own
    named = f"with {KNOBS[knob]} {value}"
    if own is None:
        return f"unknown: {named} the rule as it stands was not tried"
    if own is here and all(each.setting.reading() == here.setting.reading() for each in landscape.under(reading)):
        return f"no: {named} nothing changes"
    best, before = landscape.best(reading), landscape.best(here.setting.reading())
    figures = (
        f"the rule as it stands finds {_found(own)} with {_load(own)}, instead of {_found(here)} with {_load(here)}"
    )
    if best is None or before is None:
        why = "the rule is scored over another time" if landscape.is_apart else "nothing is scored"
        return f"unknown: {why}; {named} {figures}"
    if best.setting.choice() == before.setting.choice():
        return f"no: {named} the same setting is best; {figures}"
    told = changes(before.setting, best.setting) or "keep it"
    return f"yes: {named} the best is to {told}; {figures}"


def _recall(own: Tried, best: Tried) -> str:
    before, after = own.figures.recall, best.figures.recall
    if (before.part, before.of) == (after.part, after.of):
        return f"the same recall ({_of(after)})"
    return f"recall {_of(after)} instead of {_of(before)}"


def _saving(spared: Difference) -> str:
    assert spared.saved is not None
    low, high = spared.interval.low, spared.interval.high
    interval = "" if low is None or high is None else f" (95 %: {100 * low:.0f} to {100 * high:.0f} %)"
    return f"{100 * spared.saved:.0f} % fewer signals{interval}"


def _at_first(own: Tried, best: Tried, trial: Trial) -> str:
    """What the figures leave out: who learns for less time asks more while the rule is new."""
    before, after = own.figures.unscored_signals, best.figures.unscored_signals
    if after <= before:
        return ""
    return f"; but {after:,} signals rather than {before:,} before day {trial.learning_days}, where nothing is scored"


def _found(tried: Tried) -> str:
    return f"{_of(tried.figures.recall)} attacks"


def _of(ratio: Ratio) -> str:
    return f"{ratio.part:,} of {ratio.of:,}"


def _load(tried: Tried) -> str:
    rate = tried.figures.load.rate
    return "no load that can be told" if rate is None else f"{rate:,.1f} signals a day per 1,000 people"


def _learning(setting: Setting) -> str:
    learning = setting.learning()
    return {"none": "nothing", "first event": "the first event alone"}.get(learning, f"for {learning}")


def _fields(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"

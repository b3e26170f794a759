"""The verdict: what the figures come to, in sentences that follow from them."""

from collections.abc import Iterator

from harness.output import counted
from harness.report.html.wording import interval, number, percent
from harness.scorecard import Ratio, Scorecard


def headline(card: Scorecard) -> str:
    """The verdict in one sentence: what was found, and what it costs."""
    precision, recall = card.precision, card.recall
    found = f"{recall.part:,} of {counted(recall.of, 'attack')} found" if recall.of else "No attack to be found"
    if card.load.people and not card.load.days:
        return "Nothing was scored: no time is left after the learning period."
    if not precision.of:
        return f"{found}, and no signal at all."
    rate = card.load.rate
    asks = counted(precision.of, "signal") if rate is None else f"{number(rate)} signals a day per 1,000 people"
    false = precision.of - precision.part
    return f"{found}, at {asks}: {false:,} of {precision.of:,} signals were false alarms."


def certainty(card: Scorecard) -> list[str]:
    """How sure that is: sentences."""
    told = []
    recall = interval(card.recall.low, card.recall.high)
    precision = interval(card.precision.low, card.precision.high)
    if recall:
        told.append(f"With 95% confidence it finds {recall} of such attacks.")
    if precision:
        told.append(f"Of its signals {precision} are true.")
    told += [*_chance(card), *_bound(card)]
    return told


def _chance(card: Scorecard) -> Iterator[str]:
    chance = card.floors.random
    if card.precision.of and chance.recall is not None and chance.precision is not None:
        found, true = percent(chance.recall), percent(chance.precision)
        yield f"As many signals drawn at random would find {found} of the attacks, and {true} of them would be true."
        yield from _not_beyond(card.precision, chance.precision)


def _not_beyond(precision: Ratio, chance: float) -> Iterator[str]:
    """What nobody should read past: signals that are no truer than any others would be."""
    if precision.high is not None and precision.high < chance:
        yield "That is truer than its own signals are."
    elif precision.low is not None and precision.low <= chance:
        yield "Its own signals cannot be said to be truer than that."


def _bound(card: Scorecard) -> Iterator[str]:
    """What a rule could find at most that remembers everything; one that forgets may find more."""
    found, oracle = card.recall.part, card.oracle
    if not oracle.of:
        return
    if found > oracle.part:
        yield f"A rule that never forgets could have found {oracle.part:,}; this one finds more because it forgets."
    elif oracle.part < oracle.of:
        most = f"A rule that never forgets could have found at most {oracle.part:,} of {oracle.of:,}"
        yield f"{most}; the other attacks are made of what their victims do anyway."
    else:
        yield "A rule that never forgets could have found all of them."

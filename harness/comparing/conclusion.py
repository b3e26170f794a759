"""The conclusion of a comparison: one sentence that follows from its figures, and says no more than they do."""

from collections.abc import Mapping

from harness.comparing.comparison import Compared


def conclusion(recall: Compared, load: Compared, precision: Compared, *, is_same: bool) -> str:
    """Which rule to take, by recall and load, then by precision, as far as their differences are more than chance."""
    if is_same:
        return "A and B raise the same signals on these streams: nothing tells them apart."
    finds, costs = recall.favours_b, load.favours_b
    if finds * costs < 0:
        better = "B" if finds > 0 else "A"
        return f"A trade: {better} {_found(recall, better)}, at {_signals(load, better)}."
    if finds and costs:
        better = "B" if finds > 0 else "A"
        return f"{better} is better on both counts: it {_found(recall, better)} and raises {_signals(load, better)}."
    if finds:
        better = "B" if finds > 0 else "A"
        return f"{better} finds more: it {_found(recall, better)}; {_untold(load)}."
    if costs:
        better = "B" if costs > 0 else "A"
        return f"{better} costs less: it raises {_signals(load, better)}; {_untold(recall)}."
    first = "A and B cannot be told apart on these streams"
    if precision.favours_b:
        better = "B" if precision.favours_b > 0 else "A"
        first = f"{better} is the more precise, and no more can be told"
    return f"{first}: {_untold(recall)}; {_untold(load)}."


def _found(recall: Compared, better: str) -> str:
    mine, other = _sides(recall, better)
    return f"finds {mine:.1%} of the attack incidents rather than {other:.1%}"


def _signals(load: Compared, better: str) -> str:
    mine, other = _sides(load, better)
    told = f"{mine:.1f} rather than {other:.1f} a day per 1,000 people"
    if not other:
        return f"signals where the other raises none ({told})"
    word = "fewer" if mine < other else "more"
    return f"{abs(mine / other - 1):.0%} {word} signals ({told})"


def _sides(figure: Compared, better: str) -> tuple[float, float]:
    """The value of the better rule, then that of the other."""
    a, b = figure.a.value or 0.0, figure.b.value or 0.0
    return (b, a) if better == "B" else (a, b)


_SAYS: Mapping[str, str] = {
    "recall": "recall says nothing, as no attack incident was scored for both",
    "load": "the load says nothing, as no day was scored for both",
}


def _untold(figure: Compared) -> str:
    """What a difference may be that is not more than chance."""
    low, high = figure.difference.low, figure.difference.high
    if figure.difference.value is None or low is None or high is None:
        return _SAYS[figure.name]
    if figure.name == "recall":
        told = _range(low * 100, high * 100, "points lower", "higher")
        return f"whose recall is higher cannot be told: B's is {told} than A's"
    told = _range(low, high, "fewer", "more")
    return f"whose load is lower cannot be told: with B it is {told} signals a day per 1,000 people"


def _range(low: float, high: float, below: str, above: str) -> str:
    return f"between {abs(low):.1f} {below} and {abs(high):.1f} {above}"

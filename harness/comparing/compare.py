"""The comparison of two rules over streams."""

from typing import Any

from detector.rules import NewValueRule
from harness.comparing.comparison import Comparison, Side
from harness.comparing.conclusion import conclusion
from harness.comparing.figures import causes, figures
from harness.comparing.pairing import Pairing
from harness.comparing.splitting import split
from harness.streams import Streams, paired_evidences


def compare(
    sources: tuple[str, str], rules: tuple[NewValueRule, NewValueRule], streams: Streams, base_rate: float
) -> Comparison:
    """Run both *rules*, which came from *sources*, over *streams*, and compare what they raised.

    *base_rate* is in attack incidents per person-year. Raises the one-line errors of reading, and `BaseRateError`.
    """
    evidences = list(paired_evidences(rules, streams))
    pairing = Pairing.of(rules, ([pair[0] for pair in evidences], [pair[1] for pair in evidences]), base_rate)
    compared = {each.name: each for each in figures(pairing)}
    a, b = (Side(source, rule.name) for source, rule in zip(sources, rules, strict=True))
    return Comparison(
        a=a,
        b=b,
        differ_in=_differ_in(rules),
        streams=streams.shown(),
        told_streams=str(streams),
        figures=list(compared.values()),
        causes=causes(pairing),
        attacks=split(pairing.evidences, "attack"),
        look_alikes=split(pairing.evidences, "benign"),
        base_rate=base_rate,
        conclusion=conclusion(compared["recall"], compared["load"], compared["precision"], is_same=pairing.is_same()),
        note=streams.caveat,
    )


def _differ_in(rules: tuple[NewValueRule, NewValueRule]) -> dict[str, tuple[Any, Any]]:
    a, b = (rule.meaning() for rule in rules)
    return {name: (a[name], b[name]) for name in a if name != "name" and a[name] != b[name]}

"""The page of reports that are hostile, or of which hardly anything is known."""

import msgspec
import pytest
from html_pages import parsed
from html_reports import baseline, card, outcome, report

from harness.report.html.page import html
from harness.report.html.report import Fate, Report
from harness.scorecard import Latency, Load, Measure, PredictiveValue, Ranges, Ratio
from harness.scoring.evidence import Evidence

HOSTILE = {
    "markup": "</style></svg><script>alert(1)</script><img src=x onerror=alert(2)>",
    "quotes": '"\' onmouseover="alert(1)" x=\'',
    "templates": "{{ 7 * 7 }}{% raw %}{# #}",
    "from right to left": "\u202etxt.exe\u202c \u05d0\u05d1",
    "long": "x" * 500,
    "backticks": "`<b>`bold`</b>`",
}


def named(name: str) -> Report:
    """A report in which everything that comes from outside is called *name*."""
    outcomes = [outcome(number, f"attacks/{name}", name, found=number % 2 == 0) for number in range(4)]
    cause = {name: 3, "attack": 1}
    told = report(sweep=None)
    raised = [msgspec.structs.replace(each, person=name, cause=name) for each in told.evidences[0].raised]
    return msgspec.structs.replace(
        told,
        card=card(outcomes, cause, 12, rule=name, streams=[name], note=name, assumptions={name: name}),
        evidences=[msgspec.structs.replace(told.evidences[0], raised=raised, stream=name)],
        fates=[Fate(each, name, name, name) for each in outcomes],
        baseline=msgspec.structs.replace(baseline([name] * 3, (name, "fill")), noun=name, stream=name),
        origin=[(name, name)],
    )


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_only_ever_text(name: str) -> None:
    page = parsed(html(named(name)))
    assert not [*page.all("script", "img", "b")]
    assert not [each for element in page.all() for each in element.attributes if each.startswith("on")]
    told = next(section for section in page.all("section") if section.attributes["id"] == "origin").text
    assert name in told


def test_a_long_name_does_not_make_the_page_large() -> None:
    assert len(html(named("x" * 500))) < len(html(report())) + 60_000


def nothing() -> Report:
    """Nothing staged, nothing raised, nobody there."""
    empty = Ratio(0, 0)
    evidence = Evidence(
        stream="",
        raised=[],
        staged=[],
        unscored_signals=0,
        unscored_incidents=0,
        days=0.0,
        people=0,
        new_person_days=0.0,
        watched_events=0,
        watched_attack_events=0,
    )
    told = card(
        [],
        {},
        0,
        precision=empty,
        recall=empty,
        oracle=empty,
        look_alikes=empty,
        ranges=Ranges(Measure(), Measure()),
        latency=Latency(0),
        load=Load(0, 0.0, 0),
        ppv=PredictiveValue(0.01, None, None, None),
        streams=[],
        stages=[],
    )
    return report(card=told, evidences=[evidence], fates=[], baseline=None, sweep=None, origin=[])


def test_where_nothing_happened_the_page_says_so() -> None:
    page = parsed(html(nothing()))
    assert next(page.all("h1")).text == "No attack to be found, and no signal at all."
    for words in ("Nothing was staged.", "No signal was raised.", "No attack was scored.", "No incident was scored."):
        assert words in page.text
    assert "nan" not in page.text.lower().split()


def test_where_all_were_found_nothing_is_missed() -> None:
    outcomes = [outcome(number, "attacks/bulk-export", "ana", found=True) for number in range(3)]
    told = report(card=card(outcomes, {"attack": 3}, 3), fates=[Fate(each, each.scenario) for each in outcomes])
    assert "None: every attack raised a signal." in parsed(html(told)).text


def test_what_fell_into_the_learning_period_is_neither_found_nor_missed() -> None:
    outcomes = [outcome(1, "attacks/bulk-export", "ana", found=None)]
    told = report(card=card(outcomes, {}, 3), fates=[Fate(each, each.scenario) for each in outcomes])
    page = parsed(html(told))
    assert "not scored: the rule was still learning" in page.text
    assert "No attack was scored." in page.text


def test_a_period_of_years_is_drawn_by_the_week() -> None:
    told = report()
    long = msgspec.structs.replace(told, end=told.begin + 10 * (told.end - told.begin))
    assert "Signals by week" in parsed(html(long)).text

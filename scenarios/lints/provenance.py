"""What makes a scenario defensible: its ATT&CK ids and its references."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from scenarios.attack import TACTICS, TECHNIQUES
from scenarios.lints.page import Finding, Page

_ATTACK = "attack.mitre.org"
_TECHNIQUE = re.compile(r"/techniques/(T\d{4})(?:/(\d{3}))?/?$")


def provenance(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the ATT&CK ids and references of *page*."""
    yield from _ids(page)
    yield from _agreement(page)
    yield from _kind(page)
    yield from _references(page)


def _ids(page: Page) -> Iterator[Finding]:
    for field, known in (("tactics", TACTICS), ("techniques", TECHNIQUES)):
        for index, each in enumerate(getattr(page.scenario, field)):
            if each not in known:
                yield page.finding((field, index), "unknown-attack-id", f"{each} is none of scenarios/attack.py")


def _agreement(page: Page) -> Iterator[Finding]:
    """Every technique serves a tactic that is named, and every tactic is served."""
    named, scenario = set(page.scenario.tactics), page.scenario
    served = {tactic for each in scenario.techniques if each in TECHNIQUES for tactic in TECHNIQUES[each].tactics}
    for index, each in enumerate(scenario.techniques):
        if each in TECHNIQUES and not named & set(TECHNIQUES[each].tactics):
            legal = ", ".join(TECHNIQUES[each].tactics)
            yield page.finding(
                ("techniques", index), "technique-without-tactic", f"{each} serves {legal}; name one of them"
            )
    for index, tactic in enumerate(scenario.tactics):
        if tactic in TACTICS and tactic not in served:
            yield page.finding(
                ("tactics", index), "tactic-without-technique", f"no technique here serves {tactic}, {TACTICS[tactic]}"
            )


def _kind(page: Page) -> Iterator[Finding]:
    scenario = page.scenario
    if scenario.kind == "benign":
        for field in ("tactics", "techniques"):
            if getattr(scenario, field):
                yield page.finding((field,), "benign-with-technique", "a look-alike does no harm, so it has none")
    elif not scenario.techniques:
        yield page.finding(("kind",), "attack-without-technique", "name at least one ATT&CK technique")


def _references(page: Page) -> Iterator[Finding]:
    scenario = page.scenario
    if all(urlsplit(url).hostname == _ATTACK for url in scenario.references):
        yield page.finding(
            ("references",), "no-reference", f"give a public write-up besides {_ATTACK}: a report, a vendor's page"
        )
    for index, reference in enumerate(scenario.references):
        if reference in scenario.references[:index]:
            yield page.finding(("references", index), "repeated-reference", "it is there already")
        about = _TECHNIQUE.search(reference) if scenario.kind == "attack" and _ATTACK in reference else None
        technique = ".".join(filter(None, about.groups())) if about else None
        if technique and technique not in scenario.techniques:
            yield page.finding(("references", index), "stray-reference", f"{technique} is not among the techniques")

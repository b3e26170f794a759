"""Whether an attack and its look-alike name each other."""

from collections.abc import Iterator, Mapping

from scenarios.lints.page import Finding, Page
from scenarios.scenario import Scenario


def twins(page: Page, others: Mapping[str, Scenario]) -> Iterator[Finding]:
    """Yield what is wrong with the twin of *page*, to be found among *others*, by id."""
    name = page.scenario.twin
    if name is None:
        return
    twin = others.get(name)
    if twin is None:
        yield page.finding(("twin",), "no-such-twin", f"there is no scenario {name}")
        return
    if twin.kind == page.scenario.kind:
        yield page.finding(("twin",), "twin-of-same-kind", f"{name} is {twin.kind} too")
    if twin.twin != page.id:
        named = twin.twin or "nobody"
        yield page.finding(("twin",), "one-sided-twin", f"{name} names {named} as its twin")

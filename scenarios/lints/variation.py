"""What of a scenario can be varied: its arguments and cases."""

import re
from collections.abc import Iterator

from scenarios.document import ScenarioError
from scenarios.lints.page import Finding, Page
from scenarios.scenario import load_scenario


def variation(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the arguments and cases of *page*."""
    yield from _unused(page)
    yield from _equal(page)
    yield from _broken(page)


def _unused(page: Page) -> Iterator[Finding]:
    for name in page.template.arguments:
        if not re.search(rf"#\{{{re.escape(name)}\}}", page.text):
            message = f"nothing in the file says #{{{name}}}"
            yield page.finding(("arguments", name), "unused-argument", message)


def _equal(page: Page) -> Iterator[Finding]:
    """Every case is another play than the defaults and the cases before it."""
    defaults = {name: argument.default for name, argument in page.template.arguments.items()}
    played = [defaults]
    for index, case in enumerate(page.scenario.cases):
        values = {**defaults, **case}
        if values in played:
            yield page.finding(("cases", index), "equal-case", "the defaults or another case are the same")
        played.append(values)


def _broken(page: Page) -> Iterator[Finding]:
    """Every case can be played."""
    path = page.template.document.path
    for index, case in enumerate(page.scenario.cases):
        try:
            load_scenario(path, case)
        except ScenarioError as error:
            yield page.finding(("cases", index), "broken-case", str(error).removeprefix(f"{path}:"))

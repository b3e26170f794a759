"""A rule's own tests as text for a terminal, as JSON, and as JUnit XML."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from harness.rule_tests import RuleTest

_WIDEST = len("FAILED")


def rule_tests_text(path: Path, tests: Sequence[RuleTest]) -> str:
    """A line for each test of the rule in *path*, under one that failed its events, and at last the counts.

    >>> print(rule_tests_text(Path("r.yaml"), [RuleTest("All is well", 3, passed=True, message="")]))
    r.yaml
    <BLANKLINE>
    ok      All is well
    <BLANKLINE>
    1 test: 1 ok, 0 failed
    """
    lines = [str(path), ""]
    for test in tests:
        lines.append(f"{_word(test).ljust(_WIDEST)}  {test.name}")
        lines += [f"{' ' * _WIDEST}  {line}" for line in test.message.splitlines()]
    failed = sum(not test.passed for test in tests)
    many = "test" if len(tests) == 1 else "tests"
    return "\n".join([*lines, "", f"{len(tests)} {many}: {len(tests) - failed} ok, {failed} failed"])


def rule_tests_shown(path: Path, tests: Sequence[RuleTest]) -> dict[str, Any]:
    """As JSON has it: `rule` (the file), and `tests`, each with `name`, `line`, `passed` and `message`."""
    return {"rule": str(path), "tests": [test._asdict() for test in tests]}


def rule_tests_suite(path: Path, tests: Sequence[RuleTest]) -> Element:
    """The tests of one rule as a suite of JUnit XML, for `harness.report.junit.junit_xml`."""
    failures = sum(not test.passed for test in tests)
    counts = {"tests": str(len(tests)), "failures": str(failures), "errors": "0", "skipped": "0"}
    suite = Element("testsuite", {"name": str(path), **counts})
    for test in tests:
        case = SubElement(suite, "testcase", classname=str(path), name=test.name, file=str(path), line=str(test.line))
        if not test.passed:
            first, _, _ = test.message.partition("\n")
            SubElement(case, "failure", message=first).text = test.message
    return suite


def _word(test: RuleTest) -> str:
    return "ok" if test.passed else "FAILED"

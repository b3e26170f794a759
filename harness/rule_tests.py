"""A rule's own tests, run: the real engine over a store in memory, event by event in the order in which they stand."""

from pathlib import Path
from typing import NamedTuple

from detector.rules import NewValueRule, load_rule
from detector.selection import RecordError
from harness.rehearsal import Answer, Rehearsal
from harness.rule_test_file import Expected, RuleCase, RuleEvent, RuleTestError, read_rule_tests


class RuleTest(NamedTuple):
    """How one test of a rule went; *line* is that of the test in the rule's file.

    *message* has a line for each event that did not become what was expected; it is empty where the test passed.
    """

    name: str
    line: int
    passed: bool
    message: str


def run_rule_tests(path: Path) -> list[RuleTest]:
    """Run the tests in the rule's file *path*, each from an empty memory.

    Raises one-line errors: of the rule, of its tests, and where the file has none.
    """
    rule = load_rule(path)
    cases = read_rule_tests(path)
    if not cases:
        raise RuleTestError(f"{path}: tests: found nothing; legal: at least one test, or --rule {path} to drill it")
    return [_run(rule, case, path) for case in cases]


def _run(rule: NewValueRule, case: RuleCase, path: Path) -> RuleTest:
    rehearsal = Rehearsal(rule, case.enabled_at)
    failures = []
    for number, event in enumerate(case.events, 1):
        answer = _answer(rehearsal, event, path)
        if not _meets(answer, event.expected):
            found = _told(answer, event.expected)
            failures.append(f"{path}:{event.line}: event {number}: expected {_wanted(event.expected)}, found {found}")
    return RuleTest(case.name, case.line, not failures, "\n".join(failures))


def _answer(rehearsal: Rehearsal, event: RuleEvent, path: Path) -> Answer:
    try:
        return rehearsal.feed(event.record)
    except RecordError as error:
        raise RuleTestError(f"{path}:{event.line}: {error}") from None


def _meets(answer: Answer, expected: Expected) -> bool:
    return answer.verdict == expected.expect and expected.signal in (None, answer.signal)


def _wanted(expected: Expected) -> str:
    return expected.expect if expected.signal is None else f"{expected.expect} (signal {expected.signal})"


def _told(answer: Answer, expected: Expected) -> str:
    signal = "" if expected.signal is None else f" (signal {answer.signal})"
    return f"{answer.verdict}{signal}: {answer.why}"

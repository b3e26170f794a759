"""The outcome of a test: a drill, if there was one, and rules' own tests, together in every format."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from harness.drill_result import DrillResult
from harness.gates.gates import Verdict
from harness.output import json_text
from harness.report.drill import drill_markdown, drill_text
from harness.report.gates import gates_markdown, gates_shown, gates_suite, gates_text
from harness.report.junit import drill_suites, junit_xml
from harness.report.rule_tests import rule_tests_shown, rule_tests_suite, rule_tests_text
from harness.rule_tests import RuleTest
from scenarios.scenario import files

OwnTests: TypeAlias = Mapping[Path, Sequence[RuleTest]]
"""The tests of rules, by the rule's file."""


def outcome_text(result: DrillResult | None, own: OwnTests, chosen: str, verdicts: Sequence[Verdict] = ()) -> str:
    """The drill with the gates set on it, and after it each rule's tests, as ``table``, ``json`` or ``markdown``."""
    if chosen == "json":
        drilled = {} if result is None else {**result.shown(), "gates": gates_shown(verdicts)}
        return json_text({**drilled, "rule_tests": [rule_tests_shown(*each) for each in own.items()]}).decode()
    if chosen == "table":
        parts = [] if result is None else [drill_text(result), gates_text(verdicts)]
        return "\n\n".join(filter(None, [*parts, *(rule_tests_text(*each) for each in own.items())]))
    parts = [] if result is None else [drill_markdown(result), gates_markdown(verdicts)]
    return "\n\n".join(filter(None, [*parts, *(f"```\n{rule_tests_text(*each)}\n```" for each in own.items())]))


def outcome_junit(
    result: DrillResult | None,
    references: Iterable[str],
    own: OwnTests,
    verdicts: Sequence[Verdict] = (),
    *,
    not_run_is_fine: bool,
) -> bytes:
    """The same as JUnit XML; a scenario's file is told as seen from here, one that lies elsewhere not at all."""
    here = Path.cwd()
    found = {name: path.resolve() for name, path in files(references).items()}
    near = {name: path.relative_to(here).as_posix() for name, path in found.items() if path.is_relative_to(here)}
    drilled = drill_suites(result, near, not_run_is_fine=not_run_is_fine) if result else []
    gated = [gates_suite(verdicts)] if verdicts else []
    return junit_xml([*drilled, *gated, *(rule_tests_suite(*each) for each in own.items())])

"""Gates as text for a terminal, as Markdown, as JSON, and as JUnit XML."""

from collections.abc import Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from harness.gates.gates import Verdict
from harness.plain import in_markdown
from harness.report.columns import hanging

_WORDS: Final = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}
_WIDEST: Final = max(map(len, _WORDS.values()))


def gates_text(verdicts: Sequence[Verdict], of: str = "") -> str:
    """A line for each gate, under what they are *of* where that has to be said; nothing without gates."""
    if not verdicts:
        return ""
    lines = [hanging(f"{_WORDS[each.outcome].ljust(_WIDEST)}  ", each.reason) for each in verdicts]
    return "\n".join([f"gates, {of}" if of else "gates", "", *lines])


def gates_markdown(verdicts: Sequence[Verdict], of: str = "") -> str:
    """The same as a Markdown table."""
    if not verdicts:
        return ""
    rows = [f"| {_WORDS[each.outcome]} | {in_markdown(each.reason)} |" for each in verdicts]
    return "\n".join([f"| | gates{in_markdown(f', {of}' if of else '')} |", "|---|---|", *rows])


def gates_shown(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """As JSON has it: `passed`, null without gates, and the `verdicts`."""
    passed = all(each.outcome != "failed" for each in verdicts) if verdicts else None
    return {"passed": passed, "verdicts": [each.shown() for each in verdicts]}


def gates_suite(verdicts: Sequence[Verdict]) -> Element:
    """A suite of JUnit XML with a test for each gate, for `harness.report.junit.junit_xml`."""
    suite = Element("testsuite", name="gates")
    for verdict in verdicts:
        test = SubElement(suite, "testcase", classname="gates", name=f"{verdict.gate} {verdict.figure}")
        match verdict.outcome:
            case "passed":
                SubElement(test, "system-out").text = verdict.reason
            case "failed":
                SubElement(test, "failure", message=verdict.reason).text = verdict.reason
            case "skipped":
                SubElement(test, "skipped", message=verdict.reason)
    for name, path in (("tests", ""), ("failures", "/failure"), ("errors", "/error"), ("skipped", "/skipped")):
        suite.set(name, str(len(suite.findall(f"testcase{path}"))))
    return suite

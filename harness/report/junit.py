"""Results as JUnit XML, which pipelines show test by test.

The elements and attributes are those that Jenkins, GitLab and GitHub's reporters have in common. Nothing is said of
time: a drill has none that is worth comparing.
"""

import re
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.drill_result import DrillResult
from harness.judgement import CaseResult, Judged
from harness.report.drill import circumstances_text, went
from scenarios.case_id import scenario_of

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def junit_xml(suites: Sequence[Element]) -> bytes:
    """Return the document that holds *suites*; what XML cannot hold is replaced in them."""
    top = Element("testsuites", name="vaultdrill")
    top.extend(suites)
    for element in top.iter():
        element.attrib = {name: _written(value) for name, value in element.attrib.items()}
        element.text = element.text and _written(element.text)
    _count(top, list(suites))
    indent(top)
    text: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def drill_suites(result: DrillResult, files: Mapping[str, str], *, not_run_is_fine: bool) -> list[Element]:
    """Return a suite for each seed, with a test for each incident and for each case that was not staged in full.

    The class of a test is the scenario's id, its name the run's, its file that of *files* by the scenario's id.
    What was not staged is skipped where that is fine, and an error where it fails the drill. An incident of which
    nothing was asked is skipped.
    """
    suites = []
    for seed in result.seeds:
        suite = Element("testsuite", name=f"seed {seed}")
        for case in result.cases:
            told = {"classname": scenario_of(case.case), **_file(scenario_of(case.case), files)}
            unfit = "skipped" if not_run_is_fine else "error"
            for judged in (each for each in case.judged if each.sighting.seed == seed):
                test = SubElement(suite, "testcase", told, name=judged.sighting.run)
                _add_outcome(test, case, judged)
            for missing in (each for each in case.not_placed if each.seed == seed):
                test = SubElement(suite, "testcase", told, name=case.case)
                SubElement(test, unfit, message=missing.reason)
        _count(suite, [suite])
        suites.append(suite)
    return suites


def _add_outcome(test: Element, case: CaseResult, judged: Judged) -> None:
    """Say on *test* how the incident went."""
    circumstances = circumstances_text(judged)
    if judged.failure is not None:
        message = f"expected {case.expected}, found {judged.failure}"
        SubElement(test, "failure", message=message).text = circumstances
        return
    if not judged.asked:
        SubElement(test, "skipped", message=went(case))
    SubElement(test, "system-out").text = circumstances


def _file(scenario: str, files: Mapping[str, str]) -> dict[str, str]:
    return {"file": files[scenario]} if scenario in files else {}


def _count(element: Element, suites: Sequence[Element]) -> None:
    """Write on *element* how many tests *suites* hold, and how many of each outcome."""
    for name, path in (("tests", ""), ("failures", "/failure"), ("errors", "/error"), ("skipped", "/skipped")):
        element.set(name, str(sum(len(suite.findall(f"testcase{path}")) for suite in suites)))


def _written(text: str) -> str:
    """Return *text* with a replacement character for each that XML cannot hold."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
